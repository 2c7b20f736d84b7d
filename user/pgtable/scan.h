/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What page tables map, in order of address. Tables are read whole, once while
 * the scan is in them. Tables of a live kernel change while they are read: when one
 * has been read, the entry that led to it must still lead there, or the way is taken
 * again. And they may not be tables at all when PAGE_OFFSET is wrong, so the work is
 * bounded.
 */
#ifndef KVAS_SCAN_H
#define KVAS_SCAN_H

#include <linux/types.h>
#include <stdbool.h>

#include "pgtable/walk.h"

/* Entries looked at before a scan gives up; reading a table costs all of its. */
#define SCAN_BUDGET (16384ULL * X86_PTRS_PER_TABLE)

struct scan_table {
	__u64 va; /* 0: nothing read yet */
	__u64 entry[PAGING_ENTRIES];
};

struct scan {
	kread_fn read;
	void *ctx;
	__u64 pgd_va;
	const struct paging *paging;
	__u64 page_offset;
	__u64 budget; /* entries that may still be looked at */
	__u64 tables_read;
	__u64 changed; /* times that an entry changed while its table was read */
	__u64 bad_start; /* where the range begins that made scan_next() fail */
	__u64 bad_end; /* where it ends; 0: unknown */
	struct scan_table table[PAGING_LEVELS]; /* by level - 1: the one read last */
};

struct scan_leaf {
	__u64 va; /* where it begins */
	__u64 pa;
	__u64 bytes;
	__u64 entry; /* raw */
	int level; /* 1 4K, 2 2M, 3 1G with 64-bit tables */
	unsigned int rights; /* X86_PTE_RW, X86_PTE_US where every level allows it */
	bool nx; /* some level forbids execution */
};

/* READ, CTX and P (not NULL) are borrowed; arguments as of walk_va. */
void scan_init(struct scan *s, kread_fn read, void *ctx, __u64 pgd_va, const struct paging *p,
	       __u64 page_offset);

/* The leaf that maps VA or else the first above it, beginning below END. VA and
 * END are canonical addresses of one half. 1 found, 0 there is none, -1 a table
 * could not be read, is malformed, kept changing or the budget is used up: the scan
 * can go on at s->bad_end unless that is 0. */
int scan_next(struct scan *s, __u64 va, __u64 end, struct scan_leaf *out);

/* Index of the first present top-level entry at or above INDEX; as many as there
 * are: none; -1 not readable. */
int scan_top(struct scan *s, unsigned int index);

#endif
