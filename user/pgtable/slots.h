/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The direct map, or another region, by slots of what an entry of level 2 covers (2M with 64-bit
 * tables), and what changed from one look to the next. No I/O.
 */
#ifndef KVAS_SLOTS_H
#define KVAS_SLOTS_H

#include <linux/types.h>
#include <stddef.h>

#include "pgtable/region.h"
#include "pgtable/walk.h"

struct slots {
	const struct paging *paging;
	__u64 start; /* of the first table of level 2 */
	__u64 bytes; /* of a slot */
	size_t per_table; /* slots of such a table; of 1G with 64-bit ones */
	size_t nr; /* whole tables */
	/* The level that maps each: 3 a page of a whole table, 2 one of a slot, 1 a table of 4K
	 * pages, be any of them present or not; 0 nothing. */
	__u8 *level;
	__u64 unread; /* tables that could not be read, or kept changing: all 0 */
};

/* Look at REGION through the table at PGD_VA. -1: L does not know its bounds (of the direct
 * map its end), or out of memory. OUT is given back with slots_free(). */
int slots_make(const struct layout *l, enum kvas_region region, kread_fn read, void *ctx,
	       __u64 pgd_va, struct slots *out);
void slots_free(struct slots *s);

/* One page that became smaller ones, or the reverse. */
struct slot_change {
	__u64 va;
	int from, to; /* levels: 3 to 2 is a split of 1G into 2M */
	__u64 bytes; /* of the larger page */
};
/* From BEFORE to AFTER, in order of address: at most MAX into OUT. How many there are in
 * all; slots that were or are not mapped do not count. */
size_t slots_diff(const struct slots *before, const struct slots *after, struct slot_change *out,
		  size_t max);

#endif
