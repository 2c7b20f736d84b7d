/* SPDX-License-Identifier: GPL-2.0 */
/* Samples into shares, counted by hand. */
#include "test.h"
#include "agg/accesses.h"

#define MILLION 1000000

static struct kvas_rec_access record(unsigned int mode, const char *function, __u32 pid)
{
	struct kvas_rec_access r = { .h = { .kind = KVAS_KIND_ACCESS, .size = sizeof(r), .pid = pid },
				     .mode = mode, .stack_region = KVAS_REGION_VMALLOC };

	r.load.region = r.store.region = KVAS_REGION_COUNT;
	snprintf(r.function, sizeof(r.function), "%s", function);
	snprintf(r.h.comm, sizeof(r.h.comm), "p%u", pid);
	return r;
}

static void access_of(struct kvas_access *a, unsigned int from, unsigned int region,
		      unsigned int times, unsigned int leaf_kb)
{
	*a = (struct kvas_access){ .address = 1, .from = from, .region = region, .bytes = 8,
				   .times = times, .leaf_kb = leaf_kb };
}

static void near(double got, double want)
{
	if (got < want - 1e-4 || got > want + 1e-4)
		fail_msg("%g, not %g", got, want);
}

static struct accesses *a;
static struct access_summary s;

TEST_FIXTURE(no_samples, a = accesses_create(); assert_non_null(a))
TEST_FIXTURE(drop, accesses_destroy(a))

static void add_times(const struct kvas_rec_access *r, int times)
{
	while (times--)
		accesses_add(a, r);
}

/* Three loads of the direct map through pointers, one of the stack, four words stored. */
static int few_samples(void **state)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_KERNEL, "copy", 1);

	no_samples(state);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP, 1, 2048);
	access_of(&r.store, KVAS_BASE_STRING, KVAS_REGION_USER, 4, 0);
	add_times(&r, 3);
	r = record(KVAS_ACCESS_KERNEL, "leaf", 2);
	access_of(&r.load, KVAS_BASE_STACK, KVAS_REGION_VMALLOC, 1, 4);
	accesses_add(a, &r);
	return 0;
}

#define TEST_OF_NO_SAMPLES(name) TEST_BETWEEN(name, no_samples, drop)
#define TEST_OF_FEW_SAMPLES(name) TEST_BETWEEN(name, few_samples, drop)

/* WHY there are no shares, with so many samples. */
static void unknown_because(const char *why, __u64 samples)
{
	accesses_summary(a, &s);
	assert_string_equal(s.why, why);
	assert_int_equal(s.samples, samples);
}

TEST_OF_FEW_SAMPLES(what_samples_met)
{
	accesses_summary(a, &s);
	assert_null(s.why);
	assert_int_equal(s.samples, 4);
	near(s.load, 4);
	near(s.store, 12);
	near(s.all.load[KVAS_REGION_DIRECT_MAP], 3);
	near(s.all.load[KVAS_REGION_VMALLOC], 1);
	near(s.all.store[KVAS_REGION_USER], 12);
	/* Of user memory the page size is not asked. */
	assert_int_equal(s.leaf[LEAF_2M], 3);
	assert_int_equal(s.leaf[LEAF_4K], 1);
	assert_int_equal(s.leaf[LEAF_UNKNOWN], 0);
	assert_int_equal(s.leaf_direct[LEAF_2M], 3);
	assert_int_equal(s.leaf_direct[LEAF_4K], 0);
}

/* Two samples each stand for half a load by pointer and a stored word of stack; one whose
 * code could not be followed and one on the way to user mode count as those. */
TEST_OF_FEW_SAMPLES(what_is_expected)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_IRQS_OFF, "unlock", 1);

	r.expect_load[KVAS_BASE_POINTER] = MILLION / 2;
	r.expect_load[KVAS_BASE_PERCPU] = MILLION / 4;
	r.expect_store[KVAS_BASE_STACK] = MILLION;
	add_times(&r, 2);
	r = record(KVAS_ACCESS_IRQS_OFF, "lost", 1);
	accesses_add(a, &r);
	r = record(KVAS_ACCESS_RETURN, "", 1);
	accesses_add(a, &r);
	accesses_summary(a, &s);
	near(s.all.load[KVAS_REGION_DIRECT_MAP], 3 + 4 * 0.5); /* where met pointers lead */
	near(s.all.load[KVAS_REGION_PERCPU], 4 * 0.25);
	near(s.all.store[KVAS_REGION_VMALLOC], 4); /* where the stack was */
	near(s.expected_load, 3);
	near(s.expected_store, 4);
	near(s.load, 4 + 3);
	assert_int_equal(s.met_load, 4); /* the interval rests on what was met */
}

