/* SPDX-License-Identifier: GPL-2.0 */
/* Learn this kernel's address-space layout. */
#ifndef KVAS_LAYOUT_H
#define KVAS_LAYOUT_H

#include <linux/types.h>
#include <stddef.h>

#include "agg/meta.h"
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
	__u32 page_struct_size; /* sizeof(struct page); 0 unknown */
	__u32 pt_mm_offset; /* of pt_mm in it */
	int pt_mm_known;
};

/* Solve PAGE_OFFSET by walking (kernel-facts.md "Finding PAGE_OFFSET"), the end
 * of the direct map, vmalloc_base and vmemmap_base. Symbols, where given, are
 * cross-checked with the walk; a disagreement leaves the base unknown. What
 * cannot be proven stays 0. HOW (HOWLEN bytes) says in words how it was learnt.
 * 0 when page_offset is known, else -1. */
int layout_solve(const struct layout_input *in, kread_fn read, void *ctx, struct layout *out,
		 char *how, size_t howlen);

#endif
