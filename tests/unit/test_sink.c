/* SPDX-License-Identifier: GPL-2.0 */
/* A tee: every sink gets everything, and what ends a run. */
#include "test.h"
#include "err.h"
#include "model/sink.h"

struct tap {
	char seen[16]; /* a letter an operation */
	int answer; /* of its interval */
};

static void tap_note(void *ctx, char what)
{
	struct tap *t = ctx;

	t->seen[strlen(t->seen)] = what;
}

static void tap_event(void *ctx, const union kvas_record *ev)
{
	tap_note(ctx, ev->h.kind == KVAS_KIND_PGD ? 'e' : '?');
}

static void tap_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	tap_note(ctx, time_ns == 1 && cpu == 2 && c == 3 && delta == 4 ? 'c' : '?');
}

static void tap_process(void *ctx, __u64 time_ns, struct process_id id,
			const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	tap_note(ctx, time_ns == 1 && id.pid == 2 && comm[0] == 'x' && t == 3 && delta == 4 ? 'p' : '?');
}

static int tap_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	(void)e;
	tap_note(ctx, time_ns == 5 && length_ns == 6 ? 'i' : '?');
	return ((struct tap *)ctx)->answer;
}

static void tap_tick(void *ctx)
{
	tap_note(ctx, 't');
}

static struct sink tap_sink(struct tap *t)
{
	return (struct sink){ t, tap_event, tap_counter, tap_process, tap_interval, tap_tick };
}

/* All operations through a tee of a sink that takes nothing and two that take all. */
static int run_through(struct tap *first, struct tap *second)
{
	struct tee tee = { { { .ctx = NULL }, tap_sink(first), tap_sink(second) }, 3 };
	const union kvas_record ev = { .h.kind = KVAS_KIND_PGD };
	const char comm[KVAS_COMM_LEN] = "x";
	struct sink s = sink_tee(&tee);
	struct err e = { 0 };

	sink_event(&s, &ev);
	sink_counter(&s, 1, 2, 3, 4);
	sink_process(&s, 1, (struct process_id){ .pid = 2 }, comm, 3, 4);
	sink_tick(&s);
	return sink_interval(&s, 5, 6, &e);
}

TEST(each_sink_gets_everything)
{
	struct tap first = { .answer = 0 }, second = { .answer = 0 };

	assert_int_equal(run_through(&first, &second), 0);
	assert_string_equal(first.seen, "ecpti");
	assert_string_equal(second.seen, "ecpti");
}

TEST(a_sink_that_has_enough_ends_the_run_for_all)
{
	struct tap first = { .answer = 1 }, second = { .answer = 0 };

	assert_true(run_through(&first, &second) > 0);
	assert_string_equal(second.seen, "ecpti");
}

TEST(a_sink_that_fails_leaves_out_those_behind_it)
{
	struct tap first = { .answer = -1 }, second = { .answer = 0 };

	assert_true(run_through(&first, &second) < 0);
	assert_string_equal(second.seen, "ecpt");
}

TESTS_RUN(NULL, NULL)
