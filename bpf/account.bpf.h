/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who caused what. The hot hooks add to per-CPU counters only; when a task
 * leaves the CPU, what was added since it came belongs to it.
 */
#ifndef KVAS_ACCOUNT_BPF_H
#define KVAS_ACCOUNT_BPF_H

#include "state.bpf.h"
#include "kvas/totals.h"

/* Give TASK, current on this CPU, what was counted since it came on. Returns its
 * state; 0 when it has none, which task_state_make() counted: its figures are then missing. */
static __always_inline struct kvas_task *settle(struct kvas_cpu *c, struct task_struct *task)
{
	struct kvas_task *t = task_state((u64)task);
	u64 now[KVAS_T_COUNT];

	kvas_totals(c, now);
	for (int i = 0; i < KVAS_T_COUNT; i++) {
		if (t && c->seen)
			t->c[i] += now[i] - c->base[i];
		c->base[i] = now[i];
	}
	return t;
}

static __always_inline bool tracked_by_state(u64 task)
{
	struct kvas_task *t = task_state(task);

	return t && t->tracked;
}

/* The task with this set of cgroups is, or is about to be, current. */
static __always_inline void rescope_cgroups(struct kvas_cpu *c, u64 cgroups)
{
	c->cgroups = cgroups;
	c->tracked = in_cgroup(cgroups, cfg.cgroup, cfg.cgroup_level);
}

/* Decide anew whether TASK, which is or is about to be current on this CPU,
 * passes the filter. */
static __always_inline void rescope(struct kvas_cpu *c, struct task_struct *task)
{
	char comm[KVAS_COMM_LEN] = {};

	if (cfg.filter == KVAS_FILTER_TREE) {
		c->tracked = tracked_by_state((u64)task);
	} else if (cfg.filter == KVAS_FILTER_COMM) {
		task_comm(comm, task);
		c->tracked = comm_matches(comm);
	} else if (cfg.filter == KVAS_FILTER_CGROUP) {
		rescope_cgroups(c, task_cgroups(task));
	}
}

/* The same for current, where no hook handed its task_struct over. */
static __always_inline void rescope_current(struct kvas_cpu *c)
{
	char comm[KVAS_COMM_LEN] = {};

	if (cfg.filter == KVAS_FILTER_COMM) {
		bpf_get_current_comm(comm, sizeof(comm));
		c->tracked = comm_matches(comm);
	} else if (cfg.filter == KVAS_FILTER_CGROUP) {
		rescope_cgroups(c, current_cgroups());
	} else {
		c->tracked = tracked_by_state(bpf_get_current_task());
	}
}

/* The state of this CPU; 0 while the gate is shut. */
static __always_inline struct kvas_cpu *this_cpu_unchecked(void)
{
	return *(volatile u32 *)&gate ? cpu_state() : 0;
}

/*
 * The same, and certain of who is current.
 *
 * sched_switch is not always delivered (seen on a 6.18 host: a task leaves the CPU
 * and neither BPF nor perf is told). Under a filter that would put the next task
 * in or out of scope wrongly, so there the hooks look who is current.
 */
static __always_inline struct kvas_cpu *this_cpu(void)
{
	struct kvas_cpu *c = this_cpu_unchecked();
	u64 id;

	if (!c || cfg.filter == KVAS_FILTER_NONE)
		return c;
	id = bpf_get_current_pid_tgid();
	if ((u32)id == c->tid) {
		/* Moved while it runs: as a shell does that writes its own number to cgroup.procs. */
		if (cfg.filter == KVAS_FILTER_CGROUP && current_cgroups() != c->cgroups)
			rescope_current(c);
		return c;
	}
	if (c->seen)
		count_nested(c, KVAS_C_SWITCH_MISSED, 1);
	c->tid = (u32)id;
	c->pid = id >> 32;
	c->seen = 1;
	kvas_totals(c, c->base);
	rescope_current(c);
	return c;
}

/* The same; 0 also where what happens now does not pass the filter. */
static __always_inline struct kvas_cpu *this_cpu_in_scope(void)
{
	struct kvas_cpu *c = this_cpu();

	return c && in_scope(c) ? c : 0;
}

#endif
