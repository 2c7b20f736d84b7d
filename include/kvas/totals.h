/* SPDX-License-Identifier: GPL-2.0 */
/* What a CPU's counters say of the tasks that ran on it, for both sides. On the BPF side
 * vmlinux.h comes first. */
#ifndef KVAS_TOTALS_H
#define KVAS_TOTALS_H

#include "kvas/wire.h"

/* Add up C's counters by enum kvas_task_counter into NOW. KVAS_T_SWITCH has none: sched_switch
 * counts it in the task itself. */
static inline __attribute__((always_inline)) void kvas_totals(const struct kvas_cpu *c,
							       __u64 now[KVAS_T_COUNT])
{
	for (int i = 0; i < KVAS_T_COUNT; i++)
		now[i] = 0;
#define COUNTER(number, name, word, hook, task, doc) \
	if (KVAS_T_##task < KVAS_T_COUNT)            \
		now[KVAS_T_##task % KVAS_T_COUNT] += c->c[number];
#include "kvas/hooks.def"
}

#endif
