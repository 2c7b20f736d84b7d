/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "kernel/iter.h"
#include "kernel/kernel_btf.h"
#include "kernel/refusal.h"
#include "kvas/totals.h"
#include "model/words.h"
#include "pgtable/region.h"
#include "trace/budget.h"
#include "trace/session_impl.h"
#include "trace/visitor.h"

/* The end of libbpf's and the verifier's words, for the error message. */
static char log_tail[256];

static int keep_log(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[1024];

	if (level > LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	/* The first warning names the program and the cause; later ones follow from it. */
	if (!log_tail[0])
		snprintf(log_tail, sizeof(log_tail), "%.*s", (int)sizeof(log_tail) - 1, line);
	return 0;
}

static void configure(struct session *s, const struct session_opts *opts,
		      const struct plan *plan, const struct meta *meta, unsigned int rings)
{
	struct kvas_config *cfg = (struct kvas_config *)&s->skel->rodata->cfg;
	const struct hook_candidate *alloc = plan_chosen(plan, "pgd_alloc");

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		region_bounds(&meta->host.layout, r, &cfg->region_start[r], &cfg->region_end[r]);
	cfg->emit = opts->emit;
	cfg->filter = opts->filter;
	cfg->cgroup = opts->cgroup.id;
	cfg->cgroup_level = opts->cgroup.level;
	cfg->nr_rings = rings;
	cfg->wakeup_bytes = budget_ring_bytes(opts->ring_bytes, rings) / 4;
	cfg->pgd_derived = alloc && alloc->derived;
	cfg->thread_size = meta->host.thread_size;
	cfg->pcid = meta->host.pcid == ANSWER_YES;
	cfg->tlbstate = meta->host.tlbstate;
	cfg->percpu_offsets = meta->host.percpu_offsets;
	memcpy(cfg->comm, opts->comm, sizeof(cfg->comm));
	if (opts->map_size) {
		bpf_map__set_max_entries(s->skel->maps.task_states, opts->map_size);
		bpf_map__set_max_entries(s->skel->maps.pgds, opts->map_size);
		bpf_map__set_max_entries(s->skel->maps.areas, opts->map_size);
	}
	if (!(opts->emit & (1u << KVAS_KIND_MEMORY))) {
		bpf_map__set_autocreate(s->skel->maps.memory_sums, false);
		bpf_map__set_autocreate(s->skel->maps.memory_stacks, false);
	}
}

/* The program of a plan's row by NAME. */
static struct bpf_program *program(struct session *s, const char *name)
{
	struct bpf_program *p = bpf_object__find_program_by_name(s->skel->obj, name);

	return s->direct && p == s->skel->progs.sched_switch ? s->skel->progs.sched_switch_direct : p;
}

/* Autoload off, then on for what the plan chose. */
static void choose_programs(struct session *s, const struct plan *plan)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, s->skel->obj)
		bpf_program__set_autoload(p, p == s->skel->progs.task_iter);
	for (size_t i = 0; i < plan->nr; i++) {
		const struct plan_row *row = &plan->row[i];

		if (row->chosen >= 0 && row->hook->candidate[row->chosen].program)
			bpf_program__set_autoload(
				program(s, row->hook->candidate[row->chosen].program), true);
	}
	bpf_program__set_autoload(s->skel->progs.pgd_order_probe, true);
}

static int attach(struct session *s, struct plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->nr; i++) {
		const struct plan_row *row = &plan->row[i];
		const char *name;
		struct bpf_link *link;
		int error;

		if (row->chosen < 0 || !row->hook->candidate[row->chosen].program)
			continue;
		name = row->hook->candidate[row->chosen].program;
		link = bpf_program__attach(program(s, name));
		error = errno;
		if (link) {
			s->links[s->nr_links++] = link;
			continue;
		}
		if (row->hook->required)
			return refusal(e, error, "hook '%s' cannot be attached", row->hook->name);
		plan_drop(plan, i, -error, strerror(error));
	}
	s->iter = bpf_program__attach_iter(s->skel->progs.task_iter, NULL);
	if (!s->iter)
		return refusal(e, errno, "the task iterator cannot be attached");
	return 0;
}

/* The switch to kvas and back makes each CPU's program learn who is current and whether the filter
 * wants it: a task that spins alone would otherwise not be seen until it sleeps. */
void session_visit_cpus(struct session *s)
{
	visitor_round(s->visitor, VISIT_MS);
}

/* Run the task iterator; rows into s->tasks. */
static int iterate(struct session *s, size_t *nr, struct err *e)
{
	size_t got;

	if (iter_read(s->iter, &s->tasks, &s->tasks_room, &got, e))
		return -1;
	*nr = got / sizeof(struct kvas_iter_task);
	return 0;
}

