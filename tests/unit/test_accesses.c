/* SPDX-License-Identifier: GPL-2.0 */
/* Samples into shares, counted by hand. */
#include "test.h"
#include "agg/accesses.h"
#include "view/accesses.h"

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

/* Three loads of the direct map through pointers, one of the stack, four words stored. */
static struct accesses *met(void)
{
	struct accesses *a = accesses_create();
	struct kvas_rec_access r = record(KVAS_ACCESS_KERNEL, "copy", 1);

	assert_non_null(a);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP, 1, 2048);
	access_of(&r.store, KVAS_BASE_STRING, KVAS_REGION_USER, 4, 0);
	for (int i = 0; i < 3; i++)
		accesses_add(a, &r);
	r = record(KVAS_ACCESS_KERNEL, "leaf", 2);
	access_of(&r.load, KVAS_BASE_STACK, KVAS_REGION_VMALLOC, 1, 4);
	accesses_add(a, &r);
	return a;
}

TEST(what_samples_met)
{
	struct accesses *a = met();
	struct access_summary s;

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
	accesses_destroy(a);
}

/* Two samples each stand for half a load by pointer and a stored word of stack; one whose
 * code could not be followed and one on the way to user mode count as those. */
TEST(what_is_expected)
{
	struct accesses *a = met();
	struct kvas_rec_access r = record(KVAS_ACCESS_IRQS_OFF, "unlock", 1);
	struct access_summary s;

	r.expect_load[KVAS_BASE_POINTER] = MILLION / 2;
	r.expect_load[KVAS_BASE_PERCPU] = MILLION / 4;
	r.expect_store[KVAS_BASE_STACK] = MILLION;
	accesses_add(a, &r);
	accesses_add(a, &r);
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
	accesses_destroy(a);
}

/* Each access in region other has one reason, those expected there too. */
TEST(other_says_why)
{
	struct accesses *a = accesses_create();
	struct kvas_rec_access r = record(KVAS_ACCESS_IRQS_OFF, "unlock", 1);
	struct access_summary s;

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
	accesses_destroy(a);
}

TEST(large_pages)
{
	static const __u64 leaf[LEAF_COUNT] = { 6, 3, 1, 90 };
	struct access_huge h = access_huge(leaf);

	assert_int_equal(h.n, 4);
	assert_int_equal(h.all, 10); /* the 90 may be in pages of any size */
}

TEST(the_idle_and_the_user_count_for_nothing)
{
	struct accesses *a = met();
	struct kvas_rec_access r = record(KVAS_ACCESS_IDLE, "idle", 0);
	struct access_summary s;

	accesses_add(a, &r);
	r = record(KVAS_ACCESS_USER, "", 3);
	r.stack_region = KVAS_REGION_COUNT; /* none was taken */
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.samples, 6);
	near(s.load, 4);
	assert_int_equal(s.nr_processes, 2);
	assert_int_equal(s.nr_functions, 2);
	accesses_destroy(a);
}

TEST(rows_by_accesses)
{
	struct accesses *a = met();
	struct access_summary s;

	accesses_summary(a, &s);
	assert_string_equal(s.functions[0].name, "copy");
	assert_int_equal(s.functions[0].samples, 3);
	near(s.functions[0].by.store[KVAS_REGION_USER], 12);
	assert_string_equal(s.functions[1].name, "leaf");
	assert_int_equal(s.processes[0].pid, 1);
	assert_string_equal(s.processes[0].name, "p1");
	assert_int_equal(s.processes[1].pid, 2);
	near(s.processes[1].by.load[KVAS_REGION_VMALLOC], 1);
	accesses_destroy(a);
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

TEST(rows_are_bounded)
{
	struct accesses *a = accesses_create();
	struct access_summary s;

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
	accesses_destroy(a);
}

TEST(nothing_is_unknown)
{
	struct accesses *a = accesses_create();
	struct kvas_rec_access r = record(KVAS_ACCESS_UNKNOWN, "f", 1);
	struct access_summary s;

	accesses_summary(a, &s);
	assert_string_equal(s.why, "no sample fell into the kernel");
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_string_equal(s.why, "no sample stands at an instruction");
	r.mode = KVAS_ACCESS_UNREADABLE;
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_string_equal(s.why, "the kernel's code cannot be read");
	r.mode = KVAS_ACCESS_NO_SYMBOLS;
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_string_equal(s.why, "/proc/kallsyms shows no addresses of functions");
	assert_int_equal(s.samples, 3);
	accesses_destroy(a);
}

/* 50 loads of a sample each, and one sample that met 85: as good as 135^2 / (50 + 85^2). */
TEST(many_at_once_say_less)
{
	struct accesses *a = accesses_create();
	struct kvas_rec_access r = record(KVAS_ACCESS_KERNEL, "f", 1);
	struct access_summary s;

	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP, 1, 2048);
	for (int i = 0; i < 50; i++)
		accesses_add(a, &r);
	r = record(KVAS_ACCESS_KERNEL, "bpf_trace_run2", 1);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_VMALLOC, 85, 4);
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.met_load, 135);
	near(s.n_load, 135.0 * 135 / 7275);
	near(s.n_store, 0);
	assert_int_equal(s.tracing_load, 85);
	assert_int_equal(s.tracing_store, 0);
	accesses_destroy(a);
}

