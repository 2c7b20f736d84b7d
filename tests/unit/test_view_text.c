/* SPDX-License-Identifier: GPL-2.0 */
/* The summary for a person: the short text says much in few lines, -v says all. */
#include "view_runs.h"
#include "view/text_table.h"

#define DIGEST_MOST 40

static char *digest_of(const struct summary *s)
{
	return fixture_print(&view_text, s, &fixture_digest);
}

static char *verbose_of(const struct summary *s)
{
	return fixture_print(&view_text, s, &fixture_verbose);
}

/* TEXT has at most the digest's lines, of 80 columns, and is freed. */
static void is_short(char *text)
{
	size_t lines = fixture_lines(text);

	fixture_narrow(text);
	if (lines > DIGEST_MOST)
		fail_msg("%zu lines:\n%s", lines, text);
	free(text);
}

/* Both texts have lines of 80 columns at most. */
static void is_narrow(const struct summary *s)
{
	char *text = verbose_of(s);

	fixture_narrow(text);
	assert_has_not(text, "(null)");
	free(text);
	text = digest_of(s);
	fixture_narrow(text);
	free(text);
}

TEST_OF_FULL_RUN(digest_of_everything_is_short)
{
	is_short(digest_of(&full.s));
	full.meta.host.kpti = ANSWER_NO;
	is_short(digest_of(&full.s));
	full.meta.host.kpti = ANSWER_UNKNOWN;
	is_short(digest_of(&full.s));
}

/* The widest figures that can occur. */
TEST(digest_of_wide_figures_is_short)
{
	full_run(&full, 1000000000000000ULL);
	is_short(digest_of(&full.s));
	full.meta.host.kpti = ANSWER_NO;
	is_short(digest_of(&full.s));
	full_run_end(&full);
}

/* What the issue of the digest asks for is in it, whatever else happened. */
TEST_OF_FULL_RUN(digest_says_what_counts)
{
	char *text = digest_of(&full.s);

	assert_has(text, "KPTI on", "2.000 seconds of the host while make -j4 all ran", "CR3 writes",
		   "by switches of mm", "KPTI entry by system call", "KPTI exit to user mode", "kernel entries from user mode", "context switches",
		   "to another mm", "page faults", "  PGDs  ", "  vmalloc  ", "loads go to",
		   "stores go to", "worker", " more\n", "a full ring refused", "recursion",
		   "kvas itself");
	/* With KPTI on its writes are counted. */
	assert_has_not(text, "KPTI would add", "unknown");
	free(text);
	full.meta.host.kpti = ANSWER_NO;
	text = digest_of(&full.s);
	assert_has(text, "KPTI off", "KPTI would add", "system calls");
	assert_has_not(text, "KPTI entry by");
	free(text);
}

/* No figure that is 0 or unknown: not in a line of its own, nor among others. */
static void says_something(const char *text)
{
	const char *line = strstr(text, " seconds");
	char value[17];

	assert_non_null(line);
	assert_has_not(line, "unknown  ", ", 0 ", " 0 %");
	while ((line = strchr(line, '\n')) && *++line) {
		snprintf(value, sizeof(value), "%.16s", line);
		assert_string_not_equal(value, "               0");
	}
}

TEST_OF_SMALL_RUN(digest_leaves_out_what_says_nothing)
{
	char *text = digest_of(&run.s);

	/* 434 writes in two seconds, 33 of which are TLB flushes. */
	assert_has(text, "             434  CR3 writes ", "217/s\n",
		   "              33    by TLB flushes ", "    7.6 %\n",
		   "             101      that kept the TLB (PCID) ", "   25.2 %\n");
	assert_has_not(text, "by NMI", "temporary", "new threads", "same mm", "vfork", "kvas itself",
		       "interrupts of kernel mode", "VMALLOC BY CALLER");
	says_something(text);
	free(text);
	run.meta.nr_hooks = 0;
	text = digest_of(&run.s);
	says_something(text);
	assert_has(text, " figures are unknown here: -v lists them\n");
	assert_has_not(text, "system calls");
	free(text);
	memset(run.s.c, 0, sizeof(run.s.c));
	run.s.nr_processes = 0;
	text = digest_of(&run.s);
	assert_has(text, "2.000 seconds of the whole host");
	assert_true(fixture_lines(text) < 8);
	says_something(text);
	free(text);
}

