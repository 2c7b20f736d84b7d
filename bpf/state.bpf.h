/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration and the per-CPU and per-task counts; the maps are defined in
 * state.bpf.c. */
#ifndef KVAS_STATE_BPF_H
#define KVAS_STATE_BPF_H

#include "maps.bpf.h"

extern const volatile struct kvas_config cfg;

struct cpus_map MAP_MEMBERS(BPF_MAP_TYPE_PERCPU_ARRAY, 1, u32, struct kvas_cpu);
extern struct cpus_map cpus SEC(".maps");

/* Task storage came to tracing programs in 5.12 (a10787e6d58c). */
struct task_storage_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct kvas_task);
};
extern struct task_storage_map task_storage SEC(".maps");

/* Before that: by tid. */
struct task_hash_map MAP_MEMBERS(BPF_MAP_TYPE_HASH, 32768, u32, struct kvas_task);
extern struct task_hash_map task_hash SEC(".maps");

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

/* TASK's state; made when CREATE and there is none. 0 when there is none or no
 * room: the latter is counted. */
static __always_inline struct kvas_task *task_state(struct kvas_cpu *c, struct task_struct *task,
						    bool create)
{
	struct kvas_task *t;

	if (cfg.use_task_storage) {
		t = bpf_task_storage_get(&task_storage, task, 0,
					 create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	} else {
		u32 tid = task_tid(task);

		t = bpf_map_lookup_elem(&task_hash, &tid);
		if (!t && create) {
			struct kvas_task fresh = {};

			bpf_map_update_elem(&task_hash, &tid, &fresh, BPF_NOEXIST);
			t = bpf_map_lookup_elem(&task_hash, &tid);
		}
	}
	if (!t && create)
		count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_TASK, 1);
	return t;
}

/*
 * Which tasks have a state. It is made when a task is created, or by the iterator
 * for those older than the window, and never in sched_switch: an allocation there,
 * under the runqueue lock, may fail.
 */
static __always_inline bool wants_state(bool tracked)
{
	return cfg.filter != KVAS_FILTER_TREE || tracked;
}

static __always_inline void task_forget(u32 tid)
{
	if (!cfg.use_task_storage)
		bpf_map_delete_elem(&task_hash, &tid);
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
