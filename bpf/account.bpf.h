/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who caused what. The hot hooks add to per-CPU counters only; when a task
 * leaves the CPU, what was added since it came belongs to it.
 */
#ifndef KVAS_ACCOUNT_BPF_H
#define KVAS_ACCOUNT_BPF_H

#include "state.bpf.h"

static __always_inline void totals(const struct kvas_cpu *c, u64 *now)
{
	now[KVAS_T_SYSCALL] = c->c[KVAS_C_SYSCALL];
	now[KVAS_T_FAULT_USER] = c->c[KVAS_C_FAULT_USER];
	now[KVAS_T_FAULT_KERNEL] = c->c[KVAS_C_FAULT_KERNEL];
	now[KVAS_T_IRQ] = c->c[KVAS_C_IRQ_USER];
	now[KVAS_T_CR3] = c->c[KVAS_C_CR3_FLUSH] + c->c[KVAS_C_CR3_NOFLUSH];
	now[KVAS_T_SWITCH] = 0;
}

/* Give TASK, current on this CPU, what was counted since it came on. Returns its
 * state; 0 when it has none, which is counted: its figures are then missing. */
static __always_inline struct kvas_task *settle(struct kvas_cpu *c, struct task_struct *task)
{
	struct kvas_task *t = task_state(c, task, false);
	u64 now[KVAS_T_COUNT];

	totals(c, now);
	for (int i = 0; i < KVAS_T_COUNT; i++) {
		if (t && c->seen)
			t->c[i] += now[i] - c->base[i];
		c->base[i] = now[i];
	}
	if (!t)
		count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_TASK, 1);
	return t;
}

/* Decide anew whether TASK, current on this CPU, passes the filter. */
static __always_inline void rescope(struct kvas_cpu *c, struct task_struct *task)
{
	struct kvas_task *t;
	char comm[KVAS_COMM_LEN] = {};

	if (cfg.filter == KVAS_FILTER_TREE) {
		t = task_state(c, task, false);
		c->tracked = t && t->tracked;
	} else if (cfg.filter == KVAS_FILTER_COMM) {
		bpf_probe_read_kernel_str(comm, sizeof(comm), task->comm);
		c->tracked = comm_matches(comm);
	}
}

#endif
