/* SPDX-License-Identifier: GPL-2.0 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/features.h"
#include "kernel/host.h"
#include "kernel/interrupts.h"
#include "kernel/kernel_btf.h"
#include "kernel/ksyms.h"
#include "kernel/limits.h"
#include "kernel/space.h"
#include "model/hooks.h"
#include "trace/budget.h"
#include "trace/ending.h"
#include "trace/sampler.h"
#include "trace/session.h"
#include "trace/start_areas.h"
#include "trace/tracer_impl.h"

#ifndef KVAS_VERSION
#define KVAS_VERSION "0.1.0"
#endif

#define LARGE_BYTES (256 * 1024)

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
		o->filter = KVAS_FILTER_TREE;
		o->pid = opts->pid;
		snprintf(t->meta->filter, sizeof(t->meta->filter), "pid %d and its new children",
			 opts->pid);
	} else if (opts->comm[0]) {
		o->filter = KVAS_FILTER_COMM;
		memcpy(o->comm, opts->comm, sizeof(o->comm));
		snprintf(t->meta->filter, sizeof(t->meta->filter), META_FILTER_COMM "%.*s", KVAS_COMM_LEN,
			 opts->comm);
	} else if (opts->cgroup) {
		if (cgroup_find(&o->cgroup, opts->cgroup, e))
			return -1;
		o->filter = KVAS_FILTER_CGROUP;
		snprintf(t->meta->filter, sizeof(t->meta->filter), META_FILTER_CGROUP "%s", o->cgroup.path);
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
	__u32 most = limits_sample_rate();

	if (want.hz > most) {
		m->sample_asked = want.hz;
		want.hz = most;
	}

	if (o->filter == KVAS_FILTER_TREE)
		want.pid = o->pid;
	memcpy(want.comm, o->comm, sizeof(want.comm));
	want.cgroup = o->cgroup;
	if (!(o->emit & (1u << KVAS_KIND_ACCESS)))
		err_set(&why, "access is not among --events");
	else if (!want.hz)
		err_set(&why, m->sample_asked ? LIMITS_SAMPLE_RATE " is 0" : "-F 0");
	else if (!sampler_create(&t->sampler, &want, &m->host, &why))
		m->sample_hz = want.hz;
	snprintf(m->sample_why, sizeof(m->sample_why), "%.399s", why.text);
	snprintf(m->precise_how, sizeof(m->precise_how), "%.159s", why.text);
	if (t->sampler)
		m->precise = sampler_precise(t->sampler, m->precise_how, sizeof(m->precise_how));
	if (!t->sampler)
		o->emit &= ~(1u << KVAS_KIND_ACCESS);
}

static int open_session(struct tracer *t, __u32 emit, struct err *e)
{
	struct session_opts o = { .emit = emit, .ring_bytes = t->opts->ring_bytes,
				  .map_size = t->opts->map_size };
	struct layout_proof proof;

	snprintf(t->meta->version, sizeof(t->meta->version), "%s", KVAS_VERSION);
	if (choose_filter(t, &o, e))
		return -1;
	/* The types before all else: without /sys the number of CPUs cannot be read either. */
	if (kernel_btf_check(KERNEL_BTF, e) || budget_check(t->opts, e))
		return -1;
	/* First: it is read by another thread while the rest is made. */
	if (emit & (1u << KVAS_KIND_ACCESS | 1u << KVAS_KIND_VMALLOC | 1u << KVAS_KIND_MEMORY))
		t->symbols = symbols_later_create(KALLSYMS);
	if (features_create(&t->features, e) || reader_create(&t->reader, e))
		return -1;
	if (o.pid && !t->child.pid && followed_open(&t->followed, o.pid, e))
		return -1;
	host_learn(&t->meta->host, t->reader, &proof);
	interrupts_untraced(INTERRUPTS, t->meta->untraced_why, sizeof(t->meta->untraced_why));
	features_avoid(t->features, t->opts->avoid);
	open_sampler(t, &o);
	/* What the quick plan took on trust may fail: then try every way by itself. */
	if (!open_with(t, features_attempt_quick, &o, e) && !plan_untried(&t->plan))
		return 0;
	session_destroy(t->session);
	t->session = NULL;
	return open_with(t, features_attempt, &o, e);
}

/* Once all is loaded: kvas's own areas are there too. Without them the rest of the run stands. */
static void open_start_areas(struct tracer *t)
{
	struct meta *m = t->meta;

	if (!(m->emit & (1u << KVAS_KIND_VMALLOC)))
		snprintf(m->areas_why, sizeof(m->areas_why), "vmalloc is not recorded");
	else if (m->filter[0])
		snprintf(m->areas_why, sizeof(m->areas_why), "a filter leaves out what was there before");
	else
		t->start_areas = start_areas_create(t->reader, m);
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
	t->followed.fd = -1;
	t->tasks = tasks_create();
	/* Large blocks go back to the kernel once they are freed. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	/* Before anything is mapped, so that the child inherits little. */
	if (opts->command && child_start(&t->child, opts->command, e)) {
		tracer_destroy(t);
		return -1;
	}
	/* After the fork, so that the command has its signals as they were; and before anything is
	 * attached, so that who sees it attached may end it. */
	if (ending_begin(opts->command ? 2 : 1, e)) {
		tracer_destroy(t);
		return -1;
	}
	if (!t->tasks || (opts->control && control_open(&t->control, opts->control, e)) ||
	    open_session(t, opts->emit, e) || open_memory(t, e)) {
		tracer_destroy(t);
		return -1;
	}
	open_start_areas(t);
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
	followed_close(&t->followed);
	sampler_destroy(t->sampler);
	memory_sums_destroy(t->memory);
	session_destroy(t->session);
	start_areas_destroy(t->start_areas);
	reader_destroy(t->reader);
	features_destroy(t->features);
	symbols_later_destroy(t->symbols);
	tasks_destroy(t->tasks);
	free(t->last);
	free(t->sampled_lost);
	free(t);
}
