/* SPDX-License-Identifier: GPL-2.0 */
/* Figures worked out by hand; and the rows that figures and tables are made of. */
#include "view_fixture.h"

static struct small_run run;
static struct figures g;

TEST_FIXTURE(setup, small_run(&run))

#define TEST_OF_SMALL_RUN(name) TEST_BETWEEN(name, setup, NULL)

/* The value of the figure ID of the run as it is now; it must be known. */
static __u64 value(enum figure_id id)
{
	figures_of(&run.s, &g);
	if (!g.f[id].known)
		fail_msg("%s is unknown: %s", figure_rows[id].path, g.f[id].why);
	return g.f[id].value;
}

static void unknown_as(enum figure_id id, const char *why)
{
	figures_of(&run.s, &g);
	assert_false(g.f[id].known);
	assert_string_equal(g.f[id].why, why);
}

/* KPTI is off: its writes are 0, and what they would be is two a crossing. */
TEST_OF_SMALL_RUN(ledger_without_kpti)
{
	assert_int_equal(value(FIGURE_SYSCALL), 100003);
	assert_int_equal(value(FIGURE_IRQ), 500);
	assert_int_equal(value(FIGURE_CROSSINGS), 101512);
	assert_int_equal(value(FIGURE_KPTI_SYSCALL), 0);
	assert_int_equal(value(FIGURE_KPTI_EXIT), 0);
	assert_int_equal(value(FIGURE_KPTI_WOULD_BE), 203024);
	assert_int_equal(value(FIGURE_MM_SWITCH), 401);
	assert_int_equal(value(FIGURE_TLB_FLUSH), 33);
	assert_int_equal(value(FIGURE_CR3_TOTAL), 434);
	assert_null(g.f[FIGURE_CR3_TOTAL].at_least);
	unknown_as(FIGURE_NMI, "its hook is missing here");
	/* Nor are refused calls seen in this plan. */
	assert_string_equal(g.f[FIGURE_SYSCALL].at_least, "calls that seccomp refuses are not seen here");
	assert_string_equal(g.f[FIGURE_CROSSINGS].at_least, "its hook is missing here");
	/* Without its hooks a temporary mm's loads are among mm_switch. */
	unknown_as(FIGURE_TEMPORARY_MM, "no hook: among switch_mm");
	unknown_as(FIGURE_KPTI_NS, "give --kpti-cost NS");
	assert_false(figure_says(&g, FIGURE_KPTI_SYSCALL));
	assert_true(figure_says(&g, FIGURE_KPTI_WOULD_BE));
}

/* A vector without a tracepoint: its entries are missing. */
TEST_OF_SMALL_RUN(untraced_interrupts)
{
	fixture_hook(&run.meta, "irq_device", "tp_btf x", "observed", "");
	strcpy(run.meta.untraced_why, "HYP of /proc/interrupts have no tracepoint");
	assert_int_equal(value(FIGURE_IRQ), 500);
	assert_string_equal(g.f[FIGURE_IRQ].at_least, "HYP of /proc/interrupts have no tracepoint");
}

TEST_OF_SMALL_RUN(ledger_with_kpti)
{
	run.meta.host.kpti = ANSWER_YES;
	assert_int_equal(value(FIGURE_KPTI_SYSCALL), 100003);
	assert_int_equal(value(FIGURE_KPTI_PAGE_FAULT), 1009);
	assert_int_equal(value(FIGURE_KPTI_EXIT), 101512);
	assert_int_equal(value(FIGURE_CR3_TOTAL), 101512 + 101512 + 434);
	assert_false(figure_says(&g, FIGURE_KPTI_WOULD_BE));
	/* NMIs have no hook in this plan. */
	assert_string_equal(g.f[FIGURE_CR3_TOTAL].at_least, "its hook is missing here");
	assert_int_equal(g.f[FIGURE_CR3_LOWER].value, 1);
}

TEST_OF_SMALL_RUN(ledger_with_every_cause)
{
	static const char *const more[] = { "exception", "nmi", "temporary_begin", "temporary_end",
					    "syscall_refused", "umip" };

	run.meta.host.kpti = ANSWER_YES;
	for (int i = 0; i < 6; i++)
		fixture_hook(&run.meta, more[i], "tp_btf x", "observed", "");
	run.s.c[KVAS_C_EXCEPTION] = 11;
	run.s.c[KVAS_C_NMI_USER] = 5;
	run.s.c[KVAS_C_CR3_TEMPORARY] = 8;
	assert_int_equal(value(FIGURE_KPTI_EXCEPTION), 11);
	assert_int_equal(value(FIGURE_KPTI_NMI), 5);
	assert_int_equal(value(FIGURE_KPTI_EXIT), 101512 + 16);
	assert_int_equal(value(FIGURE_TEMPORARY_MM), 8);
	assert_int_equal(value(FIGURE_CR3_TOTAL), 2 * (101512 + 16) + 434 + 8);
	assert_int_equal(value(FIGURE_CR3_LOWER), 0);
	/* The end of an NMI of kernel mode may be one write more. */
	run.s.c[KVAS_C_NMI_KERNEL] = 1;
	assert_int_equal(value(FIGURE_CR3_LOWER), 1);
	assert_string_equal(g.f[FIGURE_CR3_TOTAL].at_least, "NMIs may write CR3 too");
	run.meta.host.kpti = ANSWER_UNKNOWN;
	unknown_as(FIGURE_KPTI_EXIT, "whether KPTI is on is not known");
}

