/* SPDX-License-Identifier: GPL-2.0 */
/* The report of a recording whose kvas was killed: what its rows tell is counted, and nothing else
 * is said to be 0. */
#include "test.h"
#include "agg/figures.h"
#include "agg/tables.h"
#include "event/recording.h"
#include "fixture.h"
#include "model/counters.h"
#include "model/regions.h"
#include "view/view.h"

static char dir[64];
static struct meta meta, got;
static struct err e;
static struct agg *agg;
static struct summary sum;
static struct figures g;

static struct recording *begin(void)
{
	struct recording *r;

	fixture_dir(dir, sizeof(dir));
	fixture_meta(&meta);
	meta.end_ns = 0;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	return r;
}

static void add(struct recording *r, unsigned int kind, __u64 from, __u64 to)
{
	union kvas_record rec;

	for (__u64 n = from; n < to; n++) {
		fixture_record(&rec, kind, n);
		recording_event(r, &rec);
	}
}

/* Killed: what was written is there, and no more. */
static void report(struct recording *r)
{
	struct replay_opts opts = { false };
	struct sink sink;

	recording_destroy(r);
	agg = agg_create(&got);
	sink = agg_sink(agg);
	assert_int_equal(replay(dir, &opts, &got, &sink, &e), 1);
	agg_summary(agg, &sum);
	figures_of(&sum, &g);
}

static int end(void **state)
{
	(void)state;
	agg_destroy(agg);
	agg = NULL;
	fixture_remove(dir);
	return 0;
}

#define TEST_CUT(name) TEST_BETWEEN(name, NULL, end)

static void is(enum figure_id id, __u64 value)
{
	const struct figure *f = &g.f[id];

	assert_true(f->known);
	assert_int_equal(f->value, value);
	assert_string_equal(f->at_least, "the recording is cut short");
}

static void unknown(enum figure_id id)
{
	assert_false(g.f[id].known);
	assert_has(g.f[id].why, "cut short");
}

static char *text_of(enum format format, bool verbose)
{
	struct view_opts o = { .top = 10, .verbose = verbose };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	view_summary(view_of(format), f, &sum, &o);
	fclose(f);
	return text;
}

/* Of 24 rows each, by what fixture_record makes of their numbers. */
TEST_CUT(killed_before_its_first_interval_ended)
{
	static const unsigned int kinds[] = { KVAS_KIND_TASK, KVAS_KIND_PGD, KVAS_KIND_SWITCH,
					      KVAS_KIND_FAULT, KVAS_KIND_VMALLOC };
	struct recording *r = begin();

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		add(r, kinds[i], 0, 24);
	report(r);
	assert_false(sum.counted);
	is(FIGURE_FORKS, 12);
	is(FIGURE_EXITS, 12);
	is(FIGURE_EXECS, 0);
	is(FIGURE_PGD_ALLOC, 12);
	is(FIGURE_PGD_FREE, 12);
	is(FIGURE_SWITCHES, 24);
	is(FIGURE_LAZY_KTHREAD, 6);
	is(FIGURE_FAULTS_USER, 12);
	is(FIGURE_FAULTS, 24);
	is(FIGURE_VM_ALLOC, 6);
	assert_int_equal(sum.c[KVAS_C_VM_PURGE], 6);
	assert_int_equal(sum.c[KVAS_C_FAULT_REGION + KVAS_REGION_USER], 24);
	assert_int_equal(sum.c[KVAS_C_VM_ALLOC_BYTES], 0); /* the fixture's allocations are n % 4 == 0 */
	assert_int_equal(sum.c[KVAS_C_VM_FREE_BYTES], 6 * 20480);
	assert_null(faults_why(&g));
	/* crossing is recorded, and no row of it is there: none was written, which is known. */
	is(FIGURE_SYSCALL, 0);
	unknown(FIGURE_MM_SWITCH);
	unknown(FIGURE_CR3_FLUSH);
	unknown(FIGURE_LAZY_AVOIDED);
	unknown(FIGURE_PGD_LIVE);
	unknown(FIGURE_VM_LIVE);
	unknown(FIGURE_VM_LEAKED);
	unknown(FIGURE_LOST_EVENTS);
}

TEST_CUT(what_no_row_tells_is_unknown)
{
	struct recording *r;
	char *text;

	fixture_dir(dir, sizeof(dir));
	fixture_meta(&meta);
	meta.emit = 1u << KVAS_KIND_SWITCH;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	add(r, KVAS_KIND_SWITCH, 0, 24);
	report(r);
	is(FIGURE_SWITCHES, 24);
	unknown(FIGURE_SYSCALL);
	unknown(FIGURE_FORKS);
	unknown(FIGURE_FAULTS);
	unknown(FIGURE_VM_ALLOC);
	assert_has(faults_why(&g), "cut short");
	text = text_of(FORMAT_TEXT, true);
	assert_has(text, "lower bound", "24  context switches");
	assert_has_not(text, "lost: nothing", "unaccounted", "more than were counted");
	free(text);
	text = text_of(FORMAT_JSON, false);
	assert_has(text, "\"processes\": null", "\"happened\": null", "\"events\": null");
	free(text);
}

/* The rows go on behind the last interval, whose counters do not. */
TEST_CUT(rows_behind_the_last_interval_count)
{
	struct recording *r = begin();

	add(r, KVAS_KIND_SWITCH, 0, 24);
	recording_counter(r, 1500000000, 0, KVAS_C_SWITCH, 24);
	recording_counter(r, 1500000000, 0, KVAS_C_SYSCALL, 700);
	recording_counter(r, 1500000000, 0, KVAS_C_LOST_RING + KVAS_KIND_FAULT, 3);
	recording_counter(r, 1500000000, 0, KVAS_C_FAULT_USER, 100);
	assert_int_equal(recording_interval(r, 1500000000, &e), 0);
	add(r, KVAS_KIND_SWITCH, 600000, 600010);
	add(r, KVAS_KIND_FAULT, 600000, 600010);
	report(r);
	assert_true(sum.counted);
	is(FIGURE_SWITCHES, 34);
	is(FIGURE_SYSCALL, 700);
	is(FIGURE_FAULTS_USER, 100); /* its counter has more than rows tell: 3 were lost, others not kept */
	is(FIGURE_LOST_EVENTS, 3);
	assert_int_equal(got.end_ns, 1000000000 + 600009000);
}

TEST_CUT(of_no_loss_counted_nothing_is_said)
{
	struct recording *r = begin();

	recording_counter(r, 1500000000, 0, KVAS_C_SYSCALL, 700);
	assert_int_equal(recording_interval(r, 1500000000, &e), 0);
	report(r);
	is(FIGURE_SYSCALL, 700);
	unknown(FIGURE_LOST_EVENTS);
}

TESTS_RUN(NULL, NULL)
