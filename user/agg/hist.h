/* SPDX-License-Identifier: GPL-2.0 */
/* Log-linear histogram: 8 buckets per power of two, so a quantile is read with
 * at most 12.5 % relative error (never below the true value). */
#ifndef KVAS_HIST_H
#define KVAS_HIST_H

#include <linux/types.h>

#define HIST_BUCKETS 496 /* values 0 to 15, then 8 for each power of two, 2^4 to 2^63 */

struct hist {
	__u64 count;
	__u64 sum;
	__u64 min;
	__u64 max;
	__u64 bucket[HIST_BUCKETS];
};

void hist_add(struct hist *h, __u64 value);
/* The upper edge of the bucket that holds the P-th percentile, P in 1..100, cut
 * to the largest value seen; 0 when empty. */
__u64 hist_percentile(const struct hist *h, unsigned int p);

#endif
