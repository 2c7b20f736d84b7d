/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which ASID slot a switch to another mm takes: choose_new_asid() of arch/x86/mm/tlb.c, 5.10 to
 * 7.2, on a copy of a CPU's state. Compiled into the BPF programs and into a unit test.
 */
#ifndef KVAS_ASID_H
#define KVAS_ASID_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define KVAS_ASID_SLOTS 6 /* TLB_NR_DYN_ASIDS */

/* A CPU's slots before the switch. */
struct kvas_asid_slots {
	struct {
		__u64 ctx_id; /* of the mm that has the slot; 0 none */
		__u64 tlb_gen;
	} slot[KVAS_ASID_SLOTS]; /* struct tlb_context */
	__u16 loaded; /* the slot in use */
	__u16 next; /* the one whose turn it is; KVAS_ASID_SLOTS: slot 0's */
	__u8 invalidate_other; /* the switch first empties all slots but that in use */
};

enum kvas_asid_choice {
	KVAS_ASID_REUSED = 0, /* the mm finds its own slot */
	KVAS_ASID_EVICTED = 1, /* it takes that of another mm */
	KVAS_ASID_EMPTY = 2, /* it takes a free one */
	KVAS_ASID_GLOBAL = 3, /* it has a global ASID and takes none (INVLPGB, 6.15 on) */
};

/* Is slot I empty by the time the choice is made, whatever stands in it now? */
static inline __attribute__((always_inline)) int
kvas_asid_emptied(const struct kvas_asid_slots *s, __u32 i)
{
	return s->invalidate_other && i != s->loaded;
}

/*
 * Of an mm with CTX_ID and GLOBAL_ASID (0 none). Without PCIDs there is slot 0 alone, no global
 * ASID, and nothing is emptied. Slots are reached by constant indices: 5.10's verifier allows no
 * other on the stack. An id stands in one slot at most.
 */
static inline __attribute__((always_inline)) enum kvas_asid_choice
kvas_asid_choose(const struct kvas_asid_slots *s, __u64 ctx_id, __u16 global_asid, int pcid)
{
	__u32 turn = s->next < KVAS_ASID_SLOTS ? s->next : 0;

	if (!pcid)
		return s->slot[0].ctx_id == ctx_id ? KVAS_ASID_REUSED :
		       s->slot[0].ctx_id	   ? KVAS_ASID_EVICTED : KVAS_ASID_EMPTY;
	if (global_asid)
		return KVAS_ASID_GLOBAL;
	for (__u32 i = 0; i < KVAS_ASID_SLOTS; i++)
		if (s->slot[i].ctx_id == ctx_id && !kvas_asid_emptied(s, i))
			return KVAS_ASID_REUSED;
	if (kvas_asid_emptied(s, turn))
		return KVAS_ASID_EMPTY;
	for (__u32 i = 0; i < KVAS_ASID_SLOTS; i++)
		if (i == turn)
			return s->slot[i].ctx_id ? KVAS_ASID_EVICTED : KVAS_ASID_EMPTY;
	return KVAS_ASID_EMPTY; /* not reached */
}

#endif
