/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/tracer.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agg/tasks.h"
#include "clock.h"
#include "kernel/confine.h"
#include "kernel/features.h"
#include "kernel/host.h"
#include "kernel/ksyms.h"
#include "kernel/space.h"
#include "trace/budget.h"
#include "trace/callers.h"
#include "trace/child.h"
#include "trace/control.h"
#include "trace/ending.h"
#include "model/hooks.h"
#include "trace/memory.h"
#include "trace/plan.h"
#include "trace/sampler.h"
#include "trace/self.h"
#include "trace/session.h"

#ifndef KVAS_VERSION
#define KVAS_VERSION "0.1.0"
#endif

/* Rings wake the reader when a quarter full; what is less waits for this. */
#define TICK_MS 100
/* How long to wait for the PGDs of a command that ended. */
#define SETTLE_TRIES 40
#define SETTLE_US 5000
#define LARGE_BYTES (256 * 1024)

struct tracer {
	const struct run_opts *opts;
	struct meta *meta;
	struct features *features; /* NULL once all is attached */
	struct reader *reader;
	struct plan plan;
	struct session *session;
	struct sampler *sampler; /* NULL: meta says why */
	struct symbols_later *symbols; /* of the kernel; NULL: nothing needs them */
	struct memory_sums *memory; /* NULL: not asked for */
	__u64 *sampled_lost; /* by CPU, at the end of the last interval */
	struct tasks *tasks;
	struct child child;
	struct control control;
	enum { WINDOW_WAITS, WINDOW_OPEN, WINDOW_SHUT } window;
	const struct sink *sink;
	struct kvas_cpu *last; /* counters at the end of the last interval */
	__u64 interval_ns; /* when the current interval began */
	struct self self;
	bool passed; /* a signal on to the command */
};

static void join_argv(char **argv, char *buf, size_t len)
{
	size_t at = 0;

	buf[0] = '\0';
	for (int i = 0; argv[i] && at < len; i++)
		at += snprintf(buf + at, len - at, "%s%s", i ? " " : "", argv[i]);
}

static int choose_filter(struct tracer *t, struct session_opts *o, struct err *e)
{
	const struct run_opts *opts = t->opts;

	if (opts->command)
		join_argv(opts->command, t->meta->command, sizeof(t->meta->command));
	if (opts->all)
		return 0;
	if ((opts->command || opts->pid) && space_inner_pid_ns())
		return err_set_status(e, KVAS_EXIT_HOST, "kvas runs in a PID namespace of its own, "
				      "where it cannot follow a process: run it in the first "
				      "one, or count the whole host (-a)");
	if (opts->command) {
		o->filter = KVAS_FILTER_TREE;
		o->pid = t->child.pid;
		snprintf(t->meta->filter, sizeof(t->meta->filter), "the command and its children");
	} else if (opts->pid) {
		if (space_followable(opts->pid, e))
			return -1;
		o->filter = KVAS_FILTER_TREE;
		o->pid = opts->pid;
		snprintf(t->meta->filter, sizeof(t->meta->filter), "pid %d and its new children",
			 opts->pid);
	} else if (opts->comm[0]) {
		o->filter = KVAS_FILTER_COMM;
		memcpy(o->comm, opts->comm, sizeof(o->comm));
		snprintf(t->meta->filter, sizeof(t->meta->filter), "comm %.*s", KVAS_COMM_LEN,
			 opts->comm);
	}
	return 0;
}

static int open_with(struct tracer *t, plan_attempt attempt, struct session_opts *o, struct err *e)
{
	if (plan_make(hook_table, HOOK_COUNT, o->emit, attempt, t->features, &t->plan, e))
		return -1;
	if (!t->meta->host.thread_size)
		plan_drop_stack_hooks(&t->plan);
	return session_create(&t->session, o, &t->plan, t->meta, e);
}

/* Without a sampler the rest of the run stands: META says why it is not there. */
static void open_sampler(struct tracer *t, struct session_opts *o)
{
	struct sampler_opts want = { .hz = t->opts->sample_hz, .symbols = t->symbols,
				     .reader = t->reader };
	struct meta *m = t->meta;
	struct err why = { 0 };

	if (o->filter == KVAS_FILTER_TREE)
		want.pid = o->pid;
	memcpy(want.comm, o->comm, sizeof(want.comm));
	if (!(o->emit & (1u << KVAS_KIND_ACCESS)))
		err_set(&why, "access is not among --events");
	else if (!want.hz)
		err_set(&why, "-F 0");
	else if (!sampler_create(&t->sampler, &want, &m->host, &why))
		m->sample_hz = want.hz;
	snprintf(m->sample_why, sizeof(m->sample_why), "%.159s", why.text);
	snprintf(m->precise_how, sizeof(m->precise_how), "%.159s", why.text);
	if (t->sampler)
		m->precise = sampler_precise(t->sampler, m->precise_how, sizeof(m->precise_how));
	if (!t->sampler)
		o->emit &= ~(1u << KVAS_KIND_ACCESS);
}

