/* SPDX-License-Identifier: GPL-2.0 */
/* The ASID slots of a CPU: will next's mm find its own, or take another's? */
#ifndef KVAS_ASID_BPF_H
#define KVAS_ASID_BPF_H

#include "state.bpf.h"

#define TLB_NR_DYN_ASIDS 6 /* arch/x86/include/asm/tlbflush.h, 4.15 to 7.2 */

/* This CPU's cpu_tlbstate; 0 where kallsyms does not tell. */
static __always_inline u64 tlbstate(struct kvas_cpu *c)
{
	u64 entry = cfg.percpu_offsets + 8ULL * bpf_get_smp_processor_id();

	if (!cfg.tlbstate || !cfg.percpu_offsets)
		return 0;
	if (!c->percpu)
		bpf_probe_read_kernel(&c->percpu, sizeof(c->percpu), (void *)entry);
	return c->percpu ? c->percpu + cfg.tlbstate : 0;
}

/* As choose_new_asid() will decide in a moment (arch/x86/mm/tlb.c, 5.10 to 7.2):
 * the slot with the mm's ctx_id, else the next in turn; without PCIDs always slot
 * 0. Read at sched_switch, before the switch changes it. */
static __always_inline void count_slot(struct kvas_cpu *c, struct task_struct *next)
{
	u64 state = tlbstate(c), id = next->mm->context.ctx_id;
	struct tlb_context ctx[TLB_NR_DYN_ASIDS];
	u16 turn = 0;

	if (!state)
		return;
	if (bpf_core_read(&turn, sizeof(turn), &((struct tlb_state *)state)->next_asid) ||
	    bpf_core_read(ctx, sizeof(ctx), &((struct tlb_state *)state)->ctxs))
		return;
	if (!cfg.pcid || turn >= TLB_NR_DYN_ASIDS)
		turn = 0;
	for (u32 i = 0; i < TLB_NR_DYN_ASIDS; i++)
		if (ctx[i].ctx_id == id && (cfg.pcid || !i)) {
			count(c, KVAS_C_SLOT_REUSED, 1);
			return;
		}
	for (u32 i = 0; i < TLB_NR_DYN_ASIDS; i++)
		if (i == turn)
			count(c, ctx[i].ctx_id ? KVAS_C_SLOT_EVICTED : KVAS_C_SLOT_EMPTY, 1);
}

#endif
