/* SPDX-License-Identifier: GPL-2.0 */
/* Where this kernel's regions begin. */
#ifndef KVAS_MODEL_LAYOUT_H
#define KVAS_MODEL_LAYOUT_H

#include <linux/types.h>

#include "model/answer.h"

/* The bases of this kernel's regions. 0 = unknown (no region starts at 0).
 * Where a base is unknown, addresses that could be there are KVAS_REGION_OTHER:
 * a classification is known to be right or it is "other". */
struct layout {
	int levels; /* of tables: 4 or 5; 0 unknown. Chooses the geometry: paging_of() */
	__u64 page_offset; /* start of the direct map */
	__u64 direct_map_end; /* one past its last mapped byte; 0 unknown */
	__u64 vmalloc_base;
	__u64 vmemmap_base;
	__u64 text_base; /* _text, in the kernel image region */
	/* Is the kernel built with CONFIG_RANDOMIZE_BASE? Its image then has 1 GiB of room
	 * whether KASLR is on or not; else 512 MiB, and modules the rest. */
	enum answer randomize_base;
};

#endif
