// SPDX-License-Identifier: GPL-2.0
#include "agg/summary.h"

#include <stdlib.h>
#include <string.h>

#include "agg/processes.h"
#include "agg/rows.h"
#include "pgtable/region.h"

struct agg {
	struct summary sum; /* without processes, which agg_summary sets */
	struct processes *processes;
	struct accesses *accesses;
	struct areas *areas;
	struct memory *memory;
	struct region_map map; /* of meta's layout */
	bool map_made;
	__u64 (*cpu)[KVAS_C_COUNT];
	__u32 nr_cpus, cap_cpus;
	__u64 told[KVAS_C_COUNT]; /* by the records of a recording that is cut short */
};

/* A recording may name any CPU; no machine has more (NR_CPUS, 7.2). */
#define MAX_CPUS 8192

const char *object_name(enum object_kind o)
{
	static const char *const names[OBJECT_COUNT] = {
		[OBJECT_TASK] = "task", [OBJECT_STACK] = "stack", [OBJECT_MM] = "mm",
		[OBJECT_PGD] = "pgd",
	};

	return names[o];
}

const char *object_hook_name(enum object_hook hook)
{
	static const char *const names[MET_COUNT] = {
		[MET_TASK + KVAS_TASK_FORK - 1] = "fork",
		[MET_TASK + KVAS_TASK_THREAD - 1] = "thread",
		[MET_TASK + KVAS_TASK_EXEC - 1] = "exec",
		[MET_TASK + KVAS_TASK_EXIT - 1] = "exit",
		[MET_TASK + KVAS_TASK_VFORK - 1] = "vfork",
		[MET_TASK + KVAS_TASK_KTHREAD - 1] = "kthread",
		[MET_PGD_ALLOC] = "pgd_alloc",
		[MET_PGD_FREE] = "pgd_free",
		[MET_SWITCH] = "switch",
	};

	return names[hook];
}

struct agg *agg_create(const struct meta *meta)
{
	struct agg *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->sum.meta = meta;
	a->processes = processes_create();
	a->accesses = accesses_create();
	a->areas = areas_create();
	a->memory = memory_create();
	if (!a->processes || !a->accesses || !a->areas || !a->memory) {
		agg_destroy(a);
		return NULL;
	}
	return a;
}

void agg_destroy(struct agg *a)
{
	if (a) {
		processes_destroy(a->processes);
		accesses_destroy(a->accesses);
		areas_destroy(a->areas);
		memory_destroy(a->memory);
		free(a->cpu);
	}
	free(a);
}

/* The layout may be learnt after the aggregator was made, but it is known before the first
 * event. */
static enum kvas_region region_at(struct agg *a, __u64 addr)
{
	if (!a->map_made) {
		region_map_make(&a->map, &a->sum.meta->host.layout);
		a->map_made = true;
	}
	return region_map_find(&a->map, addr);
}

/* Address 0 is "not known", which lies in no region. */
static void place(struct agg *a, enum object_kind o, __u64 addr)
{
	if (addr)
		a->sum.objects[o][region_at(a, addr)]++;
}

static void meet(struct agg *a, enum object_hook hook, enum object_kind o, __u64 addr)
{
	if (addr)
		a->sum.met[hook][o][region_at(a, addr)]++;
}

/* CPUs' clocks may differ by a little: an end before its beginning measures that,
 * not a duration. */
static void duration(struct hist *h, __u64 begin, __u64 end)
{
	if (begin && end >= begin)
		hist_add(h, end - begin);
}

/* Each object once, when it comes into being: threads and vfork share an mm that
 * was there before. */
static void task_event(struct agg *a, const struct kvas_rec_task *r)
{
	if (r->op >= KVAS_TASK_FORK && r->op <= KVAS_TASK_KTHREAD) {
		meet(a, MET_TASK + r->op - 1, OBJECT_TASK, r->task);
		meet(a, MET_TASK + r->op - 1, OBJECT_STACK, r->stack);
		meet(a, MET_TASK + r->op - 1, OBJECT_MM, r->mm);
		meet(a, MET_TASK + r->op - 1, OBJECT_PGD, r->pgd);
	}
	switch (r->op) {
	case KVAS_TASK_FORK:
		place(a, OBJECT_MM, r->mm);
		__attribute__((fallthrough));
	case KVAS_TASK_THREAD:
	case KVAS_TASK_VFORK:
	case KVAS_TASK_KTHREAD:
		place(a, OBJECT_TASK, r->task);
		place(a, OBJECT_STACK, r->stack);
		areas_stack(a->areas, r->stack, r->child_pid);
		break;
	case KVAS_TASK_EXEC:
		place(a, OBJECT_MM, r->mm);
		break;
	case KVAS_TASK_EXIT:
		if (r->group_dead)
			areas_exit(a->areas, r->h.pid);
		break;
	}
}

static void pgd_event(struct agg *a, const struct kvas_rec_pgd *r)
{
	enum object_hook hook = r->op == KVAS_PGD_ALLOC ? MET_PGD_ALLOC : MET_PGD_FREE;

	meet(a, hook, OBJECT_PGD, r->pgd);
	meet(a, hook, OBJECT_MM, r->mm);
	a->sum.pgd_derived += r->how == KVAS_HOW_DERIVED;
	if (r->op == KVAS_PGD_ALLOC) {
		place(a, OBJECT_PGD, r->pgd);
		return;
	}
	duration(&a->sum.pgd_lifetime_ns, r->alloc_ns, r->h.time_ns);
	duration(&a->sum.pgd_exit_to_free_ns, r->exit_ns, r->h.time_ns);
}

