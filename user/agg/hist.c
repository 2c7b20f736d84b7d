// SPDX-License-Identifier: GPL-2.0
#include "agg/hist.h"

/* Values below 16 have a bucket each; above, the three bits after the leading
 * one choose among the 8 buckets of its power of two. */
static unsigned int bucket_of(__u64 value)
{
	unsigned int shift;

	if (value < 16)
		return value;
	shift = 60 - __builtin_clzll(value);
	return shift * 8 + (value >> shift);
}

/* The largest value of bucket B. */
static __u64 upper_edge(unsigned int b)
{
	unsigned int shift;

	if (b < 16)
		return b;
	shift = b / 8 - 1;
	return ((__u64)(b % 8 + 9) << shift) - 1; /* of the last bucket: 2^64 - 1 */
}

void hist_add(struct hist *h, __u64 value)
{
	if (!h->count || value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->count++;
	h->sum += value;
	h->bucket[bucket_of(value)]++;
}

__u64 hist_percentile(const struct hist *h, unsigned int p)
{
	/* ceil(count * p / 100) without overflow: the value's place in order. */
	__u64 rank = h->count / 100 * p + (h->count % 100 * p + 99) / 100;
	__u64 below = 0;

	for (unsigned int b = 0; b < HIST_BUCKETS; b++) {
		below += h->bucket[b];
		if (below >= rank)
			return upper_edge(b) < h->max ? upper_edge(b) : h->max;
	}
	return h->max;
}
