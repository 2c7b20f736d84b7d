/* SPDX-License-Identifier: GPL-2.0 */
/* The ASID slots of a CPU: will next's mm find its own, or take another's? */
#ifndef KVAS_ASID_BPF_H
#define KVAS_ASID_BPF_H

#include "state.bpf.h"

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

/* This CPU's slots; false: they cannot be read. DIRECT: the program may name cpu_tlbstate. */
static __always_inline bool slots_of(struct kvas_cpu *c, bool direct, struct kvas_asid_slots *slots)
{
	u64 state;

	if (direct && tlb_state_slots(slots))
		return true;
	state = tlbstate(c);
	return state && tlb_state_slots_read(state, slots);
}

/* As the kernel will decide in a moment: at sched_switch, before the switch changes the slots. */
static __always_inline void count_slot(struct kvas_cpu *c, struct task_struct *next, bool direct)
{
	struct mm_struct *mm = task_mm(next);
	struct kvas_asid_slots slots = {};

	if (!slots_of(c, direct, &slots))
		return;
	switch (kvas_asid_choose(&slots, mm_ctx_id(mm), mm_global_asid(mm), cfg.pcid)) {
	case KVAS_ASID_REUSED:
		return count(c, KVAS_C_SLOT_REUSED, 1);
	case KVAS_ASID_EVICTED:
		return count(c, KVAS_C_SLOT_EVICTED, 1);
	case KVAS_ASID_EMPTY:
		return count(c, KVAS_C_SLOT_EMPTY, 1);
	case KVAS_ASID_GLOBAL:
		return count(c, KVAS_C_SLOT_GLOBAL, 1);
	}
}

#endif
