/* SPDX-License-Identifier: GPL-2.0 */
/* The page size that kernel addresses are mapped by, remembered by 2M for a while. No I/O
 * but by the callback. */
#ifndef KVAS_LEAF_H
#define KVAS_LEAF_H

#include <linux/types.h>

#include "pgtable/walk.h"

struct leaf_cache;

/* Walk through the table at PGD_VA as walk_va does. NULL when out of memory. */
struct leaf_cache *leaf_cache_create(kread_fn read, void *ctx, __u64 pgd_va, const struct paging *p,
				     __u64 page_offset);
void leaf_cache_destroy(struct leaf_cache *c);

/* Page size at VA in KiB: 4, 2048 or 1048576; 0 not known: not mapped, not readable, or no
 * kernel address. NOW_NS is the time of the access: what was learnt over a second before is
 * looked at again, as large pages are split and areas come and go. */
__u32 leaf_kb(struct leaf_cache *c, __u64 va, __u64 now_ns);

#endif
