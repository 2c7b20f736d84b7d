/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/tracer.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "kernel/confine.h"
#include "trace/callers.h"
#include "trace/ending.h"
#include "trace/sampler.h"
#include "trace/session.h"
#include "trace/start_areas.h"
#include "trace/tracer_impl.h"

/* Rings wake the reader when a quarter full; what is less waits for this. */
#define TICK_MS 100
/* How long to wait for the PGDs of a command that ended. */
#define SETTLE_NS (NS_PER_S / 2)
#define SETTLE_US 5000
#define WAITING_MAX 4096 /* processes whose counts no interval takes */

int tracer_command_status(const struct tracer *t)
{
	if (t->child.pid && ending_signal())
		return KVAS_EXIT_SIGNAL + ending_signal();
	return t->child.status;
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

static void flush_processes(struct tracer *t, __u64 time_ns)
{
	struct flush f = { t->sink, time_ns };

	tasks_flush(t->tasks, on_process, &f);
}

static void on_record(void *ctx, const union kvas_record *rec)
{
	struct tracer *t = ctx;

	if (rec->h.kind == KVAS_KIND_TASK && rec->task.op == KVAS_TASK_EXIT)
		tasks_exit(t->tasks, &rec->task);
	sink_event(t->sink, rec);
	/* Without intervals they would wait for the end, all that ever lived. */
	if (!t->opts->interval_s && tasks_waiting(t->tasks) > WAITING_MAX)
		flush_processes(t, rec->h.time_ns);
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
	flush_processes(t, time_ns);
	length_ns = time_ns - t->interval_ns;
	t->interval_ns = time_ns;
	return sink_interval(t->sink, time_ns, length_ns, e);
}

/* Has the command ended, the process of -p and all that it forked since, or a signal the run? The first is the command's, and kvas waits for it
 * to end; the second leaves the command alone. */
static bool over(struct tracer *t)
{
	ending_heard();
	if (child_poll(&t->child) || (followed_ended(&t->followed) && !session_tracks(t->session)))
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
	struct epoll_event ev = { .events = EPOLLIN }, once = { .events = EPOLLIN | EPOLLONESHOT };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, session_fd(t->session), &ev) ||
	    epoll_ctl(fd, EPOLL_CTL_ADD, ending_fd(), &ev) ||
	    (t->followed.fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, t->followed.fd, &once)) ||
	    (t->control.in >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, t->control.in, &ev))) {
		if (fd >= 0)
			close(fd);
		return err_set(e, "no epoll: %s", strerror(errno));
	}
	return fd;
}

/* What they take to be read is given back at once. */
static void tell_start_areas(struct tracer *t)
{
	__u64 areas, bytes, at = t->meta->start_ns;

	if (!t->start_areas)
		return;
	areas = start_areas_tell(t->start_areas, session_areas(t->session),
				 t->opts->map_size ?: KVAS_MAX_AREAS, symbols_later_get(t->symbols), at,
				 t->meta, on_record, t, &bytes);
	sink_counter(t->sink, at, 0, KVAS_C_VM_START, areas);
	sink_counter(t->sink, at, 0, KVAS_C_VM_START_BYTES, bytes);
	start_areas_destroy(t->start_areas);
	t->start_areas = NULL;
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
	tell_start_areas(t);
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
	/* Nothing tells when the last child of a process that ended has ended too. */
	__u64 most = interval_ns || t->followed.ended ? TICK_MS :
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

/* The PGDs of the command, or of the process of -p, go shortly after it, when the last CPU that has one
 * active, lazily, runs something else. */
static void settle(struct tracer *t)
{
	__u64 end = clock_monotonic_ns() + SETTLE_NS;
	const struct kvas_cpu *c;
	__s64 live;

	if (t->opts->all || t->window != WINDOW_OPEN)
		return;
	while ((t->child.ended || t->followed.ended) && clock_monotonic_ns() < end) {
		live = t->meta->pgd_live_start;
		session_visit_cpus(t->session);
		c = session_read_cpus(t->session, NULL);
		for (unsigned int cpu = 0; c && cpu < session_cpus(t->session); cpu++)
			live += c[cpu].c[KVAS_C_PGD_ALLOC] - c[cpu].c[KVAS_C_PGD_FREE] -
				c[cpu].c[KVAS_C_PGD_FREE_MISSED];
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
		sampler_losses(t->sampler, session_read_cpus(t->session, NULL), t->meta);
	if (r < 0) {
		end_interval(t, t->meta->end_ns, NULL);
		return -1;
	}
	return end_interval(t, t->meta->end_ns, e) < 0 ? -1 : 0;
}
