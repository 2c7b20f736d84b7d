/* SPDX-License-Identifier: GPL-2.0 */
/* The direct map, or another region, by slots of 2M, and what changed from one look to the next. No I/O. */
#ifndef KVAS_SLOTS_H
#define KVAS_SLOTS_H

#include <linux/types.h>
#include <stddef.h>

#include "pgtable/region.h"
#include "pgtable/walk.h"

struct slots {
	__u64 start; /* a multiple of 1G */
	size_t nr;
	/* What each is mapped by: 3 1G, 2 2M, 1 a table of 4K pages, be any of them present
	 * or not; 0 nothing. */
	__u8 *level;
	__u64 unread; /* GiB that could not be read, or kept changing: all 0 */
};

#define SLOT_BYTES (1ULL << 21)

/* Look at REGION through the table at PGD_VA. -1: L does not know its bounds (of the direct
 * map its end), or out of memory. OUT is given back with slots_free(). */
int slots_make(const struct layout *l, enum kvas_region region, kread_fn read, void *ctx,
	       __u64 pgd_va, struct slots *out);
void slots_free(struct slots *s);

/* One page that became smaller ones, or the reverse. */
struct slot_change {
	__u64 va;
	int from, to; /* levels: 3 to 2 is a split of 1G into 2M */
};
/* From BEFORE to AFTER, in order of address: at most MAX into OUT. How many there are in
 * all; slots that were or are not mapped do not count. */
size_t slots_diff(const struct slots *before, const struct slots *after, struct slot_change *out,
		  size_t max);

#endif
