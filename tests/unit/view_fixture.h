/* SPDX-License-Identifier: GPL-2.0 */
/* A run in which something of every kind happened, and what the views make of it. */
#ifndef VIEW_FIXTURE_H
#define VIEW_FIXTURE_H

#include <jansson.h>

#include "fixture.h"
#include "model/counters.h"
#include "test.h"
#include "view/view.h"

#define FIXTURE_SELF 990 /* kvas's own process */
#define FIXTURE_COMM "a,b\x1b[31m\"\xff"

static const struct view_opts fixture_verbose = { .top = -1, .verbose = true };
static const struct view_opts fixture_digest = { .top = 10 };

/* What VIEW prints of S; the caller frees it. */
static inline char *fixture_print(const struct view *view, const struct summary *s,
				  const struct view_opts *o)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	view_summary(view, f, s, o);
	fclose(f);
	return text;
}

/* The text of live's block of S, after the interval BEFORE; NULL: it is the first. */
static inline char *fixture_interval(const struct summary *s, const struct summary *before)
{
	static const struct view_opts o = { .top = 5 };
	struct figures now, was;
	struct view_out v = { .g = &now, .o = &o, .clock = "05:11:02" };
	char *text = NULL;
	size_t len;

	figures_of(s, &now);
	if (before)
		figures_of(before, &was);
	v.before = before ? &was : NULL;
	v.f = open_memstream(&text, &len);
	assert_non_null(v.f);
	view_walk(&view_interval, &v);
	fclose(v.f);
	return text;
}

static inline json_t *fixture_json(const struct summary *s)
{
	char *text = fixture_print(&view_json, s, &fixture_digest);
	json_error_t e;
	json_t *root = json_loads(text, 0, &e);

	if (!root)
		fail_msg("%s in %s", e.text, text);
	free(text);
	return root;
}

/* What stands at PATH, whose keys hold no dots; NULL where there is nothing. */
static inline json_t *fixture_at(json_t *root, const char *path)
{
	char copy[128], *save;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *k = strtok_r(copy, ".", &save); k; k = strtok_r(NULL, ".", &save))
		root = json_object_get(root, k);
	return root;
}

static inline __s64 fixture_number(json_t *root, const char *path)
{
	json_t *v = fixture_at(root, path);

	if (!json_is_integer(v))
		fail_msg("%s is no number", path);
	return json_integer_value(v);
}

/* The reason that KEY, "unknown" or "lower_bounds", gives for PATH; NULL it gives none. */
static inline const char *fixture_reason(json_t *root, const char *key, const char *path)
{
	return json_string_value(json_object_get(json_object_get(root, key), path));
}

