/* SPDX-License-Identifier: GPL-2.0 */
/* CR3 writes of one CPU, and of one process. */
#include "agg/figures.h"

static struct writes sum_writes(const struct summary *s, struct writes w)
{
	w.kpti = meta_kpti_writes(&s->meta->host) == ANSWER_YES ? 2 * w.crossings : 0;
	w.total = w.kpti + w.mm_switch + w.tlb_flush + w.temporary_mm;
	return w;
}

struct writes figures_cpu(const struct summary *s, __u32 cpu)
{
	const __u64 *c = s->cpu[cpu];

	return sum_writes(s, (struct writes){
		.crossings = c[KVAS_C_SYSCALL] + c[KVAS_C_FAULT_USER] + c[KVAS_C_IRQ_USER] +
			     c[KVAS_C_EXCEPTION] + c[KVAS_C_NMI_USER],
		.mm_switch = c[KVAS_C_CR3_FLUSH] + c[KVAS_C_CR3_NOFLUSH],
		.tlb_flush = c[KVAS_C_CR3_TLB_FLUSH],
		.temporary_mm = c[KVAS_C_CR3_TEMPORARY],
	});
}

__u64 figures_task_crossings(const __u64 *t)
{
	return t[KVAS_T_SYSCALL] + t[KVAS_T_FAULT_USER] + t[KVAS_T_IRQ] + t[KVAS_T_EXCEPTION] +
	       t[KVAS_T_NMI];
}

struct writes figures_process(const struct summary *s, const struct process_sum *p)
{
	return sum_writes(s, (struct writes){
		.crossings = figures_task_crossings(p->c),
		.mm_switch = p->c[KVAS_T_CR3],
		.tlb_flush = p->c[KVAS_T_TLB_FLUSH],
	});
}
