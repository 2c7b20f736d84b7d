/* SPDX-License-Identifier: GPL-2.0 */
#include "test.h"
#include "agg/hist.h"

/* What percentile means: the smallest value with at least P of 100 at or below. */
static __u64 exact_percentile(const __u64 *sorted, size_t n, unsigned int p)
{
	size_t i = 0;

	while ((i + 1) * 100 < n * p)
		i++;
	return sorted[i];
}

static int ascending(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static __u64 one(__u64 value)
{
	static struct hist h;

	memset(&h, 0, sizeof(h));
	hist_add(&h, value);
	hist_add(&h, UINT64_MAX); /* so that the cut to the maximum does not help */
	return hist_percentile(&h, 50);
}

TEST(empty_has_no_percentile)
{
	struct hist h = { 0 };

	assert_int_equal(hist_percentile(&h, 1), 0);
	assert_int_equal(hist_percentile(&h, 100), 0);
}

TEST(small_values_are_exact)
{
	for (__u64 v = 0; v < 16; v++)
		assert_int_equal(one(v), v);
}

/* Bucket edges worked out by hand: [16,17] [18,19] ... [30,31] [32,35] ... */
TEST(edges_of_larger_buckets)
{
	static const __u64 edge[][2] = {
		{ 16, 17 }, { 17, 17 }, { 18, 19 }, { 31, 31 }, { 32, 35 }, { 36, 39 },
		{ 63, 63 }, { 64, 71 }, { 1000, 1023 }, { 1024, 1151 },
		{ 1ULL << 63, 0x8fffffffffffffff },
		{ 0xefffffffffffffff, 0xefffffffffffffff },
		{ 0xf000000000000000, 0xffffffffffffffff },
	};

	for (size_t i = 0; i < sizeof(edge) / sizeof(edge[0]); i++)
		assert_int_equal(one(edge[i][0]), edge[i][1]);
}

/* Every power of two and its neighbours, which is where an index goes wrong. */
TEST(every_magnitude_stays_in_its_table)
{
	for (int bit = 0; bit < 64; bit++)
		for (int d = -1; d <= 1; d++) {
			__u64 v = (1ULL << bit) + d, q = one(v);

			assert_true(q >= v);
			assert_true(q - v <= v / 8);
		}
}

TEST(percentiles_are_never_below_nor_far_above)
{
	static __u64 v[5003];
	static struct hist h;
	__u64 x = 88172645463325252ULL, sum = 0;
	size_t n = sizeof(v) / sizeof(v[0]);

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		v[i] = x >> (14 + i % 50); /* every magnitude */
		sum += v[i];
		hist_add(&h, v[i]);
	}
	qsort(v, n, sizeof(v[0]), ascending);
	assert_int_equal(h.count, n);
	assert_int_equal(h.sum, sum);
	assert_int_equal(h.min, v[0]);
	assert_int_equal(h.max, v[n - 1]);
	for (unsigned int p = 1; p <= 100; p++) {
		__u64 want = exact_percentile(v, n, p), got = hist_percentile(&h, p);

		assert_true(got >= want);
		assert_true(got - want <= want / 8);
	}
	assert_int_equal(hist_percentile(&h, 100), v[n - 1]);
}

TEST(the_largest_value_cuts_the_edge)
{
	struct hist h = { 0 };

	hist_add(&h, 1000);
	assert_int_equal(hist_percentile(&h, 1), 1000);
	assert_int_equal(hist_percentile(&h, 100), 1000);
	assert_int_equal(h.min, 1000);
}

/* p99 of 100 values is the 99th, of 101 the 100th. */
TEST(ranks_round_up)
{
	struct hist h = { 0 };

	for (int i = 0; i < 99; i++)
		hist_add(&h, 1);
	hist_add(&h, 2);
	assert_int_equal(hist_percentile(&h, 99), 1);
	assert_int_equal(hist_percentile(&h, 100), 2);
	hist_add(&h, 3);
	assert_int_equal(hist_percentile(&h, 99), 2);
}

TEST(huge_counts_do_not_overflow)
{
	struct hist h = { .count = 1ULL << 63, .max = 9 };

	h.bucket[3] = 1ULL << 62;
	h.bucket[9] = 1ULL << 62;
	assert_int_equal(hist_percentile(&h, 50), 3);
	assert_int_equal(hist_percentile(&h, 51), 9);
}

TESTS_RUN(NULL, NULL)
