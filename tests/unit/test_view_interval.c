/* SPDX-License-Identifier: GPL-2.0 */
/* One block of live: what changed, and rates. */
#include "view_fixture.h"

static struct small_run run, was;

static int setup(void **state)
{
	(void)state;
	small_run(&run);
	small_run(&was);
	return 0;
}

#define TEST_OF_INTERVALS(name) TEST_BETWEEN(name, setup, NULL)

/* Over two seconds: half of each count, 504.5 shown even. 100003 + 1009 + 500 = 101512. */
TEST_OF_INTERVALS(gives_rates)
{
	char *text = fixture_interval(&run.s, NULL);

	assert_has(text, "05:11:02\n", "  entries/s     50.8k: syscall 50.0k, page_fault 504, irq 250\n",
		   "kpti_would_be 102k", "  switches/s    211: to another mm 200, to a kernel thread 11",
		   "  page faults/s 510: user 504, kernel 5.50\n", "By process, events a second:\n",
		   "   4711 ", "     50.8k  ", "lost/s        events 10");
	/* What is rare is counted; a gauge is no rate. */
	assert_has(text, "  PGDs          alloc 68, free 60, live 48\n");
	assert_has_not(text, "unknown", " nmi", "vforks", "changed");
	fixture_narrow(text);
	free(text);
}

TEST_OF_INTERVALS(first_has_no_change)
{
	char *text = fixture_interval(&run.s, NULL);

	assert_has_not(text, "changed");
	free(text);
	text = fixture_interval(&run.s, &was.s);
	assert_has_not(text, "changed");
	free(text);
}

/* A rate that triples is told in the first line after the clock; its parts are not again. */
TEST_OF_INTERVALS(a_rate_that_triples)
{
	char *text;

	run.s.c[KVAS_C_FAULT_KERNEL] = 300;
	was.s.c[KVAS_C_FAULT_KERNEL] = 100;
	text = fixture_interval(&run.s, &was.s);
	assert_has(text, "05:11:02\n  changed       faults.kernel 50 -> 150/s\n");
	free(text);
	/* The interval may be of another length: rates are compared. */
	was.s.length_ns *= 3;
	for (int c = 0; c < KVAS_C_COUNT; c++)
		was.s.c[c] = 3 * run.s.c[c];
	text = fixture_interval(&run.s, &was.s);
	assert_has_not(text, "changed");
	free(text);
}

/* It fell, too; the figure that changed most stands first. */
TEST_OF_INTERVALS(largest_change_first)
{
	char *text, *syscalls, *execs;

	run.s.c[KVAS_C_SYSCALL] = 300;
	run.s.c[KVAS_C_EXEC] = 4000;
	was.s.c[KVAS_C_EXEC] = 1000;
	text = fixture_interval(&run.s, &was.s);
	syscalls = strstr(text, "crossings.syscall 50.0k -> 150/s");
	execs = strstr(text, "tasks.execs 500 -> 2.00k/s");
	if (!syscalls || !execs || syscalls > execs)
		fail_msg("%s", text);
	/* All kernel entries fell with their largest part: that says no more. */
	assert_has_not(text, "crossings.total");
	fixture_narrow(text);
	free(text);
}