static void switch_event(struct agg *a, const struct kvas_rec_switch *r)
{
	meet(a, MET_SWITCH, OBJECT_MM, r->prev_mm);
	meet(a, MET_SWITCH, OBJECT_MM, r->next_mm);
}

static void vmalloc_event(struct agg *a, const struct kvas_rec_vmalloc *r)
{
	areas_add(a->areas, r);
	if (r->op == KVAS_VM_FREE)
		duration(&a->sum.vm_lifetime_ns, r->alloc_ns, r->h.time_ns);
	if (r->op != KVAS_VM_ALLOC || !r->bytes)
		return;
	hist_add(&a->sum.vm_bytes, r->bytes);
	memory_add_area(a->memory, r, region_at(a, r->address));
}

void agg_event(struct agg *a, const union kvas_record *r)
{
	if (!r->h.kind || r->h.kind >= KVAS_KIND_END)
		return;
	a->sum.seen[r->h.kind]++;
	if (meta_cut_why(a->sum.meta))
		rows_count(r, a->sum.meta->emit,
			   r->h.kind == KVAS_KIND_FAULT ? region_at(a, r->fault.address) : 0, a->told);
	if (r->h.kind == KVAS_KIND_TASK)
		task_event(a, &r->task);
	else if (r->h.kind == KVAS_KIND_PGD)
		pgd_event(a, &r->pgd);
	else if (r->h.kind == KVAS_KIND_SWITCH)
		switch_event(a, &r->sw);
	else if (r->h.kind == KVAS_KIND_VMALLOC)
		vmalloc_event(a, &r->vm);
	else if (r->h.kind == KVAS_KIND_ACCESS)
		accesses_add(a->accesses, &r->access);
	else if (r->h.kind == KVAS_KIND_MEMORY)
		memory_add(a->memory, &r->memory);
}

static bool room_for(struct agg *a, __u32 cpu)
{
	__u32 cap = a->cap_cpus ? a->cap_cpus : 8;
	void *p;

	if (cpu < a->cap_cpus)
		return true;
	if (cpu >= MAX_CPUS)
		return false;
	while (cap <= cpu)
		cap *= 2;
	p = realloc(a->cpu, cap * sizeof(*a->cpu));
	if (!p)
		return false;
	a->cpu = p;
	memset(a->cpu[a->cap_cpus], 0, (cap - a->cap_cpus) * sizeof(*a->cpu));
	a->cap_cpus = cap;
	return true;
}

void agg_counter(struct agg *a, __u32 cpu, unsigned int c, __u64 delta)
{
	if (c >= KVAS_C_COUNT)
		return;
	a->sum.c[c] += delta;
	if (!room_for(a, cpu))
		return;
	a->cpu[cpu][c] += delta;
	if (cpu >= a->nr_cpus)
		a->nr_cpus = cpu + 1;
}

void agg_process(struct agg *a, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int t,
		 __u64 delta)
{
	if (t >= KVAS_T_COUNT)
		return;
	accesses_name(a->accesses, id.pid, comm);
	if (id.pid && id.pid == a->sum.meta->self.pid)
		a->sum.self[t] += delta;
	else
		processes_add(a->processes, id, comm, t, delta);
}

static void agg_on_event(void *ctx, const union kvas_record *ev)
{
	agg_event(ctx, ev);
}

static void agg_on_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	(void)time_ns;
	agg_counter(ctx, cpu, c, delta);
}

static void agg_on_process(void *ctx, __u64 time_ns, struct process_id id, const char comm[KVAS_COMM_LEN],
			    unsigned int t, __u64 delta)
{
	(void)time_ns;
	agg_process(ctx, id, comm, t, delta);
}

static int agg_on_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	struct agg *a = ctx;

	(void)time_ns, (void)length_ns, (void)e;
	a->sum.counted = true;
	return 0;
}

struct sink agg_sink(struct agg *a)
{
	return (struct sink){ .ctx = a, .event = agg_on_event, .counter = agg_on_counter,
			      .process = agg_on_process, .interval = agg_on_interval };
}

void agg_accesses(struct agg *a, struct access_summary *out)
{
	accesses_summary(a->accesses, out);
}

const __u64 *agg_counters(const struct agg *a)
{
	return a->sum.c;
}

void agg_summary(struct agg *a, struct summary *s)
{
	const struct meta *m = a->sum.meta;

	*s = a->sum;
	for (int c = 0; c < KVAS_C_COUNT; c++)
		if (a->told[c] > s->c[c])
			s->c[c] = a->told[c];
	s->length_ns = m->end_ns > m->start_ns ? m->end_ns - m->start_ns : 0;
	s->self_cpu_ns = m->self.cpu_ns;
	s->cpu = (const __u64(*)[KVAS_C_COUNT])a->cpu;
	s->nr_cpus = a->nr_cpus;
	agg_accesses(a, &s->accesses);
	areas_summary(a->areas, &s->areas);
	memory_summary(a->memory, &s->memory);
	s->processes = processes_sorted(a->processes, &s->nr_processes, &s->processes_folded);
}
