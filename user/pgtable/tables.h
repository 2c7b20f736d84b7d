/* SPDX-License-Identifier: GPL-2.0 */
/* The tables themselves: one top-level table, and how many lower ones hang from it. */
#ifndef KVAS_TABLES_H
#define KVAS_TABLES_H

#include <linux/types.h>

#include "pgtable/entry.h"
#include "pgtable/region.h"
#include "pgtable/walk.h"

/* How two kernel halves of tables as P says compare; present entries, the processor's A and D
 * bits aside. */
struct half_compare {
	unsigned int present; /* in A */
	unsigned int same; /* of those and those of B */
	unsigned int differ; /* in one or both, and not the same; the LDT's is not among them */
	bool ldt; /* A has an LDT entry of its own */
	unsigned int first; /* that differs, when differ */
};
void table_compare(const struct paging *p, const __u64 a[PAGING_ENTRIES],
		   const __u64 b[PAGING_ENTRIES], struct half_compare *out);

/* Entries next to each other of which the same is to be said. */
struct table_group {
	unsigned int first, last;
	unsigned int present;
	__u32 regions; /* a bit per region that has room there */
	enum table_share {
		SHARE_NONE = 0, /* nothing present */
		SHARE_OWN = 1, /* leads to tables of this process alone: lower half, LDT */
		SHARE_KERNEL = 2, /* the same as in the reference: tables of all */
		SHARE_DIFFERS = 3, /* in the kernel's half, and not the same */
	} share;
};
/* The groups of PGD beside REFERENCE under the layout L, into OUT; how many. */
size_t table_groups(const __u64 pgd[PAGING_ENTRIES],
		    const __u64 reference[PAGING_ENTRIES], const struct layout *l,
		    struct table_group out[PAGING_ENTRIES]);

/* Lower tables by level: [0] PTE tables, [1] PMD, [2] PUD, [3] P4D. */
#define TABLE_LOWER 4
struct table_count {
	__u64 tables[TABLE_LOWER];
	__u64 unsure; /* entries whose table changed each time it was read, or could not be */
};

/* What entries of user memory stand for, in bytes. */
struct memory_count {
	__u64 mapped;
	__u64 absent[ABSENT_KINDS]; /* by enum entry_absent; nothing is ABSENT_EMPTY */
};

/* Called for each lower table: its LEVEL (1 PTE) and physical address. */
typedef void (*table_fn)(void *ctx, int level, __u64 pa);

struct table_walk {
	kread_fn read;
	void *read_ctx;
	__u64 page_offset;
	const struct paging *paging;
	__u64 budget; /* tables that may still be read */
	table_fn each; /* may be NULL */
	void *each_ctx;
	struct memory_count *memory; /* added to; NULL: PTE tables are counted, not read */
};

/* Count the tables below entries [FIRST, LAST) of the top-level table PGD, a copy of what
 * is at PGD_VA. Each table read must still be led to
 * after it was read, or its entry is taken again. What is malformed, unreadable or beyond
 * the budget is counted as unsure: the count is then a lower bound. */
void table_count(struct table_walk *w, const __u64 pgd[PAGING_ENTRIES], __u64 pgd_va,
		 unsigned int first, unsigned int last, struct table_count *out);

#endif
