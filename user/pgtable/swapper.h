/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own top-level table (swapper_pg_dir, init_mm's), found by its content. */
#ifndef KVAS_SWAPPER_H
#define KVAS_SWAPPER_H

#include <linux/types.h>

#include "pgtable/region.h"
#include "pgtable/tables.h"

struct swapper {
	__u64 va; /* in the kernel image; 0: none fits */
	__u64 entry[PAGING_ENTRIES]; /* its content, when VA is known */
};

/* init_top_pgt lies in the image's writable data (arch/x86/kernel/head_64.S, 5.10 to 7.2).
 * Look there, through the table at PGD_VA of any process, for a page whose upper half is
 * that table's, the LDT's entry aside, and whose lower half is empty: no process runs on
 * it. A freed PGD looks so, too, where .init was given back; .data comes before .init
 * (arch/x86/kernel/vmlinux.lds.S), so the first is it. READ and CTX as of walk_va. */
void swapper_find(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va,
		  struct swapper *out);

/* Is the page with the entries T such a table, when a process's is PGD, as P says? */
int swapper_fits(const struct paging *p, const __u64 t[PAGING_ENTRIES],
		 const __u64 pgd[PAGING_ENTRIES]);

#endif
