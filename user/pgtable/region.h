/* SPDX-License-Identifier: GPL-2.0 */
/* Which region of the x86-64 address space an address lies in. No I/O. */
#ifndef KVAS_REGION_H
#define KVAS_REGION_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"
#include "model/layout.h"
#include "model/regions.h"

/* Region of ADDR under layout L. Any 64-bit value is accepted; non-canonical
 * addresses are KVAS_REGION_OTHER, and so are holes and addresses that could be in
 * either image or modules. Never KVAS_REGION_PERCPU: per-CPU data is in the direct map or in vmalloc, and no
 * address tells. With levels unknown, user is the half that both numbers share. */
enum kvas_region region_of(const struct layout *l, __u64 addr);

/* The bounds of all regions under one layout, for many look-ups. */
struct region_map {
	__u64 start[KVAS_REGION_COUNT];
	__u64 bytes[KVAS_REGION_COUNT]; /* 0: not known under this layout */
};
void region_map_make(struct region_map *m, const struct layout *l);
/* What region_of says. */
enum kvas_region region_map_find(const struct region_map *m, __u64 addr);

/* [*start, *end) of region R under L, end exclusive. No two regions overlap
 * when the bases are in their order.
 * Returns false, and 0, 0, when its bounds are not known. */
bool region_bounds(const struct layout *l, enum kvas_region r, __u64 *start, __u64 *end);

/* Are the bounds of R under L less than its room may be? So for the image and the modules
 * where nothing tells which of them has the 512 MiB between. */
bool region_at_least(const struct layout *l, enum kvas_region r);

/* The layout with KASLR taken out (Documentation/arch/x86/x86_64/mm.rst), what
 * --redact writes offsets against. All unknown when LEVELS is neither 4 nor 5. */
void layout_unrandomised(struct layout *l, int levels);
/* The same of L's levels; how the kernel was built is kept. */
void layout_redact(struct layout *l);

#endif