static __u64 next(__u64 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Events at random times at one rate: PER_MILLE of a million chances. */
static __u64 poisson(__u64 *x, unsigned int per_million)
{
	__u64 n = 0;

	for (int i = 0; i < 1000000; i++)
		n += next(x) % 1000000 < per_million;
	return n;
}

/* What happens at a steady rate, at random, is no change: 60 pairs of intervals, most of
 * which differ, some by a quarter and more. */
TEST_OF_INTERVALS(noise_is_no_change)
{
	__u64 x = 88172645463325252ULL, widest = 0;
	char *text;

	for (int i = 0; i < 60; i++) {
		__u64 a = poisson(&x, 120), b = poisson(&x, 120), gap = a > b ? a - b : b - a;

		widest = gap > widest ? gap : widest;
		was.s.c[KVAS_C_EXEC] = a;
		run.s.c[KVAS_C_EXEC] = b;
		text = fixture_interval(&run.s, &was.s);
		assert_has_not(text, "changed");
		free(text);
	}
	assert_in_range(widest, 25, 120);
}

/* Few events say nothing even when they triple. */
TEST_OF_INTERVALS(few_are_no_change)
{
	char *text;

	was.s.c[KVAS_C_EXEC] = 5;
	run.s.c[KVAS_C_EXEC] = 15;
	text = fixture_interval(&run.s, &was.s);
	assert_has_not(text, "changed");
	free(text);
}

/* From nothing to something, and what was unknown before. */
TEST_OF_INTERVALS(from_nothing)
{
	char *text;

	was.s.c[KVAS_C_EXEC] = 0;
	run.s.c[KVAS_C_EXEC] = 800;
	text = fixture_interval(&run.s, &was.s);
	assert_has(text, "changed       tasks.execs 0 -> 400/s");
	free(text);
	run.meta.nr_hooks = 0;
	run.meta.host.kpti = ANSWER_UNKNOWN;
	text = fixture_interval(&run.s, &was.s);
	assert_has_not(text, "changed");
	free(text);
}

TEST_OF_INTERVALS(hostile_comm_is_harmless)
{
	char *text = fixture_interval(&run.s, NULL);

	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\xff'));
	assert_has(text, "a,b\\x1b[31m");
	free(text);
}

TEST_OF_INTERVALS(length_is_not_known)
{
	char *text;

	run.s.length_ns = 0;
	text = fixture_interval(&run.s, &was.s);
	assert_has_not(text, "inf", "nan", "changed");
	free(text);
}

/* The widest figures, every one of them, beside others of every kind. */
TEST(nothing_wraps)
{
	static struct full_run full, before;
	char *text;

	full_run(&full, 1000000000000000ULL);
	full_run(&before, 1234);
	text = fixture_interval(&full.s, &before.s);
	assert_has(text, "changed", "loads go to", "kvas itself");
	assert_has_not(text, "\n    990 ");
	fixture_narrow(text);
	free(text);
	full.meta.host.kpti = ANSWER_NO;
	text = fixture_interval(&full.s, &before.s);
	fixture_narrow(text);
	free(text);
	full_run_end(&full);
	full_run_end(&before);
}

/* LOADS and STORES of the direct map and of vmalloc, in turn; what live says of them. */
static char *accesses(unsigned int loads, unsigned int stores)
{
	static struct full_run full;
	union kvas_record r;
	char *text;

	full_run(&full, 1);
	agg_destroy(full.agg);
	full.agg = agg_create(&full.meta);
	for (unsigned int n = 0; n < loads || n < stores; n++) {
		fixture_record(&r, KVAS_KIND_ACCESS, 0);
		r.access.load.region = n < loads ? KVAS_REGION_DIRECT_MAP : KVAS_REGION_COUNT;
		r.access.store = r.access.load;
		r.access.store.region = n >= stores  ? KVAS_REGION_COUNT :
					n % 4 == 0 ? KVAS_REGION_USER :
						       KVAS_REGION_VMALLOC;
		if (n >= loads)
			memset(&r.access.load, 0, sizeof(r.access.load));
		r.access.load.region = n < loads ? KVAS_REGION_DIRECT_MAP : KVAS_REGION_COUNT;
		agg_event(full.agg, &r);
	}
	agg_summary(full.agg, &full.s);
	text = fixture_interval(&full.s, NULL);
	full_run_end(&full);
	return text;
}

/* Shares from a hundred loads and stores on; of fewer nothing is said. */
TEST(shares_of_accesses)
{
	char *text = accesses(400, 400);

	assert_has(text, "   loads go to  direct_map 100 %\n", "  stores go to  vmalloc 75 %, user 25 %\n");
	free(text);
	text = accesses(100, 100);
	assert_has(text, "loads go to");
	free(text);
	text = accesses(100, 99);
	assert_has_not(text, "loads go to", "stores go to");
	free(text);
	text = accesses(99, 400);
	assert_has_not(text, "loads go to", "stores go to");
	free(text);
}

TESTS_RUN(NULL, NULL)
