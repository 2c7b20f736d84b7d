/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vmalloc areas by the function that allocates them: live, left behind by processes that
 * ended, freed lazily and given back; and who causes the purges and the TLB flushes of
 * kernel addresses. An area that is freed keeps its addresses until a purge, which takes
 * all that were freed until then, flushes their range once on all CPUs, and makes the
 * addresses free to use (mm/vmalloc.c, 5.10 to 7.2). No I/O, no clock.
 */
#ifndef KVAS_AREAS_H
#define KVAS_AREAS_H

#include <linux/types.h>
#include <stddef.h>

#include "kvas/wire.h"

/* Areas and their bytes, guard pages included. */
struct area_sum {
	__u64 areas, bytes;
};

struct area_row {
	char caller[KVAS_FUNCTION_LEN]; /* "" not known; "(others)": past 512 of them */
	struct area_sum start; /* there when the window opened */
	struct area_sum start_freed; /* of them */
	struct area_sum alloc;
	struct area_sum freed; /* of them: lazy and purged together */
	struct area_sum live; /* of them: not freed */
	struct area_sum leaked; /* of live: the process that allocated, of a kernel stack the
				 * one that ran on it last, has ended since */
	struct area_sum lazy; /* freed, its addresses not given back */
	struct area_sum purged;
	double purges; /* its part of them, by bytes */
};

/* Who purges or flushes. */
struct area_cause {
	char caller[KVAS_FUNCTION_LEN];
	__u64 count;
	__u64 bytes; /* of the ranges that are known */
};

struct area_summary {
	struct area_row all;
	struct area_sum older; /* freed, of which neither the allocation nor that they were there was seen */
	__u64 lazy_system_bytes; /* freed lazily in the whole system, as the kernel counted at
				  * the last free */
	int lazy_system_known;
	const struct area_row *rows; /* most bytes allocated first, then most there at the start */
	size_t nr_rows;
	const struct area_cause *purges, *flushes; /* most first */
	size_t nr_purges, nr_flushes;
	__u64 start_untracked; /* of areas there at the start: beyond half of AREAS_MAX; in start alone */
	__u64 untracked; /* allocations beyond AREAS_MAX live ones, or without memory: in no row's
			  * live */
};

#define AREAS_MAX 262144

struct areas;

struct areas *areas_create(void); /* NULL when out of memory */
void areas_destroy(struct areas *a);
/* What happened, in the order of its time: this, areas_stack and areas_exit. */
void areas_add(struct areas *a, const struct kvas_rec_vmalloc *r);
/* A new task of process PID runs on STACK: its area, of those allocated since the start, is no longer the
 * creator's. */
void areas_stack(struct areas *a, __u64 stack, __u32 pid);
/* The last thread of process PID ended: its areas that are live are left behind. */
void areas_exit(struct areas *a, __u32 pid);
/* OUT points into A until A changes. */
void areas_summary(struct areas *a, struct area_summary *out);

#endif