static int open_session(struct tracer *t, __u32 emit, struct err *e)
{
	struct session_opts o = { .emit = emit, .ring_bytes = t->opts->ring_bytes };
	struct layout_proof proof;

	snprintf(t->meta->version, sizeof(t->meta->version), "%s", KVAS_VERSION);
	if (choose_filter(t, &o, e))
		return -1;
	if (budget_check(t->opts, e))
		return -1;
	/* First: it is read by another thread while the rest is made. */
	if (emit & (1u << KVAS_KIND_ACCESS | 1u << KVAS_KIND_VMALLOC | 1u << KVAS_KIND_MEMORY))
		t->symbols = symbols_later_create(KALLSYMS);
	if (features_create(&t->features, e) || reader_create(&t->reader, e))
		return -1;
	host_learn(&t->meta->host, t->reader, &proof);
	features_avoid(t->features, t->opts->avoid);
	open_sampler(t, &o);
	/* What the quick plan took on trust may fail: then try every way by itself. */
	if (!open_with(t, features_attempt_quick, &o, e) && !plan_untried(&t->plan))
		return 0;
	session_destroy(t->session);
	t->session = NULL;
	return open_with(t, features_attempt, &o, e);
}

static int open_memory(struct tracer *t, struct err *e)
{
	int sums, stacks;

	if (!session_memory(t->session, &sums, &stacks))
		return 0;
	t->memory = memory_sums_create(sums, stacks, session_cpus(t->session));
	return t->memory ? 0 : err_set(e, "out of memory");
}

int tracer_create(struct tracer **out, const struct run_opts *opts, struct meta *meta,
		  struct err *e)
{
	struct tracer *t = calloc(1, sizeof(*t));

	if (!t)
		return err_set(e, "out of memory");
	t->opts = opts;
	t->meta = meta;
	t->child.go_fd = t->child.error_fd = -1;
	t->control.in = t->control.ack = -1;
	t->tasks = tasks_create();
	/* Large blocks go back to the kernel once they are freed. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	/* Before anything is mapped, so that the child inherits little. */
	if (opts->command && child_start(&t->child, opts->command, e)) {
		tracer_destroy(t);
		return -1;
	}
	if (!t->tasks || (opts->control && control_open(&t->control, opts->control, e)) ||
	    open_session(t, opts->emit, e) || open_memory(t, e)) {
		tracer_destroy(t);
		return -1;
	}
	t->last = calloc(session_cpus(t->session), sizeof(*t->last));
	t->sampled_lost = calloc(meta->host.cpus, sizeof(*t->sampled_lost));
	if (!t->last || !t->sampled_lost) {
		tracer_destroy(t);
		return err_set(e, "out of memory");
	}
	/* What only the start needs: the kernel's BTF, and what libbpf made of it. */
	features_destroy(t->features);
	t->features = NULL;
	malloc_trim(0);
	*out = t;
	return 0;
}

void tracer_destroy(struct tracer *t)
{
	if (!t)
		return;
	child_end(&t->child);
	control_close(&t->control);
	sampler_destroy(t->sampler);
	memory_sums_destroy(t->memory);
	session_destroy(t->session);
	reader_destroy(t->reader);
	features_destroy(t->features);
	symbols_later_destroy(t->symbols);
	tasks_destroy(t->tasks);
	free(t->last);
	free(t->sampled_lost);
	free(t);
}

int tracer_command_status(const struct tracer *t)
{
	if (t->child.pid && ending_signal())
		return KVAS_EXIT_SIGNAL + ending_signal();
	return t->child.status;
}

static void on_record(void *ctx, const union kvas_record *rec)
{
	struct tracer *t = ctx;

	if (rec->h.kind == KVAS_KIND_TASK && rec->task.op == KVAS_TASK_EXIT)
		tasks_exit(t->tasks, &rec->task);
	sink_event(t->sink, rec);
}