/* A kernel that never changes tables itself writes no CR3 for KPTI that could be counted. */
TEST_OF_SMALL_RUN(ledger_with_kpti_by_the_hypervisor)
{
	run.meta.host.kpti = run.meta.host.kpti_by_hypervisor = ANSWER_YES;
	figures_of(&run.s, &g);
	assert_false(g.f[FIGURE_KPTI_SYSCALL].known);
	assert_false(g.f[FIGURE_KPTI_EXIT].known);
	assert_int_equal(value(FIGURE_KPTI_WOULD_BE), 2 * 101512);
	assert_int_equal(value(FIGURE_CR3_TOTAL), 434);
	assert_int_equal(value(FIGURE_CR3_LOWER), 1);
	assert_int_equal(figures_cpu(&run.s, 0).kpti, 0);
}

/* Read where cpu_tlbstate is known; all 0 beside such switches is not an answer. */
TEST_OF_SMALL_RUN(slots)
{
	unknown_as(FIGURE_SLOT_REUSED, "cpu_tlbstate unreadable");
	run.meta.host.slots = ANSWER_YES;
	unknown_as(FIGURE_SLOT_REUSED, "cpu_tlbstate unreadable");
	run.s.c[KVAS_C_SLOT_EVICTED] = 400;
	assert_int_equal(value(FIGURE_SLOT_REUSED), 0);
	assert_int_equal(value(FIGURE_SLOT_EVICTED), 400);
	assert_int_equal(value(FIGURE_SLOT_GLOBAL), 0);
}

/* 22 switches to kernel threads and 20 back, 3 of which had to load CR3. */
TEST_OF_SMALL_RUN(writes_avoided)
{
	run.s.c[KVAS_C_SWITCH_LAZY_RETURN] = 20;
	run.s.c[KVAS_C_LAZY_LOADED] = 3;
	assert_int_equal(value(FIGURE_LAZY_AVOIDED), 39);
}

/* The CPUs' writes are parts of the whole. */
TEST_OF_SMALL_RUN(cpus_add_up)
{
	__u64 sum = 0;

	run.meta.host.kpti = ANSWER_YES;
	for (__u32 cpu = 0; cpu < run.s.nr_cpus; cpu++)
		sum += figures_cpu(&run.s, cpu).total;
	assert_int_equal(sum, value(FIGURE_CR3_TOTAL));
}

/* 101,512 kernel entries at 100 ns. */
TEST_OF_SMALL_RUN(the_time_kpti_takes)
{
	run.s.kpti_cost_ns = 100;
	assert_int_equal(value(FIGURE_KPTI_NS), 10151200);
}

TEST_OF_SMALL_RUN(pgds)
{
	assert_int_equal(value(FIGURE_PGD_LIVE), 40 + 68 - 60);
	assert_int_equal(value(FIGURE_PGD_BYTES_EACH), 8192);
	assert_int_equal(value(FIGURE_PGD_DERIVED), 1);
	assert_int_equal(g.f[FIGURE_PGD_ALLOC].source, SOURCE_DERIVED);
	run.s.c[KVAS_C_PGD_FREE] = 109;
	unknown_as(FIGURE_PGD_LIVE, "more were freed than kvas knew of");
	run.meta.pgd_live_start = -1;
	unknown_as(FIGURE_PGD_LIVE, "how many were in use at the start is not known");
	run.meta.pgd_order = KVAS_ORDER_UNKNOWN;
	unknown_as(FIGURE_PGD_BYTES_EACH, "none was seen freed yet");
}

