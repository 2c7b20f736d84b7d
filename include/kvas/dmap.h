/* SPDX-License-Identifier: GPL-2.0 */
/* What passes from the watcher of the direct map (dmap.bpf.c) to user space. */
#ifndef KVAS_DMAP_WIRE_H
#define KVAS_DMAP_WIRE_H

#define KVAS_DMAP_FRAMES 24

/* A call that changed how many pages of each size the direct map has. */
struct kvas_dmap_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 pid; /* thread group */
	__u32 tid;
	char comm[16];
	__u64 address; /* first one the call was to change; 0 not told */
	__u64 pages; /* of 4K, from there on */
	__s64 delta_4k; /* of direct_pages_count[] during the call */
	__s64 delta_2m;
	__s64 delta_1g;
	__s64 end_4k; /* direct_pages_count[] when the call ended */
	__s64 end_1g;
	__u32 shared; /* another task was in such a call meanwhile: the deltas are of both */
	__u32 frames;
	__u64 stack[KVAS_DMAP_FRAMES]; /* innermost first */
};

_Static_assert(sizeof(struct kvas_dmap_event) == 96 + 8 * KVAS_DMAP_FRAMES, "dmap");

#endif
