/* SPDX-License-Identifier: GPL-2.0 */
/* Limits on what this process may use: descriptors, and memory by its control groups. */
#ifndef KVAS_LIMITS_H
#define KVAS_LIMITS_H

#include <linux/types.h>

/* Raise the soft limit on open files to the hard one: kvas holds some for each hook and CPU. A
 * command that is to be run is started before, and keeps the limit that it was given. */
void limits_raise_files(void);

/* CPUs that are online, 1 to POSSIBLE; POSSIBLE where it is not told. */
__u32 limits_online(__u32 possible);

/* Descriptors that a run needs, about: programs, links, maps, BTF. For each CPU that is online two rings
 * with an epoll each, and an event. */
#define LIMITS_FILES 120u
#define LIMITS_FILES_CPU 5u

/* The control group, of those this process is in, that has the least memory left. */
struct memory_limit {
	char group[200]; /* the file of the limit; "" there is no limit, or it is not told */
	__u64 max, used; /* bytes; USED without what the kernel can take back */
};

/* ROOT stands before /proc and /sys: "" but for tests. */
void memory_limit_read(const char *root, struct memory_limit *out);

/* Samples a second that perf allows, kernel.perf_event_max_sample_rate; the kernel lowers it by itself
 * when ticks take long. ~0 when it cannot be read. */
#define LIMITS_SAMPLE_RATE "kernel.perf_event_max_sample_rate"
__u32 limits_sample_rate(void);

#endif