/* A sum of which no part is known is unknown, not 0; of which one is, a lower bound. */
TEST_OF_SMALL_RUN(sums_of_the_known)
{
	run.meta.host.kpti = ANSWER_YES;
	run.meta.nr_hooks = 0;
	unknown_as(FIGURE_CROSSINGS, "its hook is missing here");
	unknown_as(FIGURE_CR3_TOTAL, "its hook is missing here");
	unknown_as(FIGURE_KPTI_WOULD_BE, "its hook is missing here");
	unknown_as(FIGURE_FAULTS, "its hook is missing here");
	assert_int_equal(value(FIGURE_CR3_LOWER), 1);
	fixture_hook(&run.meta, "page_fault_user", "tp_btf x", "observed", "");
	assert_int_equal(value(FIGURE_CROSSINGS), 1009);
	assert_int_equal(value(FIGURE_FAULTS), 1009);
	assert_string_equal(g.f[FIGURE_FAULTS].at_least, "its hook is missing here");
	assert_int_equal(value(FIGURE_CR3_TOTAL), 2 * 1009);
	fixture_hook(&run.meta, "page_fault_kernel", "tp_btf x", "observed", "");
	assert_int_equal(value(FIGURE_FAULTS), 1020);
	assert_null(g.f[FIGURE_FAULTS].at_least);
}

TEST_OF_SMALL_RUN(shares_and_rates)
{
	figures_of(&run.s, &g);
	assert_float_equal(figure_share(&g, FIGURE_CR3_FLUSH), 300 / 401.0, 1e-12);
	assert_float_equal(figure_share(&g, FIGURE_MM_LOADED), 400 / 422.0, 1e-12);
	assert_float_equal(figure_rate(&g, FIGURE_SYSCALL), 50001.5, 1e-9);
	/* Of nothing, of what is unknown, and of no whole there is no share. */
	assert_true(figure_share(&g, FIGURE_SWITCHES) < 0);
	assert_true(figure_share(&g, FIGURE_NMI) < 0);
	assert_true(figure_share(&g, FIGURE_VFORKS) >= 0);
	run.s.c[KVAS_C_FORK] = 0;
	figures_of(&run.s, &g);
	assert_true(figure_share(&g, FIGURE_VFORKS) < 0);
	assert_true(figure_rate(&g, FIGURE_NMI) == 0);
	run.s.length_ns = 0;
	figures_of(&run.s, &g);
	assert_true(figure_rate(&g, FIGURE_SYSCALL) == 0);
}

/* kvas is known by its pid; under a filter it is not counted. */
TEST_OF_SMALL_RUN(what_kvas_itself_costs)
{
	unknown_as(FIGURE_SELF_CPU, "which process is kvas is not known here");
	run.meta.self = (struct self_info){ 99, 0, 4096 };
	run.s.self_cpu_ns = 70;
	run.s.self[KVAS_T_SYSCALL] = 5;
	run.s.self[KVAS_T_IRQ] = 2;
	run.s.self[KVAS_T_SWITCH] = 3;
	run.s.self[KVAS_T_FAULT_KERNEL] = 1;
	assert_int_equal(value(FIGURE_SELF_CPU), 70);
	assert_int_equal(value(FIGURE_SELF_RSS), 4096);
	assert_int_equal(value(FIGURE_SELF_CROSSINGS), 7);
	assert_int_equal(value(FIGURE_SELF_SWITCHES), 3);
	assert_int_equal(value(FIGURE_SELF_FAULTS), 1);
	strcpy(run.meta.filter, "comm make");
	assert_int_equal(value(FIGURE_SELF_CPU), 70);
	unknown_as(FIGURE_SELF_CROSSINGS, "a filter leaves kvas out");
}

/* Each has a value where all hooks are there: none is forgotten by the rules. */
TEST(every_figure_can_be_known)
{
	static struct full_run full;

	full_run(&full, 1234567);
	figures_of(&full.s, &g);
	for (int id = 0; id < FIGURE_COUNT; id++)
		if (!g.f[id].known || !g.f[id].value)
			fail_msg("%s is %s", figure_rows[id].path, g.f[id].known ? "0" : g.f[id].why);
	full_run_end(&full);
}

/* Each has a reason where no hook is there. */
TEST_OF_SMALL_RUN(every_unknown_has_its_reason)
{
	run.meta.nr_hooks = 0;
	run.meta.emit = 0;
	run.meta.sample_hz = 0;
	strcpy(run.meta.sample_why, "no sampler");
	run.meta.host.kpti = ANSWER_UNKNOWN;
	figures_of(&run.s, &g);
	for (int id = 0; id < FIGURE_COUNT; id++)
		if (!g.f[id].known && (!g.f[id].why || !*g.f[id].why))
			fail_msg("%s is unknown for no reason", figure_rows[id].path);
	assert_false(g.f[FIGURE_SYSCALL].known);
	assert_string_equal(g.f[FIGURE_SAMPLES].why, "no sampler");
}

/* Paths, by which other programs find a figure, and tables' columns are unique. */
static void unique(const char *const *names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(names[i], names[k]))
				fail_msg("%s stands there twice", names[i]);
}