/* No line is wider than a terminal's 80 columns. */
static inline void fixture_narrow(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > 80)
			fail_msg("%zu columns: %.*s", len, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static inline size_t fixture_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* A small run of two seconds: few hooks, KPTI off, some records of faults lost. */
struct small_run {
	struct meta meta;
	struct summary s;
	struct process_sum procs[2];
	__u64 by_cpu[3][KVAS_C_COUNT];
};

static inline void small_run_counts(__u64 *c)
{
	c[KVAS_C_FORK] = 37;
	c[KVAS_C_EXEC] = 31;
	c[KVAS_C_EXIT] = 36;
	c[KVAS_C_PGD_ALLOC] = 68;
	c[KVAS_C_PGD_FREE] = 60;
	c[KVAS_C_SYSCALL] = 100003;
	c[KVAS_C_FAULT_USER] = 1009;
	c[KVAS_C_FAULT_KERNEL] = 11;
	c[KVAS_C_IRQ_USER] = 500;
	c[KVAS_C_SWITCH] = 422;
	c[KVAS_C_SWITCH_MM_LOADED] = 400;
	c[KVAS_C_SWITCH_LAZY_KTHREAD] = 22;
	c[KVAS_C_CR3_FLUSH] = 300;
	c[KVAS_C_CR3_NOFLUSH] = 101;
	c[KVAS_C_CR3_TLB_FLUSH] = 33;
	c[KVAS_C_FAULT_CODE + 6] = 1009;
	c[KVAS_C_FAULT_CODE + 2] = 11;
	c[KVAS_C_FAULT_REGION + KVAS_REGION_USER] = 1020;
	c[KVAS_C_VM_ALLOC] = 3;
	c[KVAS_C_VM_ALLOC_BYTES] = 61440;
	c[KVAS_C_LOST_RING + KVAS_KIND_FAULT] = 20;
}

static inline void small_run(struct small_run *r)
{
	memset(r, 0, sizeof(*r));
	fixture_meta(&r->meta);
	r->s.meta = &r->meta;
	r->s.length_ns = r->meta.end_ns - r->meta.start_ns;
	small_run_counts(r->s.c);
	r->s.seen[KVAS_KIND_FAULT] = 1000;
	r->s.seen[KVAS_KIND_TASK] = 104;
	r->s.objects[OBJECT_STACK][KVAS_REGION_VMALLOC] = 37;
	r->procs[0] = (struct process_sum){ { .pid = 4711 }, FIXTURE_COMM, { 100003, 1009, 11, 500, 7, 9 }, false };
	r->procs[1] = (struct process_sum){ { .pid = 12 }, "sh", { 1, 2, 3, 4, 5, 6 }, false };
	/* A third on CPU 0, nothing on 1, the rest on 2. */
	for (int c = 0; c < KVAS_C_COUNT; c++) {
		r->by_cpu[0][c] = r->s.c[c] / 3;
		r->by_cpu[2][c] = r->s.c[c] - r->s.c[c] / 3;
	}
	r->s.cpu = (const __u64(*)[KVAS_C_COUNT])r->by_cpu;
	r->s.nr_cpus = 3;
	r->s.processes = r->procs;
	r->s.nr_processes = 2;
}

/* A run with all hooks, in which every figure of figures.def has a value. */
struct full_run {
	struct meta meta;
	struct agg *agg;
	struct summary s;
};

static inline void full_run_meta(struct meta *m)
{
	fixture_meta(m);
	m->nr_hooks = 0;
	/* Where pgd_alloc has no hook and flushes are counted by purges: both flags are true. */
	for (int h = 0; h < HOOK_COUNT; h++)
		fixture_hook(m, hook_table[h].name, "tp_btf x",
			     h == HOOK_kernel_flush ? "none" :
			     h == HOOK_pgd_alloc    ? "derived" :
						      "observed",
			     "");
	m->host.kpti = ANSWER_YES;
	m->host.slots = ANSWER_YES;
	m->self = (struct self_info){ FIXTURE_SELF, 123456789, 20 << 20 };
	strcpy(m->command, "make -j4 all");
	for (int i = 0; i < 12; i++) {
		char what[32];

		snprintf(what, sizeof(what), "program_%d", i);
		meta_add_loss(m, "recursion", what, 1000000000 + i);
	}
}

/* One vmalloc area is live, one left behind by process 7, one lazy and one purged; of two that were there
 * before one was freed. */
static inline void full_run_areas(struct agg *a)
{
	static const struct {
		__u32 op, pid;
		__u64 time, address;
	} event[] = {
		{ KVAS_VM_THERE, 0, 9, 0x50000 },   { KVAS_VM_THERE, 0, 9, 0x60000 },
		{ KVAS_VM_ALLOC, 7, 10, 0x10000 },  { KVAS_VM_ALLOC, 8, 11, 0x20000 },
		{ KVAS_VM_ALLOC, 8, 12, 0x30000 },  { KVAS_VM_ALLOC, 8, 13, 0x40000 },
		{ KVAS_VM_FREE, 8, 20, 0x30000 },   { KVAS_VM_PURGE, 9, 30, 0x30000 },
		{ KVAS_VM_FLUSH, 9, 31, 0x30000 },  { KVAS_VM_FREE, 8, 40, 0x40000 },
		{ KVAS_VM_FREE, 8, 41, 0x60000 },
	};
	union kvas_record r;

	for (size_t i = 0; i < sizeof(event) / sizeof(event[0]); i++) {
		fixture_record(&r, KVAS_KIND_VMALLOC, 1);
		r.vm.h.time_ns = event[i].time;
		r.vm.h.pid = event[i].pid;
		r.vm.op = event[i].op;
		r.vm.address = 0xffffb00000000000ULL + event[i].address;
		r.vm.bytes = 8192;
		r.vm.areas = event[i].op == KVAS_VM_PURGE;
		r.vm.alloc_ns = event[i].op == KVAS_VM_FREE ? 12 : 0;
		r.vm.lazy_bytes = 81920;
		agg_event(a, &r);
	}
	fixture_record(&r, KVAS_KIND_TASK, 1);
	r.task.h.pid = 7;
	r.task.h.time_ns = 50;
	r.task.group_dead = 1;
	agg_event(a, &r);
}

static inline void full_run_samples(struct agg *a)
{
	union kvas_record r;

	for (__u64 n = 0; n < 1200; n++) {
		fixture_record(&r, KVAS_KIND_ACCESS, n);
		agg_event(a, &r);
	}
	r.access.mode = KVAS_ACCESS_USER;
	agg_event(a, &r);
}

/* EACH: how often everything happened that a counter counts. */
static inline void full_run(struct full_run *r, __u64 each)
{
	union kvas_record rec;
	char comm[KVAS_COMM_LEN] = "worker";

	memset(r, 0, sizeof(*r));
	full_run_meta(&r->meta);
	r->agg = agg_create(&r->meta);
	assert_non_null(r->agg);
	for (int c = 0; c < KVAS_C_COUNT; c++)
		if (counter_name(c) && strncmp(counter_name(c), "lost.", 5))
			agg_counter(r->agg, c % 4, c, c == KVAS_C_CR3_FLUSH ? 3 * each : each);
	agg_counter(r->agg, 0, KVAS_C_LOST_RING + KVAS_KIND_FAULT, each);
	for (unsigned int kind = KVAS_KIND_TASK; kind < KVAS_KIND_END; kind++)
		for (__u64 n = 0; n < 60 && kind != KVAS_KIND_VMALLOC; n++) {
			fixture_record(&rec, kind, n);
			agg_event(r->agg, &rec);
		}
	full_run_areas(r->agg);
	full_run_samples(r->agg);
	for (__u32 pid = 1000; pid < 7000; pid++)
		for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
			agg_process(r->agg, (struct process_id){ .pid = pid }, comm, t, each / 4000 + 1);
	for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
		agg_process(r->agg, (struct process_id){ .pid = FIXTURE_SELF }, comm, t, each);
	agg_summary(r->agg, &r->s);
	r->s.kpti_cost_ns = 100;
}

static inline void full_run_end(struct full_run *r)
{
	agg_destroy(r->agg);
}

#endif
