/* SPDX-License-Identifier: GPL-2.0 */
/* The direct map by page size, and where it is split. No I/O. */
#ifndef KVAS_DMAP_H
#define KVAS_DMAP_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "pgtable/region.h"
#include "pgtable/survey.h"

/* 2M slots next to each other that are mapped by 4K pages. */
struct dmap_range {
	__u64 start, end;
	__u64 pages; /* mapped */
	__u64 missing; /* not mapped, in between */
	__u64 read_only, executable, uncached; /* of pages; uncached: no write-back memory type */
};

/* Per column of a strip over the direct map: the smallest page there, 1 to 3; 0 nothing. */
#define DMAP_COLUMNS 64

struct dmap {
	__u64 start, end;
	__u64 page_bytes[3]; /* by level: 4K, 2M, 1G with 64-bit tables; 0 no such page */
	__u64 leaves[3]; /* by level */
	__u64 whole_gib; /* aligned GiB that are mapped without a gap, but not by one page */
	__u64 image_splits; /* 2M slots of the kernel image's own mapping mapped by 4K pages */
	__u8 smallest[DMAP_COLUMNS];
	struct dmap_range *ranges; /* in order of address */
	size_t nr_ranges;
	__u64 changed, unread; /* as of struct survey */
	__u64 unread_gib; /* where it is not known what is split: no range there, no image split */
};

/* Look through the direct map of the table at PGD_VA. L must know where it ends: -1 when
 * not, or out of memory. OUT is given back with dmap_free(). */
int dmap_make(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va, struct dmap *out);
void dmap_free(struct dmap *d);

#endif