/* Every figure is in the long text, in the order of the rows, with its reason if unknown. */
static void has_every_figure(const struct summary *s)
{
	char *text = verbose_of(s), *at = text;
	struct figures g;

	figures_of(s, &g);
	for (size_t i = 0; i < SECTION_COUNT + FIGURE_COUNT; i++) {
		const struct figure_row *row = &figure_rows[figure_order[i].id];
		const struct figure *f = &g.f[figure_order[i].id];
		char want[160];

		if (figure_order[i].section || row->shown == SHOWN_JSON)
			continue;
		snprintf(want, sizeof(want), "  %s", row->label);
		at = strstr(at, want);
		if (!at)
			fail_msg("no '%s' in its place in\n%s", row->label, text);
		at += strlen(want);
		if (f->known)
			continue;
		if (!strstr(at, f->why) || strstr(at, f->why) > at + 140)
			fail_msg("%s: not '%s' behind it in\n%s", row->label, f->why, text);
	}
	free(text);
}

TEST_OF_FULL_RUN(verbose_has_every_figure)
{
	has_every_figure(&full.s);
	full.meta.host.kpti = ANSWER_NO;
	has_every_figure(&full.s);
}

TEST_OF_SMALL_RUN(verbose_has_the_unknown_with_reasons)
{
	char *text;

	has_every_figure(&run.s);
	run.meta.nr_hooks = 0;
	run.meta.emit = 0;
	run.meta.sample_hz = 0;
	strcpy(run.meta.sample_why, "it was not asked for");
	run.meta.host.kpti = ANSWER_UNKNOWN;
	has_every_figure(&run.s);
	text = verbose_of(&run.s);
	assert_has(text, "KPTI unknown", "         unknown    system calls");
	fixture_narrow(text);
	free(text);
}

/* Of a process that slept a reader is told that this is all. */
TEST_OF_SMALL_RUN(nothing_counted_is_told)
{
	char *text = digest_of(&run.s);

	assert_has_not(text, "nothing else was counted");
	free(text);
	memset(run.s.c, 0, sizeof(run.s.c));
	text = digest_of(&run.s);
	assert_has(text, "nothing else was counted\n");
	free(text);
}

/* seen + lost = happened: of 422 switches none was seen, none was counted lost. */
TEST_OF_SMALL_RUN(losses_stand_beside_the_figures)
{
	char *text = verbose_of(&run.s);

	assert_has(text, "RECORDS        HAPPENED         SEEN         LOST\n",
		   "fault              1020         1000           20\n",
		   "task                104          104            0\n",
		   "switch              422            0            0\n");
	free(text);
	text = digest_of(&run.s);
	assert_has(text, "              20  records that a full ring refused (try --ring-size)");
	free(text);
	run.s.c[KVAS_C_LOST_RING + KVAS_KIND_FAULT] = 0;
	text = digest_of(&run.s);
	assert_has_not(text, "ring", "LOST");
	free(text);
	meta_add_loss(&run.meta, "recursion", "sched_switch", 5);
	text = digest_of(&run.s);
	assert_has(text, "            lost  5 sched_switch (recursion)\n");
	free(text);
}