static void on_ring_record(void *ctx, const union kvas_record *rec)
{
	struct tracer *t = ctx;
	union kvas_record named;

	if (rec->h.kind == KVAS_KIND_VMALLOC) {
		named.vm = rec->vm;
		callers_name(symbols_later_get(t->symbols), &named.vm);
		rec = &named;
	}
	on_record(ctx, rec);
}

struct flush {
	const struct sink *sink;
	__u64 time_ns;
};

static void on_process(void *ctx, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int c,
		       __u64 delta)
{
	struct flush *f = ctx;

	sink_process(f->sink, f->time_ns, id, comm, c, delta);
}

/* Samples wait for the end where no interval wants them. */
static void drain(struct tracer *t, bool intervals)
{
	session_drain(t->session, on_ring_record, t);
	if (t->sampler)
		sampler_drain(t->sampler, intervals ? SAMPLER_SOME : SAMPLER_KEEP, on_record, t);
}

static void count_lost_samples(struct tracer *t, __u64 time_ns)
{
	const __u64 *lost = t->sampler ? sampler_lost(t->sampler) : NULL;

	for (__u32 cpu = 0; lost && cpu < t->meta->host.cpus; cpu++) {
		if (lost[cpu] != t->sampled_lost[cpu])
			sink_counter(t->sink, time_ns, cpu, KVAS_C_LOST_RING + KVAS_KIND_ACCESS,
				     lost[cpu] - t->sampled_lost[cpu]);
		t->sampled_lost[cpu] = lost[cpu];
	}
}

/* Hand on what the counters grew by since the last interval. */
static int end_interval(struct tracer *t, __u64 time_ns, struct err *e)
{
	const struct kvas_cpu *now = session_read_cpus(t->session, e);
	struct flush f = { t->sink, time_ns };
	const struct kvas_iter_task *rows;
	__u64 length_ns;
	size_t nr;

	if (!now)
		return -1;
	self_read(&t->self, &t->meta->self);
	for (unsigned int cpu = 0; cpu < session_cpus(t->session); cpu++) {
		for (unsigned int c = 0; c < KVAS_C_COUNT; c++)
			if (now[cpu].c[c] != t->last[cpu].c[c])
				sink_counter(t->sink, time_ns, cpu, c,
					     now[cpu].c[c] - t->last[cpu].c[c]);
		t->last[cpu] = now[cpu];
	}
	count_lost_samples(t, time_ns);
	if (t->memory && memory_sums_flush(t->memory, symbols_later_get(t->symbols), time_ns,
					   on_record, t, e))
		return -1;
	rows = session_read_tasks(t->session, &nr, e);
	if (!rows)
		return -1;
	tasks_reading(t->tasks, rows, nr);
	tasks_flush(t->tasks, on_process, &f);
	length_ns = time_ns - t->interval_ns;
	t->interval_ns = time_ns;
	return sink_interval(t->sink, time_ns, length_ns, e);
}

/* Has the command ended, or a signal the run? The first is the command's, and kvas waits for it
 * to end; the second leaves the command alone. */
static bool over(struct tracer *t)
{
	ending_heard();
	if (child_poll(&t->child))
		return true;
	if (!t->child.pid)
		return ending_asked() > 0;
	if (ending_asked() && !t->passed) {
		t->passed = true;
		child_pass(&t->child, ending_signal(), ending_from_terminal());
	}
	return ending_asked() > 1;
}

static int watch(struct tracer *t, struct err *e)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, session_fd(t->session), &ev) ||
	    epoll_ctl(fd, EPOLL_CTL_ADD, ending_fd(), &ev) ||
	    (t->control.in >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, t->control.in, &ev))) {
		if (fd >= 0)
			close(fd);
		return err_set(e, "no epoll: %s", strerror(errno));
	}
	return fd;
}

static int open_window(struct tracer *t, bool quiet, struct err *e)
{
	self_begin(&t->self, &t->meta->self);
	if (session_start(t->session, t->meta, quiet, e))
		return -1;
	if (t->sampler)
		sampler_start(t->sampler);
	t->window = WINDOW_OPEN;
	t->interval_ns = t->meta->start_ns;
	return 0;
}

static void shut_window(struct tracer *t)
{
	if (t->window == WINDOW_WAITS)
		t->meta->start_ns = clock_monotonic_ns();
	if (t->sampler)
		sampler_stop(t->sampler);
	if (t->window != WINDOW_SHUT)
		session_stop(t->session, t->meta);
	t->window = WINDOW_SHUT;
}