/* A recording may hold anything. */
TEST(nonsense_is_left_out)
{
	struct accesses *a = accesses_create();
	struct kvas_rec_access r = record(KVAS_ACCESS_KERNEL, "f", 1);
	struct access_summary s;

	r.mode = 0;
	accesses_add(a, &r);
	r.mode = KVAS_ACCESS_MODE_COUNT;
	accesses_add(a, &r);
	r = record(KVAS_ACCESS_KERNEL, "f", 1);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_COUNT, 1, 4);
	accesses_add(a, &r);
	access_of(&r.load, KVAS_BASE_POINTER, 0xffffffff, 1, 4);
	accesses_add(a, &r);
	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_OTHER, 1, 4);
	r.load.why = KVAS_WHY_COUNT;
	accesses_add(a, &r);
	r = record(KVAS_ACCESS_IRQS_OFF, "f", 1);
	r.stack_region = KVAS_REGION_COUNT;
	accesses_add(a, &r);
	accesses_summary(a, &s);
	assert_int_equal(s.samples, 0);
	accesses_destroy(a);
}

/* Wilson's interval, worked out from his formula in Python with z = 1.959964. */
TEST(intervals)
{
	double low, high;

	access_interval(0.5, 100, &low, &high);
	near(low, 0.4038);
	near(high, 0.5962);
	access_interval(0.1, 50, &low, &high);
	near(low, 0.0435);
	near(high, 0.2136);
	access_interval(0, 10, &low, &high);
	near(low, 0);
	near(high, 0.2775);
	access_interval(1, 10, &low, &high);
	near(low, 0.7225);
	near(high, 1);
	access_interval(0, 0, &low, &high); /* nothing is known */
	near(low, 0);
	near(high, 1);
}

TEST(the_pmus_samples_are_apart)
{
	struct accesses *a = met();
	struct kvas_rec_access r = record(KVAS_ACCESS_PRECISE, "copy", 1);
	struct access_summary s;

	access_of(&r.load, KVAS_BASE_POINTER, KVAS_REGION_VMEMMAP, 1, 2048);
	accesses_add(a, &r);
	accesses_add(a, &r);
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
	accesses_destroy(a);
}

/* The line of an interval in which INTERVAL was met, and RUN since the beginning. */
static void line_is(const struct access_summary *interval, const struct access_summary *run,
		    const char *want)
{
	struct meta meta = { .sample_hz = 99 };
	struct summary s = { .meta = &meta, .accesses = *interval, .accesses_so_far = run };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	view_accesses_line(f, &s);
	fclose(f);
	assert_string_equal(text, want);
	assert_true(len <= 81);
	free(text);
}

/* An interval with too few accesses for shares shows the run's, and says so. */
TEST(line_of_an_interval)
{
	struct access_summary few = { .load = 9, .store = 8, .met_load = 9, .met_store = 8 };
	struct access_summary run = { .load = 1000, .store = 500, .met_load = 1230,
				      .met_store = 100, .n_load = 1230, .n_store = 100 };

	run.all.load[KVAS_REGION_DIRECT_MAP] = 330;
	run.all.load[KVAS_REGION_VMALLOC] = 330;
	run.all.load[KVAS_REGION_USER] = 330;
	run.all.store[KVAS_REGION_DIRECT_MAP] = 165;
	run.all.store[KVAS_REGION_VMALLOC] = 170;
	run.all.store[KVAS_REGION_USER] = 165;
	line_is(&few, NULL, "  accesses      too few sampled to say where to: 9 loads, 8 stores\n");
	line_is(&few, &run, "  sampled l/s % direct 33/33 vmalloc 33/34 user 33/33 else 1/0 +-10 "
			    "so far\n");
	line_is(&run, &few, "  sampled l/s % direct 33/33 vmalloc 33/34 user 33/33 else 1/0 +-10\n");
	run.met_store = 99;
	line_is(&few, &run,
		"  accesses      too few sampled to say where to: 1230 loads, 99 stores\n");
	/* The widest there can be. */
	run.met_store = run.n_load = run.n_store = 100;
	run.all.store[KVAS_REGION_VMALLOC] = 500;
	run.all.store[KVAS_REGION_DIRECT_MAP] = run.all.store[KVAS_REGION_USER] = 0;
	line_is(&few, &run, "  sampled l/s % direct 33/0 vmalloc 33/100 user 33/0 else 1/0 +-10 so far\n");
	few.why = "/proc/kallsyms shows no addresses of functions";
	line_is(&few, NULL, "  accesses      /proc/kallsyms shows no addresses of functions\n");
}

TESTS_RUN(NULL, NULL)