/* Names that no kernel has and no file may hold: a terminal is told nothing. */
TEST_OF_SMALL_RUN(hostile_names_are_harmless)
{
	static const char hostile[] = "\x1b[31mred\xff\n";
	struct meta *m = &run.meta;
	char *text[2];

	snprintf(m->filter, sizeof(m->filter), "comm %s", hostile);
	snprintf(m->command, sizeof(m->command), "%s", hostile);
	snprintf(m->version, sizeof(m->version), "%s", hostile);
	snprintf(m->host.kernel, sizeof(m->host.kernel), "%s", hostile);
	snprintf(m->host.kpti_how, sizeof(m->host.kpti_how), "%s", hostile);
	snprintf(m->host.layout_how, sizeof(m->host.layout_how), "%s", hostile);
	m->sample_hz = 0;
	snprintf(m->sample_why, sizeof(m->sample_why), "%s", hostile);
	snprintf(m->precise_how, sizeof(m->precise_how), "%s", hostile);
	fixture_hook(m, hostile, hostile, "none", hostile);
	fixture_hook(m, hostile, hostile, "derived", hostile);
	meta_add_loss(m, hostile, hostile, 5);
	text[0] = digest_of(&run.s);
	text[1] = verbose_of(&run.s);
	for (int i = 0; i < 2; i++) {
		assert_null(strchr(text[i], '\x1b'));
		assert_null(strchr(text[i], '\xff'));
		assert_has(text[i], "a,b\\x1b[31m", "\\x1b[31mred\\xff");
		fixture_narrow(text[i]);
		free(text[i]);
	}
}

TEST_OF_FULL_RUN(hostile_functions_are_harmless)
{
	char *text;

	full_run_hostile(&full);
	text = verbose_of(&full.s);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\xff'));
	for (char *at = text; (at = strstr(at, "\nVMALLOC BY CALLER")); at++)
		assert_has(at, "\n\\x1b[31mred\\xff");
	fixture_narrow(text);
	free(text);
}

TEST_OF_SMALL_RUN(redacted_shows_no_base)
{
	char *text = verbose_of(&run.s);

	assert_has(text, "0xffff9a0000000000");
	free(text);
	run.meta.redacted = true;
	text = verbose_of(&run.s);
	assert_has_not(text, "0xffff");
	assert_has(text, "redacted");
	free(text);
}

/* The widest that can occur still leaves 80 columns. */
TEST_OF_SMALL_RUN(nothing_wraps)
{
	struct meta *m = &run.meta;

	for (int i = 0; i < KVAS_C_COUNT; i++)
		run.s.c[i] = 1000000000000000ULL;
	for (int k = 0; k < KVAS_KIND_END; k++)
		run.s.seen[k] = 1000000000000000ULL;
	for (int i = 0; i < KVAS_T_COUNT; i++)
		run.procs[0].c[i] = 1000000000000000ULL;
	run.procs[0].id.pid = 4194304;
	memset(run.procs[0].comm, 0xff, sizeof(run.procs[0].comm));
	memset(m->host.kernel, 'k', 64);
	memset(m->host.kpti_how, 'h', 79);
	memset(m->host.layout_how, 'h', 79);
	memset(m->filter, 'f', 63);
	hist_add(&run.s.pgd_lifetime_ns, ~0ULL);
	hist_add(&run.s.vm_bytes, ~0ULL);
	is_narrow(&run.s);
	memset(m->command, 'c', 255);
	is_narrow(&run.s);
	m->filter[0] = '\0';
	for (unsigned int i = 0; i < m->nr_hooks; i++)
		strcpy(m->hooks[i].provenance, i % 2 ? "derived" : "none");
	m->sample_hz = 0;
	for (size_t i = 0; i < sizeof(m->sample_why) - 1; i++)
		m->sample_why[i] = i % 20 ? 'w' : ' ';
	for (size_t i = 0; i < sizeof(m->precise_how) - 1; i++)
		m->precise_how[i] = i % 20 ? 'w' : ' ';
	is_narrow(&run.s);
}

TEST_OF_FULL_RUN(nothing_wraps_of_everything)
{
	is_narrow(&full.s);
	full.meta.precise = true;
	is_narrow(&full.s);
	full.meta.nr_hooks = 0;
	is_narrow(&full.s);
}

