// SPDX-License-Identifier: GPL-2.0
/* CR3 writes that the kernel's C code makes: of switch_mm_irqs_off and of TLB
 * flushes, both told by tlb:tlb_flush. Those of KPTI's entry code follow from the
 * crossings. */
#include "account.bpf.h"

/* enum tlb_flush_reason, include/linux/mm_types.h */
#define TLB_FLUSH_ON_TASK_SWITCH 0
#define TLB_LOCAL_MM_SHOOTDOWN 3
#define TLB_FLUSH_ALL (~0UL)

/* Once per CR3 load in switch_mm_irqs_off (arch/x86/mm/tlb.c, 5.10 to 7.2); pages
 * is -1 with a flush, 0 without. */
static __always_inline void count_load(struct kvas_cpu *c, unsigned long pages)
{
	if (c->temporary) {
		count(c, KVAS_C_CR3_TEMPORARY, 1);
		return;
	}
	count(c, pages ? KVAS_C_CR3_FLUSH : KVAS_C_CR3_NOFLUSH, 1);
	/* Within context_switch() current is still the task that leaves: other loads
	 * (exec, a temporary mm, leave_mm) come while current is the noted one. */
	if (c->op == KVAS_SWITCH_LAZY_RETURN && c->seen &&
	    (u32)bpf_get_current_pid_tgid() != c->tid)
		count(c, KVAS_C_LAZY_LOADED, 1);
}

/*
 * Reason 0 is a load. Reasons 1 to 3 are flushes on this CPU: of all pages
 * (native_flush_tlb_local rewrites CR3, 5.10 to 7.2) or of a few (INVLPG, no
 * write). 4 is only the sending of an IPI; 5 finds nothing to flush.
 */
SEC("tp_btf/tlb_flush")
int BPF_PROG(tlb_flush, int reason, unsigned long pages)
{
	/* Between sched_switch and the switch itself current is still the task that
	 * leaves, and the load belongs to the one that comes: do not look. */
	struct kvas_cpu *c = this_cpu_unchecked();

	if (!c || !in_scope(c))
		return 0;
	if (reason == TLB_FLUSH_ON_TASK_SWITCH)
		count_load(c, pages);
	else if (reason > 0 && reason <= TLB_LOCAL_MM_SHOOTDOWN && pages == TLB_FLUSH_ALL)
		count(c, KVAS_C_CR3_TLB_FLUSH, 1);
	return 0;
}

/* Text patching goes through a temporary mm, loaded and left with interrupts off.
 * use_temporary_mm is a function of its own from 6.18 on; before that it is inlined
 * in __text_poke, which loads one and goes back once a call. */
static __always_inline int set_temporary(bool on)
{
	struct kvas_cpu *c = this_cpu_unchecked();

	if (c)
		c->temporary = on;
	return 0;
}

#define TEMPORARY(name, section, on) \
	SEC(section)                 \
	int name(void *ctx)          \
	{                            \
		return set_temporary(on); \
	}

TEMPORARY(temporary_use_fentry, "fentry/use_temporary_mm", true)
TEMPORARY(temporary_poke_fentry, "fentry/__text_poke", true)
TEMPORARY(temporary_use_kprobe, "kprobe/use_temporary_mm", true)
TEMPORARY(temporary_poke_kprobe, "kprobe/__text_poke", true)
TEMPORARY(temporary_unuse_fexit, "fexit/unuse_temporary_mm", false)
TEMPORARY(temporary_poke_fexit, "fexit/__text_poke", false)
TEMPORARY(temporary_unuse_kretprobe, "kretprobe/unuse_temporary_mm", false)
TEMPORARY(temporary_poke_kretprobe, "kretprobe/__text_poke", false)
