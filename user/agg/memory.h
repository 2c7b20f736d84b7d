/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies between user and kernel memory, and allocations, by the region of the kernel's
 * side, size and function. No I/O, no clock.
 */
#ifndef KVAS_MEMORY_H
#define KVAS_MEMORY_H

#include <linux/types.h>
#include <stddef.h>

#include "kvas/wire.h"

struct memory_sum {
	__u64 count, bytes;
};

struct memory_row {
	__u32 use; /* enum kvas_memory_use */
	__u32 region; /* enum kvas_region */
	__u32 order; /* 2^order bytes at most each; 0 in a function's row */
	char function[KVAS_FUNCTION_LEN]; /* "" not known; "(others)": past MEMORY_ROWS */
	__u32 least, most; /* orders */
	struct memory_sum sum;
};

struct memory_summary {
	struct memory_sum by[KVAS_MEMORY_END][KVAS_REGION_COUNT];
	const struct memory_row *rows; /* by use, region, order and function; most bytes first */
	size_t nr_rows;
	const struct memory_row *functions; /* the same by use, region and function */
	size_t nr_functions;
};

#define MEMORY_ROWS 8192

struct memory;

struct memory *memory_create(void); /* NULL when out of memory */
void memory_destroy(struct memory *m);
/* A record that names no use, region or order there is changes nothing. */
void memory_add(struct memory *m, const struct kvas_rec_memory *r);
/* An area allocated: KVAS_MEMORY_VMALLOC in REGION. */
void memory_add_area(struct memory *m, const struct kvas_rec_vmalloc *r, __u32 region);
/* OUT points into M until M changes. */
void memory_summary(struct memory *m, struct memory_summary *out);

#endif
