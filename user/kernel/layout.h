/* SPDX-License-Identifier: GPL-2.0 */
/* Learn this kernel's address-space layout. */
#ifndef KVAS_LAYOUT_H
#define KVAS_LAYOUT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/meta.h"
#include "pgtable/region.h"
#include "pgtable/walk.h"

/* What is held before anything is known: addresses met in the kernel, and the
 * values of data symbols where kallsyms has them (0 = has not). */
struct layout_input {
	__u64 pgd; /* mm->pgd of a live process: a direct-map address */
	__u64 mm; /* that mm_struct: a direct-map address (slab) */
	__u64 stack; /* task->stack */
	__u64 max_phys; /* one past the highest RAM byte (/proc/iomem); 0 unknown */
	int levels; /* from cpuinfo's la57; 0 unknown: told from pgd's address */
	__u64 sym_page_offset; /* *page_offset_base */
	__u64 sym_vmalloc; /* *vmalloc_base */
	__u64 sym_vmemmap; /* *vmemmap_base */
	__u64 text; /* address of _text */
	enum answer randomize_base; /* as in struct layout */
	__u32 page_struct_size; /* sizeof(struct page); 0 unknown */
	__u32 pt_mm_offset; /* of pt_mm in it */
	int pt_mm_known;
};

/* What is known of one base, and from where. */
enum base_state { BASE_UNPROVEN, BASE_KNOWN, BASE_SYMBOL_DIFFERS };
struct layout_proof {
	unsigned int candidates; /* for PAGE_OFFSET that were tried */
	unsigned int holds; /* that held; known when it is 1 */
	enum base_state page_offset, end, vmalloc, vmemmap;
	bool sym_page_offset, sym_vmalloc, sym_vmemmap; /* there was a symbol to compare */
	bool marked; /* vmemmap: a struct page names its mm here, else the symbol only */
};

/* Solve PAGE_OFFSET by walking (kernel-facts.md "Finding PAGE_OFFSET"), the end
 * of the direct map, vmalloc_base and vmemmap_base. Symbols, where given, are
 * cross-checked with the walk; a disagreement leaves the base unknown. What
 * cannot be proven stays 0. PROOF, and HOW (HOWLEN bytes) in words, say how it was
 * learnt. 0 when page_offset is known, else -1. */
int layout_solve(const struct layout_input *in, kread_fn read, void *ctx, struct layout *out,
		 struct layout_proof *proof, char *how, size_t howlen);

#endif