/* mm of task TID as the iterator sees it; 0 none. */
static __u64 task_mm(struct session *s, pid_t tid)
{
	const struct kvas_iter_task *rows;
	size_t nr;

	if (iterate(s, &nr, NULL))
		return 0;
	rows = s->tasks;
	for (size_t i = 0; i < nr; i++)
		if (rows[i].tid == (__u32)tid)
			return rows[i].mm;
	return 0;
}

bool session_tracks(struct session *s)
{
	const struct kvas_iter_task *rows;
	size_t nr;

	if (iterate(s, &nr, NULL))
		return true;
	rows = s->tasks;
	for (size_t i = 0; i < nr; i++)
		if (rows[i].tracked)
			return true;
	return false;
}

#define ORDER_NS (NS_PER_S / 5) /* the wait for a PGD's free */

/* Let a child come and go, so that its PGD is freed while the probe looks. The
 * free follows the last reference, at the latest when another task runs on the
 * child's CPU: it is waited for, and given up after some milliseconds. */
static void learn_pgd_order(struct session *s)
{
	struct bpf_link *link = bpf_program__attach(s->skel->progs.pgd_order_probe);
	int gate[2];
	__u64 end;
	pid_t pid;
	char c;

	if (!link || pipe2(gate, O_CLOEXEC)) {
		bpf_link__destroy(link);
		return;
	}
	pid = fork();
	if (!pid) {
		close(gate[1]);
		_exit(read(gate[0], &c, 1) != 0);
	}
	if (pid > 0)
		s->skel->bss->order_probe_mm = task_mm(s, pid);
	close(gate[0]);
	close(gate[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	end = clock_monotonic_ns() + ORDER_NS;
	while (clock_monotonic_ns() < end && s->skel->bss->order_probe_mm) {
		session_visit_cpus(s);
		usleep(1000);
	}
	s->skel->bss->order_probe_mm = 0;
	bpf_link__destroy(link);
}

/* Open and load what the plan chose. 0 or a negative errno; ENOMEM also when it cannot be opened. */
static int load(struct session *s, const struct session_opts *opts, const struct plan *plan,
		const struct meta *meta, unsigned int rings)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .btf_custom_path = KERNEL_BTF);
	int error;

	kvas_bpf__destroy(s->skel);
	s->skel = kvas_bpf__open_opts(&open_opts);
	if (!s->skel)
		return -ENOMEM;
	configure(s, opts, plan, meta, rings);
	choose_programs(s, plan);
	log_tail[0] = '\0';
	libbpf_set_print(keep_log);
	error = kvas_bpf__load(s->skel);
	libbpf_set_print(NULL);
	return error;
}

static int load_programs(struct session *s, const struct session_opts *opts, struct plan *plan,
			 const struct meta *meta, unsigned int rings, struct err *e)
{
	int error;

	s->direct = meta->host.slots == ANSWER_YES;
	error = load(s, opts, plan, meta, rings);
	if (error == -ENOENT && s->direct) {
		s->direct = false;
		error = load(s, opts, plan, meta, rings);
	}
	/* Limits and rights have words of their own; else libbpf's name the program. */
	if (error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -EPERM ||
	    error == -EACCES)
		return refusal(e, -error, "the BPF programs cannot be loaded");
	if (error)
		return err_set_status(e, KVAS_EXIT_HOST,
				      "the BPF programs are refused by this kernel (%s): %s",
				      strerror(-error), log_tail);
	if (rings_create(&s->rings, bpf_map__fd(s->skel->maps.rings), rings,
			 budget_ring_bytes(opts->ring_bytes, rings), e))
		return -1;
	return attach(s, plan, e);
}

int session_create(struct session **out, const struct session_opts *opts,
		   struct plan *plan, struct meta *meta, struct err *e)
{
	struct session *s = calloc(1, sizeof(*s));
	unsigned int rings;

	if (!s)
		return err_set(e, "out of memory");
	s->cpus = libbpf_num_possible_cpus();
	s->wanted_pid = opts->pid;
	rings = budget_rings(s->cpus);
	s->cpu[0] = calloc(s->cpus, sizeof(struct kvas_cpu));
	s->cpu[1] = calloc(s->cpus, sizeof(struct kvas_cpu));
	if (!s->cpu[0] || !s->cpu[1]) {
		session_destroy(s);
		return err_set(e, "out of memory for %u CPUs", s->cpus);
	}
	if (load_programs(s, opts, plan, meta, rings, e)) {
		session_destroy(s);
		return -1;
	}
	s->visitor = visitor_create(s->cpus);
	learn_pgd_order(s);
	plan_to_meta(plan, meta);
	meta->emit = opts->emit;
	*out = s;
	return 0;
}

