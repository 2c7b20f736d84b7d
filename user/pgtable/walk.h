/* SPDX-License-Identifier: GPL-2.0 */
/* The x86 page-table walk over a read callback. No I/O, prints nothing. */
#ifndef KVAS_WALK_H
#define KVAS_WALK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "pgtable/paging.h"

struct walk_step {
	int level; /* that of the paging's levels = PGD ... 1 = PTE */
	__u64 table_va; /* of the table, through the direct map */
	unsigned int index;
	__u64 entry; /* raw, 0 above its width */
};

struct walk {
	struct walk_step step[PAGING_LEVELS];
	int nr_steps;
	int leaf_level; /* 1 = 4K, 2 = 2M, 3 = 1G with 64-bit tables; 0 = not mapped */
	__u64 pa; /* valid when leaf_level > 0 */
	__u64 leaf_bytes;
};

/* Walk VA from the table at PGD_VA (a direct-map address), of tables as P says, the direct map
 * starting at PAGE_OFFSET. 0 when the walk was carried out (mapped or a hole), -1 when a table
 * could not be read, an entry has reserved bits set or points beyond what the direct map can
 * reach, P is NULL (the paging is not known) or VA is not canonical. The steps taken so far are
 * in OUT either way. */
int walk_va(kread_fn read, void *ctx, __u64 pgd_va, const struct paging *p, __u64 page_offset,
	    __u64 va, struct walk *out);

/* Is VA an address that tables as P says can translate? */
bool walk_canonical(const struct paging *p, __u64 va);

enum walk_outcome {
	WALK_DONE = 0, /* mapped, or a hole */
	WALK_UNREADABLE = 1, /* a table could not be read, or is none */
	WALK_CHANGING = 2, /* two walks in a row never agreed */
};
/* walk_va again and again, some times at most, until two walks agree: the kernel changes
 * its tables meanwhile, and entries of two moments make a mapping that never was. */
enum walk_outcome walk_steady(kread_fn read, void *ctx, __u64 pgd_va,
			      const struct paging *p, __u64 page_offset, __u64 va, struct walk *out);

/* What ENTRY means in a table at LEVEL, 1 to p->levels. */
enum walk_entry {
	WALK_HOLE = 0, /* not present */
	WALK_TABLE = 1, /* points to the next lower table */
	WALK_LEAF = 2, /* maps memory */
	WALK_BAD = 3, /* has bits set that are reserved on every processor */
};
enum walk_entry walk_entry(const struct paging *p, __u64 entry, int level);
/* Do two readings of an entry say the same? A and D aside: the processor sets those by
 * itself, in each table that leads to the same page on its own. */
bool walk_entry_same(__u64 a, __u64 b);
/* Physical address of a table or leaf ENTRY at LEVEL. */
__u64 walk_entry_pa(const struct paging *p, __u64 entry, int level);

#endif