TEST(rows_of_figures)
{
	const char *path[FIGURE_COUNT];

	for (int id = 0; id < FIGURE_COUNT; id++) {
		const struct figure_row *r = &figure_rows[id];

		path[id] = r->path;
		if (!*r->path || !*r->label || strlen(r->doc) < 8 || (r->hooks && !*r->without))
			fail_msg("the row of %s lacks something", r->path);
		if (r->kind == KIND_QUANTILES)
			assert_int_equal(r->of, FIGURE_NONE);
	}
	unique(path, FIGURE_COUNT);
}

/* Every section and figure stands in the order once; figures after their section. */
TEST(order_of_sections)
{
	int sections[SECTION_COUNT] = { 0 }, figures[FIGURE_COUNT] = { 0 };

	assert_true(figure_order[0].section);
	for (size_t i = 0; i < SECTION_COUNT + FIGURE_COUNT; i++) {
		if (figure_order[i].section)
			assert_int_equal(sections[figure_order[i].id]++, 0);
		else
			assert_int_equal(figures[figure_order[i].id]++, 0);
	}
	for (int s = 0; s < SECTION_COUNT; s++)
		assert_true(sections[s] == 1 && *section_rows[s].word && *section_rows[s].title);
}

TEST(rows_of_tables)
{
	const char *path[64];
	size_t nr = 0;

	for (const struct table *const *t = tables; *t; t++) {
		const char *name[256];

		/* What only text has names nothing in JSON; a note is a sentence alone. */
		assert_int_equal((*t)->shown == SHOWN_TEXT, !(*t)->path);
		if ((*t)->shape == TABLE_NOTE) {
			assert_true((*t)->instead && (*t)->shown == SHOWN_TEXT);
			continue;
		}
		assert_in_range((*t)->nr_columns, 1, 255);
		for (unsigned int c = 0; c < (*t)->nr_columns; c++) {
			name[c] = (*t)->columns[c].name;
			if (!name[c] || !*name[c] || !(*t)->columns[c].doc)
				fail_msg("column %u of %s lacks something", c, (*t)->path);
		}
		unique(name, (*t)->nr_columns);
		assert_true((*t)->doc && *(*t)->doc);
		if ((*t)->path)
			path[nr++] = (*t)->path;
	}
	unique(path, nr);
}

/* What kvas could not note it does not make up for: areas that a full map lost were "leaked". */
TEST_OF_SMALL_RUN(full_maps_make_figures_unknown)
{
	static const enum figure_id areas[] = { FIGURE_VM_LIVE, FIGURE_VM_LEAKED,
						FIGURE_VM_BYTES_LEAKED };

	fixture_hook(&run.meta, "syscall_refused", "fexit x", "observed", "");
	value(FIGURE_PGD_LIVE);
	value(FIGURE_VM_LEAKED);
	run.s.c[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_PGD] = 1;
	run.s.c[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_VM] = 1;
	unknown_as(FIGURE_PGD_LIVE, "kvas's map of PGDs had no room (lost.map_full.pgd)");
	/* A free is counted whether its allocation was noted or not, and user space notes it. */
	value(FIGURE_VM_LEAKED);
	value(FIGURE_VM_FREE);
	assert_null(g.f[FIGURE_VM_FREE].at_least);
	/* But under a filter it is counted where its allocation was noted alone. */
	strcpy(run.meta.filter, "pid 1 and its new children");
	for (int i = 0; i < 3; i++)
		unknown_as(areas[i], "kvas's map of vmalloc areas had no room (lost.map_full.vmalloc)");
	assert_non_null(g.f[FIGURE_PGD_FREE].at_least);
	assert_non_null(g.f[FIGURE_VM_FREE].at_least);
	assert_null(g.f[FIGURE_SYSCALL].at_least);
	run.s.c[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_TASK] = 1;
	assert_int_equal(value(FIGURE_SYSCALL), 100003);
	assert_string_equal(g.f[FIGURE_SYSCALL].at_least,
			    "kvas's map of tasks had no room (lost.map_full.task)");
}

/* What stands at an interval's end is what all intervals until then left. */
TEST_OF_SMALL_RUN(gauges_of_an_interval_go_by_the_run)
{
	__u64 total[KVAS_C_COUNT] = { 0 };

	run.meta.pgd_live_start = 40;
	run.s.c[KVAS_C_PGD_ALLOC] = 5;
	run.s.c[KVAS_C_PGD_FREE] = 3;
	assert_int_equal(value(FIGURE_PGD_LIVE), 42);
	total[KVAS_C_PGD_ALLOC] = 205;
	total[KVAS_C_PGD_FREE] = 13;
	run.s.run = total;
	assert_int_equal(value(FIGURE_PGD_LIVE), 232);
	assert_int_equal(value(FIGURE_PGD_ALLOC), 5);
	total[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_PGD] = 1;
	unknown_as(FIGURE_PGD_LIVE, "kvas's map of PGDs had no room (lost.map_full.pgd)");
}

TESTS_RUN(NULL, NULL)