/* Each access in region other has one reason, those expected there too. */
TEST_OF_NO_SAMPLES(other_says_why)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_IRQS_OFF, "unlock", 1);

	r.expect_load[KVAS_BASE_POINTER] = 3 * MILLION;
	accesses_add(a, &r); /* no pointer was met that could tell where */
	r = record(KVAS_ACCESS_KERNEL, "f", 1);
	access_of(&r.store, KVAS_BASE_STRING, KVAS_REGION_OTHER, 2, 0);
	r.store.why = KVAS_WHY_NO_REGION;
	access_of(&r.load, KVAS_BASE_STRING, KVAS_REGION_OTHER, 1, 0);
	r.load.why = KVAS_WHY_FS;
	accesses_add(a, &r);
	accesses_summary(a, &s);
	near(s.all.load[KVAS_REGION_OTHER], 3 + 1);
	near(s.all.store[KVAS_REGION_OTHER], 2);
	near(s.other[KVAS_WHY_IRQS_OFF], 3);
	near(s.other[KVAS_WHY_NO_REGION], 2);
	near(s.other[KVAS_WHY_FS], 1);
	near(s.other[KVAS_WHY_VECTOR], 0);
}

TEST(large_pages)
{
	static const __u64 leaf[LEAF_COUNT] = { 6, 3, 1, 90 };
	struct access_huge h = access_huge(leaf);

	assert_int_equal(h.n, 4);
	assert_int_equal(h.all, 10); /* the 90 may be in pages of any size */
}

TEST_OF_FEW_SAMPLES(the_idle_and_the_user_count_for_nothing)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_IDLE, "idle", 0);

	accesses_add(a, &r);
	r = record(KVAS_ACCESS_USER, "", 3);
	r.stack_region = KVAS_REGION_COUNT; /* none was taken */
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.samples, 6);
	near(s.load, 4);
	assert_int_equal(s.nr_processes, 2);
	assert_int_equal(s.nr_functions, 2);
}

TEST_OF_FEW_SAMPLES(rows_by_accesses)
{
	accesses_summary(a, &s);
	assert_string_equal(s.functions[0].name, "copy");
	assert_int_equal(s.functions[0].samples, 3);
	near(s.functions[0].by.store[KVAS_REGION_USER], 12);
	assert_string_equal(s.functions[1].name, "leaf");
	assert_int_equal(s.processes[0].pid, 1);
	assert_string_equal(s.processes[0].name, "p1");
	assert_int_equal(s.processes[1].pid, 2);
	near(s.processes[1].by.load[KVAS_REGION_VMALLOC], 1);
}

/* 20,000 of them: 2 loads each of the first half, 100 of the second, 20,000 of the last. */
static void add_many(struct accesses *a, bool functions)
{
	struct kvas_rec_access r;
	char name[32] = "";

	for (__u32 i = 1; i <= 20000; i++) {
		if (functions)
			snprintf(name, sizeof(name), "f%u", i);
		r = record(KVAS_ACCESS_KERNEL, name, functions ? 1 : i);
		access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP,
			  i == 20000 ? 20000 : i > 10000 ? 100 : 2, 4);
		accesses_add(a, &r);
	}
}

static void are_bounded(const struct access_row *row, size_t nr, __u64 folded, const char *most)
{
	__u64 samples = 0, others = 0;
	double sum = 0;

	assert_in_range(nr, 4096, 8193);
	assert_int_equal(folded, 20000 - nr + 1);
	for (size_t i = 0; i < nr; i++) {
		sum += row[i].by.load[KVAS_REGION_DIRECT_MAP];
		samples += row[i].samples;
		others += !strcmp(row[i].name, "(others)");
	}
	near(sum, 10000 * 2 + 9999 * 100 + 20000);
	assert_int_equal(samples, 20000);
	assert_int_equal(others, 1);
	assert_string_equal(row[0].name, "(others)");
	assert_string_equal(row[1].name, most);
	near(row[1].by.load[KVAS_REGION_DIRECT_MAP], 20000);
	near(row[2].by.load[KVAS_REGION_DIRECT_MAP], 100);
}