void session_destroy(struct session *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nr_links; i++)
		bpf_link__destroy(s->links[i]);
	bpf_link__destroy(s->iter);
	rings_destroy(s->rings);
	visitor_destroy(s->visitor);
	kvas_bpf__destroy(s->skel);
	free(s->cpu[0]);
	free(s->cpu[1]);
	free(s->tasks);
	free(s);
}

int session_fd(const struct session *s)
{
	return rings_fd(s->rings);
}

size_t session_drain(struct session *s, rings_fn fn, void *ctx)
{
	return rings_drain(s->rings, fn, ctx);
}

void session_drain_rest(struct session *s, rings_fn fn, void *ctx)
{
	rings_finish(s->rings, fn, ctx);
}

unsigned int session_cpus(const struct session *s)
{
	return s->cpus;
}

bool session_memory(const struct session *s, int *sums, int *stacks)
{
	*sums = bpf_map__fd(s->skel->maps.memory_sums);
	*stacks = bpf_map__fd(s->skel->maps.memory_stacks);
	return *sums >= 0 && *stacks >= 0;
}

int session_areas(const struct session *s)
{
	return bpf_map__fd(s->skel->maps.areas);
}

int session_read_into(struct session *s, struct kvas_cpu *buf, struct err *e)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.cpus), &zero, buf))
		return err_set(e, "the per-CPU counters cannot be read: %s", strerror(errno));
	return 0;
}

const struct kvas_cpu *session_read_cpus(struct session *s, struct err *e)
{
	return session_read_into(s, s->cpu[0], e) ? NULL : s->cpu[0];
}

/* What the running task of a CPU did since it came on is not in its state yet. If
 * the CPU did not switch between the readings around the iteration, it can be
 * added; if it did, the state has it already. */
static void add_running(struct session *s, size_t nr)
{
	struct kvas_iter_task *rows = s->tasks;

	for (unsigned int cpu = 0; cpu < s->cpus; cpu++) {
		const struct kvas_cpu *a = &s->cpu[0][cpu], *b = &s->cpu[1][cpu];
		__u64 now[KVAS_T_COUNT];

		if (!b->seen || !b->tid || a->tid != b->tid ||
		    a->c[KVAS_C_SWITCH] != b->c[KVAS_C_SWITCH] ||
		    memcmp(a->base, b->base, sizeof(a->base)))
			continue;
		kvas_totals(b, now);
		for (size_t i = 0; i < nr; i++) {
			__u64 *c = rows[i].c;

			if (rows[i].tid != b->tid)
				continue;
			for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
				c[t] += now[t] - b->base[t];
			break;
		}
	}
}

const struct kvas_iter_task *session_read_tasks(struct session *s, size_t *nr, struct err *e)
{
	if (session_read_into(s, s->cpu[0], e) || iterate(s, nr, e) || session_read_into(s, s->cpu[1], e))
		return NULL;
	add_running(s, *nr);
	return s->tasks;
}

static void open_gate(struct session *s, struct meta *meta)
{
	meta->start_ns = clock_monotonic_ns();
	meta->start_unix_ns = clock_realtime_ns();
	s->skel->bss->gate = 1;
}

/* On a CPU that is busy rather than taken, a switch comes without a visit. */
static void learn_who_runs(struct session *s, struct meta *meta)
{
	visitor_round(s->visitor, VISIT_START_MS);
	if (session_read_into(s, s->cpu[0], NULL))
		return;
	for (unsigned int cpu = 0; cpu < s->cpus; cpu++)
		if (s->cpu[0][cpu].seen)
			visitor_switched(s->visitor, cpu);
	visitor_losses(s->visitor, meta);
}

int session_start(struct session *s, struct meta *meta, bool quiet, struct err *e)
{
	size_t nr;

	s->skel->bss->iter_seed = 1;
	s->skel->bss->iter_track = s->wanted_pid;
	if (!quiet)
		open_gate(s, meta);
	if (iterate(s, &nr, e))
		return -1;
	s->skel->bss->iter_seed = 0;
	s->skel->bss->iter_track = 0;
	meta->pgd_live_start = s->skel->bss->iter_seeded;
	if (quiet)
		open_gate(s, meta);
	else
		learn_who_runs(s, meta);
	return 0;
}

void session_stop(struct session *s, struct meta *meta)
{
	s->skel->bss->gate = 0;
	rings_wait_programs(s->rings);
	meta->end_ns = clock_monotonic_ns();
	meta->pgd_order = s->skel->data->pgd_order;
}

void session_detach(struct session *s)
{
	for (size_t i = 0; i < s->nr_links; i++)
		bpf_link__destroy(s->links[i]);
	s->nr_links = 0;
}
