/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration and the per-CPU and per-task counts; the maps are defined in
 * state.bpf.c. */
#ifndef KVAS_STATE_BPF_H
#define KVAS_STATE_BPF_H

#include "maps.bpf.h"

extern const volatile struct kvas_config cfg;

struct cpus_map MAP_MEMBERS(BPF_MAP_TYPE_PERCPU_ARRAY, 1, u32, struct kvas_cpu);
extern struct cpus_map cpus SEC(".maps");

/*
 * The states of tasks, by the address of the task_struct: no other task has it from task_newtask
 * until the task has left its CPU for the last time, and exec by a thread, which changes its tid,
 * keeps it. The room is taken once, at start, and not a byte of it is handed back to the kernel as tasks
 * end. With task storage (BPF_MAP_TYPE_TASK_STORAGE), which is allocated and freed for each task, freed
 * kernel stacks piled up under a fork storm (seen on 6.18, and not for tasks without; why is not proven).
 */
struct task_states_map MAP_MEMBERS(BPF_MAP_TYPE_HASH, KVAS_MAX_TASKS, u64, struct kvas_task);
extern struct task_states_map task_states SEC(".maps");

/* Set while the window is open. All hooks begin and end counting together,
 * whatever the order of attaching, and a hook that ran counted either both its
 * figure and its record or neither. */
extern __u32 gate;

static __always_inline struct kvas_cpu *cpu_state(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

static __always_inline bool in_scope(const struct kvas_cpu *c)
{
	return cfg.filter == KVAS_FILTER_NONE || c->tracked;
}

/*
 * A plain add is enough: each counter is touched by one hook, with preemption
 * off, and a hook does not nest in itself on one CPU. Counters that break this
 * rule use count_nested().
 */
static __always_inline void count(struct kvas_cpu *c, u32 counter, u64 n)
{
	if (counter < KVAS_C_COUNT)
		c->c[counter] += n;
}

/* For what an interrupt may also do: losses, kernel faults. */
static __always_inline void count_nested(struct kvas_cpu *c, u32 counter, u64 n)
{
	if (counter < KVAS_C_COUNT)
		__sync_fetch_and_add(&c->c[counter], n);
}

/* The state of the task at address TASK; 0 when it has none. */
static __always_inline struct kvas_task *task_state(u64 task)
{
	return bpf_map_lookup_elem(&task_states, &task);
}

/* A fresh state for TASK. What stands there is of a task whose exit was not seen, if FLAGS are
 * BPF_ANY; it is TASK's and stays, if they are BPF_NOEXIST. 0 when none can be made, which is counted. */
static __always_inline struct kvas_task *task_state_make(struct kvas_cpu *c,
							 struct task_struct *task, u64 flags)
{
	u64 key = (u64)task;
	struct kvas_task fresh = {};
	long r;

	fresh.start_ns = task_start_time(task);
	r = bpf_map_update_elem(&task_states, &key, &fresh, flags);
	/* -EEXIST under BPF_NOEXIST is an answer, not a loss. */
	if (!r || r == -17)
		return task_state(key);
	count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_TASK, 1);
	bpf_map_delete_elem(&task_states, &key); /* another task's */
	return 0;
}

/*
 * Which tasks have a state. It is made when a task is created, or by the iterator
 * for those older than the window, and never in sched_switch, which looks up alone.
 */
static __always_inline bool wants_state(bool tracked)
{
	return cfg.filter != KVAS_FILTER_TREE || tracked;
}

static __always_inline void task_forget(struct task_struct *task)
{
	u64 key = (u64)task;

	bpf_map_delete_elem(&task_states, &key);
}

static __always_inline bool comm_matches(const char *comm)
{
	for (int i = 0; i < KVAS_COMM_LEN; i++) {
		if (comm[i] != cfg.comm[i])
			return false;
		if (!comm[i])
			return true;
	}
	return true;
}

#endif