TEST_OF_NO_SAMPLES(rows_are_bounded)
{
	add_many(a, false);
	accesses_summary(a, &s);
	are_bounded(s.processes, s.nr_processes, s.processes_folded, "p20000");
	assert_int_equal(s.processes[1].pid, 20000);
	assert_int_equal(s.functions_folded, 0);
	accesses_destroy(a);
	a = accesses_create();
	add_many(a, true);
	accesses_summary(a, &s);
	are_bounded(s.functions, s.nr_functions, s.functions_folded, "f20000");
	assert_int_equal(s.nr_processes, 1);
	assert_int_equal(s.processes_folded, 0);
}

TEST_OF_NO_SAMPLES(nothing_is_unknown)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_UNKNOWN, "f", 1);

	unknown_because("no sample fell into the kernel", 0);
	accesses_add(a, &r);
	unknown_because("no sample stands at an instruction", 1);
	r.mode = KVAS_ACCESS_UNREADABLE;
	accesses_add(a, &r);
	unknown_because("the kernel's code cannot be read", 2);
	r.mode = KVAS_ACCESS_NO_SYMBOLS;
	accesses_add(a, &r);
	unknown_because("/proc/kallsyms shows no addresses of functions", 3);
}

/* 50 loads of a sample each, and one sample that met 85: as good as 135^2 / (50 + 85^2). */
TEST_OF_NO_SAMPLES(many_at_once_say_less)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_KERNEL, "f", 1);

	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP, 1, 2048);
	add_times(&r, 50);
	r = record(KVAS_ACCESS_KERNEL, "bpf_trace_run2", 1);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_VMALLOC, 85, 4);
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.met_load, 135);
	near(s.n_load, 135.0 * 135 / 7275);
	near(s.n_store, 0);
	assert_int_equal(s.tracing_load, 85);
	assert_int_equal(s.tracing_store, 0);
}

/* A recording may hold anything. */
TEST_OF_NO_SAMPLES(nonsense_is_left_out)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_KERNEL, "f", 1);

	r.mode = 0;
	accesses_add(a, &r);
	r.mode = KVAS_ACCESS_END;
	accesses_add(a, &r);
	r = record(KVAS_ACCESS_KERNEL, "f", 1);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_COUNT, 1, 4);
	accesses_add(a, &r);
	access_of(&r.load, KVAS_BASE_POINTER, 0xffffffff, 1, 4);
	accesses_add(a, &r);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_OTHER, 1, 4);
	r.load.why = KVAS_WHY_END;
	accesses_add(a, &r);
	r = record(KVAS_ACCESS_IRQS_OFF, "f", 1);
	r.stack_region = KVAS_REGION_COUNT;
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.samples, 0);
}

/* Wilson's interval, worked out from his formula in Python with z = 1.959964. */
TEST(intervals)
{
	static const struct {
		double share, n, low, high;
	} want[] = {
		{ 0.5, 100, 0.4038, 0.5962 }, { 0.1, 50, 0.0435, 0.2136 }, { 0, 10, 0, 0.2775 },
		{ 1, 10, 0.7225, 1 },	      { 0, 0, 0, 1 }, /* nothing is known */
	};
	double low, high;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		access_interval(want[i].share, want[i].n, &low, &high);
		near(low, want[i].low);
		near(high, want[i].high);
	}
}

TEST_OF_FEW_SAMPLES(the_pmus_samples_are_apart)
{
	struct kvas_rec_access r = record(KVAS_ACCESS_PRECISE, "copy", 1);

	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_VMEMMAP, 1, 2048);
	add_times(&r, 2);
	access_of(&r.store, KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP, 1, 2048);
	accesses_add(a, &r);
	r = record(KVAS_ACCESS_PRECISE, "copy", 1);
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.samples, 4);
	near(s.load, 4);
	near(s.all.load[KVAS_REGION_VMEMMAP], 0);
	near(s.precise.load[KVAS_REGION_VMEMMAP], 3);
	near(s.precise.store[KVAS_REGION_DIRECT_MAP], 1);
	assert_int_equal(s.precise_load, 3);
	assert_int_equal(s.precise_store, 1);
	assert_int_equal(s.precise_unknown, 1);
}

TESTS_RUN(NULL, NULL)
