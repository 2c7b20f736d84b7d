/* SPDX-License-Identifier: GPL-2.0 */
/* The x86-64 page-table walk over a read callback. No I/O, prints nothing. */
#ifndef KVAS_WALK_H
#define KVAS_WALK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* Read LEN bytes of kernel memory at virtual address VA; 0 or -1. */
typedef int (*kread_fn)(void *ctx, __u64 va, void *buf, size_t len);

struct walk_step {
	int level; /* 5 = PGD of 5-level ... 1 = PTE */
	__u64 table_va; /* of the table, through the direct map */
	unsigned int index; /* 0..511 */
	__u64 entry; /* raw */
};

struct walk {
	struct walk_step step[5];
	int nr_steps;
	int leaf_level; /* 1 = 4K, 2 = 2M, 3 = 1G; 0 = not mapped */
	__u64 pa; /* valid when leaf_level > 0 */
	__u64 leaf_bytes;
};

/* Walk VA from the table at PGD_VA (a direct-map address) with LEVELS 4 or 5,
 * the direct map starting at PAGE_OFFSET. 0 when the walk was carried out
 * (mapped or a hole), -1 when a table could not be read, an entry has reserved
 * bits set or points beyond what the direct map can reach, LEVELS is neither or
 * VA is not canonical. The steps taken so far are in OUT either way. */
int walk_va(kread_fn read, void *ctx, __u64 pgd_va, int levels, __u64 page_offset, __u64 va,
	    struct walk *out);

/* Is VA an address that LEVELS of tables can translate? */
bool walk_canonical(__u64 va, int levels);

enum walk_outcome {
	WALK_DONE = 0, /* mapped, or a hole */
	WALK_UNREADABLE = 1, /* a table could not be read, or is none */
	WALK_CHANGING = 2, /* two walks in a row never agreed */
};
/* walk_va again and again, some times at most, until two walks agree: the kernel changes
 * its tables meanwhile, and entries of two moments make a mapping that never was. */
enum walk_outcome walk_steady(kread_fn read, void *ctx, __u64 pgd_va, int levels,
			      __u64 page_offset, __u64 va, struct walk *out);

/* What ENTRY means in a table at LEVEL, 1 to 5. */
enum walk_entry {
	WALK_HOLE = 0, /* not present */
	WALK_TABLE = 1, /* points to the next lower table */
	WALK_LEAF = 2, /* maps memory */
	WALK_BAD = 3, /* has bits set that are reserved on every processor */
};
enum walk_entry walk_entry(__u64 entry, int level);
/* Do two readings of an entry say the same? A and D aside: the processor sets those by
 * itself, in each table that leads to the same page on its own. */
bool walk_entry_same(__u64 a, __u64 b);
/* Physical address of a table or leaf ENTRY at LEVEL. */
__u64 walk_entry_pa(__u64 entry, int level);

#endif