/* Do what came by --control. There is one window in a run. */
static int obey(struct tracer *t, struct err *e)
{
	int word;

	while ((word = control_next(&t->control, e)) > CONTROL_NONE) {
		if (word == CONTROL_ENABLE && t->window == WINDOW_SHUT)
			return err_set(e, "--control: a second 'enable'; a run has one window");
		if (word == CONTROL_ENABLE && t->window == WINDOW_WAITS && open_window(t, true, e))
			return -1;
		if (word == CONTROL_DISABLE)
			shut_window(t);
		control_ack(&t->control);
	}
	return word;
}

/* How long to sleep, ms: until the next interval or the end, and without intervals
 * until something happens. What is in the rings waits for a tick. */
static int patience(const struct tracer *t, __u64 interval_ns, __u64 until, __u64 now)
{
	__u64 ms = until > now ? (until - now + 999999) / 1000000 : 0;
	__u64 most = interval_ns ? TICK_MS :
		     t->sampler	 ? sampler_patience_ms(t->sampler) : 3600 * 1000;

	return ms < most ? (int)ms : (int)most;
}

/* Until something ends the window. INTERVAL_NS 0: no intervals. 0, or -1 with E. */
static int loop(struct tracer *t, __u64 interval_ns, int fd, struct err *e)
{
	__u64 end = t->opts->duration_s > 0 ?
			    t->meta->start_ns + (__u64)(t->opts->duration_s * 1e9) : ~0ULL;
	__u64 next = interval_ns ? t->meta->start_ns + interval_ns : ~0ULL, now = clock_monotonic_ns();
	struct epoll_event ev[3];
	int r;

	while (now < end) {
		epoll_wait(fd, ev, 3, patience(t, interval_ns, next < end ? next : end, now));
		if (obey(t, e))
			return -1;
		if (over(t))
			return 0;
		drain(t, interval_ns != 0);
		sink_tick(t->sink);
		now = clock_monotonic_ns();
		if (now < next || now >= end)
			continue;
		r = end_interval(t, now, e);
		if (r)
			return r < 0 ? -1 : 0;
		/* A late interval does not make the next one short. */
		next += interval_ns;
		if (next <= now)
			next = now + interval_ns;
	}
	return 0;
}

/* The command's own PGDs go shortly after it, when the last CPU that has one
 * active, lazily, runs something else. */
static void settle(struct tracer *t)
{
	const struct kvas_cpu *c;
	__s64 live;

	if (t->opts->all || t->window != WINDOW_OPEN)
		return;
	for (int i = 0; t->child.ended && i < SETTLE_TRIES; i++) {
		live = t->meta->pgd_live_start;
		session_visit_cpus(t->session);
		c = session_read_cpus(t->session, NULL);
		for (unsigned int cpu = 0; c && cpu < session_cpus(t->session); cpu++)
			live += c[cpu].c[KVAS_C_PGD_ALLOC] - c[cpu].c[KVAS_C_PGD_FREE];
		if (live <= 0)
			return;
		session_drain(t->session, on_ring_record, t);
		usleep(SETTLE_US);
	}
}

/* There is nothing to tell then, and zeros would be wrong. The program's own failure stands. */
static int never_enabled(const struct tracer *t, struct err *e)
{
	return err_set_status(e, tracer_command_status(t),
			      "--control: no 'enable' came before the end, so nothing was counted");
}

int tracer_run(struct tracer *t, const struct sink *sink, struct err *e)
{
	int fd, r;

	t->sink = sink;
	if (ending_begin(t->opts->command ? 2 : 1, e))
		return -1;
	fd = watch(t, e);
	if (fd < 0)
		return -1;
	if (t->sampler)
		sampler_prepare(t->sampler);
	r = confine(t->opts->confine, t->child.pid, e);
	if (!r && !t->opts->control)
		r = open_window(t, false, e);
	if (!r && t->child.pid)
		r = child_release(&t->child, e);
	if (!r)
		r = loop(t, (__u64)(t->opts->interval_s * 1e9), fd, e);
	close(fd);
	if (!r && t->window == WINDOW_WAITS)
		r = never_enabled(t, e);
	settle(t);
	shut_window(t);
	session_detach(t->session); /* what remains is reading */
	session_drain_rest(t->session, on_ring_record, t);
	if (t->sampler)
		sampler_drain(t->sampler, SAMPLER_ALL, on_record, t);
	session_losses(t->session, t->meta);
	if (t->sampler)
		sampler_losses(t->sampler, t->meta);
	if (r < 0) {
		end_interval(t, t->meta->end_ns, NULL);
		return -1;
	}
	return end_interval(t, t->meta->end_ns, e) < 0 ? -1 : 0;
}