/* 6000 processes, of which most are one row that has no pid; the idle task's pid is 0. */
TEST_OF_FULL_RUN(others_have_no_pid)
{
	char *text;

	for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
		agg_process(full.agg, (struct process_id){ .pid = 0 }, "swapper/0\0\0\0\0\0\0", t, 5000);
	agg_summary(full.agg, &full.s);
	text = digest_of(&full.s);
	assert_has(text, "\n      ? (others)  ", "\n      0 swapper/0  ");
	free(text);
}

/* kvas's own process: among none of the others, and on a line of its own. */
TEST_OF_FULL_RUN(kvas_is_not_among_the_processes)
{
	char *text = verbose_of(&full.s);

	assert_has(text, "\nkvas itself\n", "largest resident memory");
	assert_has_not(text, "\n    990 ");
	free(text);
	text = digest_of(&full.s);
	assert_has(text, "     kvas itself  CPU time 123 ms, largest resident memory 20.0 MiB,");
	free(text);
}

/* Each hook says that it is missing, or what it met: none is passed over. */
TEST_OF_FULL_RUN(every_hook_objects_are_met_at)
{
	static const char *const hooks[] = { "fork", "vfork", "thread", "kthread", "exec", "exit",
					     "pgd_alloc", "pgd_free", "switch" };
	char *text, row[80];

	full.meta.nr_hooks = 0;
	text = verbose_of(&full.s);
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		snprintf(row, sizeof(row), "\n  %-11s unknown: its hook is missing here\n", hooks[i]);
		assert_has(text, row);
	}
	free(text);
	fixture_hook(&full.meta, "pgd_alloc", "tp_btf x", "observed", "");
	text = verbose_of(&full.s);
	assert_has_not(text, "  pgd_alloc   unknown");
	assert_has(text, "  pgd_alloc   mm.direct_map ");
	free(text);
}

/* Fewer than a hundred loads or stores say nothing of where they go. */
TEST(too_few_samples)
{
	union kvas_record r;
	char *text;

	full_run(&full, 10);
	agg_destroy(full.agg);
	full.agg = agg_create(&full.meta);
	for (__u64 n = 0; n < 60; n++) {
		fixture_record(&r, KVAS_KIND_ACCESS, n);
		agg_event(full.agg, &r);
	}
	agg_summary(full.agg, &full.s);
	text = digest_of(&full.s);
	assert_has(text, "20 loads and ", " stores were sampled");
	assert_has_not(text, "loads go to");
	free(text);
	/* The shares stand with the bounds that hold them in -v. */
	text = verbose_of(&full.s);
	assert_has(text, "LOADS GO TO         SHARE AT LEAST  AT MOST\n", "\ndirect_map ");
	free(text);
	full.meta.sample_hz = 0;
	strcpy(full.meta.sample_why, "perf_event_open is refused");
	text = digest_of(&full.s);
	assert_has_not(text, "sampled", "perf_event_open");
	free(text);
	text = verbose_of(&full.s);
	assert_has(text, "perf_event_open is refused");
	free(text);
	full_run_end(&full);
}

/* What text and Markdown say of a cell. */
TEST(cells_have_units)
{
	static const struct {
		enum cell_unit unit;
		__u64 n;
		const char *text;
	} rows[] = {
		{ CELL_COUNT, 123, "123" },
		{ CELL_BYTES, 20480, "20.0 KiB" },
		{ CELL_BYTES, 0, "0" },
		{ CELL_NS, 1230000, "1.23 ms" },
		{ CELL_FLAG, 1, "yes" },
		{ CELL_FLAG, 0, "no" },
		{ CELL_ADDRESS, 0xffff888000000000ULL, "0xffff888000000000" },
	};
	char buf[TEXT_CELL];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct column column = { .width = 9, .unit = rows[i].unit };
		struct cell cell = { .n = rows[i].n };

		assert_string_equal(text_table_cell(&column, &cell, buf), rows[i].text);
	}
}

TESTS_RUN(NULL, NULL)
