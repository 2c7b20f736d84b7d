/* SPDX-License-Identifier: GPL-2.0 */
/* The two clocks kvas reads, in nanoseconds. Every room but agg/ and view/ may include this. */
#ifndef KVAS_CLOCK_H
#define KVAS_CLOCK_H

#include <linux/types.h>
#include <time.h>

#define NS_PER_S 1000000000ULL

static inline __u64 clock_read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Since boot, suspended time aside: the clock of bpf_ktime_get_ns() and of every record. */
static inline __u64 clock_monotonic_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

/* Since 1970, UTC. It may be set back. */
static inline __u64 clock_realtime_ns(void)
{
	return clock_read_ns(CLOCK_REALTIME);
}

#endif
