/* SPDX-License-Identifier: GPL-2.0 */
/* The long text: parts, lists and sentences that a reader has in it and in no other view. */
#include "view_runs.h"

static char *verbose_of(const struct summary *s)
{
	char *text = fixture_print(&view_text, s, &fixture_verbose);

	fixture_narrow(text);
	return text;
}

TEST_OF_SMALL_RUN(faults_by_class_and_region)
{
	char *text;

	memset(&run.s.c[KVAS_C_FAULT_CODE], 0, 32 * sizeof(run.s.c[0]));
	memset(&run.s.c[KVAS_C_FAULT_REGION], 0, KVAS_REGION_COUNT * sizeof(run.s.c[0]));
	run.s.c[KVAS_C_FAULT_USER] = 750;
	run.s.c[KVAS_C_FAULT_KERNEL] = 250;
	run.s.c[KVAS_C_FAULT_CODE + 0] = 100; /* a read of the kernel */
	run.s.c[KVAS_C_FAULT_CODE + 7] = 800; /* present, write, user */
	run.s.c[KVAS_C_FAULT_CODE + 20] = 100; /* user, fetch */
	run.s.c[KVAS_C_FAULT_REGION + KVAS_REGION_VMALLOC] = 250;
	text = verbose_of(&run.s);
	assert_has(text, "CLASS OF FAULT                                 FAULTS    SHARE\n",
		   "page not present                                  200   20.0 %\n",
		   "protection                                        800   80.0 %\n",
		   "read                                              100   10.0 %\n",
		   "write                                             800   80.0 %\n",
		   "instruction fetch                                 100   10.0 %\n",
		   "vmalloc                                           250   25.0 %\n");
	free(text);
}

/* Nothing is said of what did not happen. */
TEST_OF_SMALL_RUN(nothing_is_said_of_nothing)
{
	char *text;

	memset(run.s.c, 0, sizeof(run.s.c));
	memset(run.s.seen, 0, sizeof(run.s.seen));
	run.s.kpti_cost_ns = 0;
	text = verbose_of(&run.s);
	assert_has_not(text, "CLASS OF FAULT", "Records of", "a pair of CR3 writes", "in (others)",
		       "BY THE PMU", "The PMU", "COPIES BY", "ALLOCATIONS BY", "IN PAGES OF",
		       "Each purge is");
	free(text);
}

TEST_OF_SMALL_RUN(records_that_do_not_add_up)
{
	char *text = verbose_of(&run.s);

	assert_has(text, "\n  Records of ", "switch: 422 unaccounted");
	free(text);
	run.s.seen[KVAS_KIND_SWITCH] = 430;
	text = verbose_of(&run.s);
	assert_has(text, "switch: 8 more than were counted");
	free(text);
}

TEST_OF_FULL_RUN(cost_of_kpti)
{
	char *text = verbose_of(&full.s);

	assert_has(text, "\n  KPTI takes that time at 100 ns a pair of CR3 writes (--kpti-cost).\n");
	free(text);
	full.meta.host.kpti = ANSWER_NO;
	full.s.kpti_cost_ns = 12.5;
	text = verbose_of(&full.s);
	assert_has(text, "\n  KPTI would take that time at 12.5 ns a pair");
	free(text);
}

/* A range that no hook told is not one of 0 bytes. */
TEST_OF_FULL_RUN(range_of_a_flush_not_known)
{
	static const struct area_cause cause = { .caller = "flush_it", .count = 3 };
	char *text;

	full.s.areas.flushes = &cause;
	full.s.areas.nr_flushes = 1;
	text = verbose_of(&full.s);
	assert_has(text, "\nflush_it                                                3                ?\n");
	free(text);
	text = fixture_print(&view_json, &full.s, &fixture_verbose);
	assert_has(text, "the ranges are not known", "\"bytes\": null");
	free(text);
}

TEST_OF_FULL_RUN(what_is_derived_says_so)
{
	char *text = verbose_of(&full.s);

	assert_has(text, "  PGDs are derived from forks", "those that purges make, derived");
	free(text);
	for (unsigned int i = 0; i < full.meta.nr_hooks; i++)
		if (!strcmp(full.meta.hooks[i].name, "pgd_alloc") ||
		    !strcmp(full.meta.hooks[i].name, "kernel_flush"))
			strcpy(full.meta.hooks[i].provenance, "observed");
	text = verbose_of(&full.s);
	assert_has_not(text, "PGDs are derived", "those that purges make");
	free(text);
}

TEST_OF_FULL_RUN(samples_in_words)
{
	struct access_summary *a = &full.s.accesses;
	char *text;

	a->mode[KVAS_ACCESS_UNREADABLE] = 7;
	a->other[KVAS_WHY_NO_REGION] = 5;
	a->leaf[LEAF_4K] = a->leaf[LEAF_UNKNOWN] = 30;
	a->leaf[LEAF_2M] = 40;
	a->leaf[LEAF_1G] = 0;
	a->functions_folded = 12;
	a->tracing_load = a->tracing_store = (a->met_load + a->met_store) / 8;
	text = verbose_of(&full.s);
	assert_has(text, "not decoded: the text there cannot be read                  7\n",
		   "at addresses of no region                                 5.0\n",
		   "4K                                 30   30.0 %", "2M                                 40   40.0 %",
		   "unknown                            30   30.0 %", "any                               100  100.0 %",
		   "  The 12 functions with the fewest accesses are in (others).\n",
		   "expected with interrupts", "FUNCTIONS THAT TOUCH VMALLOC MOST",
		   " % of the accesses met are in BPF and tracing functions.\n");
	free(text);
}

/* The functions that touch vmalloc, the most first. */
TEST(functions_by_vmalloc)
{
	full_run(&full, 10);
	const struct access_summary *a = &full.s.accesses;

	assert_true(a->nr_vmalloc_functions > 0);
	for (size_t i = 0; i < a->nr_vmalloc_functions; i++) {
		const struct access_regions *by = &a->vmalloc_functions[i]->by, *next;

		assert_true(by->load[KVAS_REGION_VMALLOC] + by->store[KVAS_REGION_VMALLOC] > 0);
		if (i + 1 == a->nr_vmalloc_functions)
			break;
		next = &a->vmalloc_functions[i + 1]->by;
		assert_true(by->load[KVAS_REGION_VMALLOC] + by->store[KVAS_REGION_VMALLOC] >=
			    next->load[KVAS_REGION_VMALLOC] + next->store[KVAS_REGION_VMALLOC]);
	}
	full_run_end(&full);
}

TEST_OF_FULL_RUN(accesses_by_the_pmu)
{
	struct access_summary *a = &full.s.accesses;
	char *text;

	full.meta.precise = true;
	strcpy(full.meta.precise_how, "ibs_op");
	a->precise_load = 200;
	a->precise_store = 50;
	a->precise_unknown = 3;
	memset(&a->precise, 0, sizeof(a->precise));
	a->precise.load[KVAS_REGION_VMALLOC] = 150;
	a->precise.store[KVAS_REGION_DIRECT_MAP] = 25;
	text = verbose_of(&full.s);
	assert_has(text, "LOADS BY THE PMU GO TO      SHARE AT LEAST  AT MOST\nvmalloc                    75.0 %",
		   "STORES BY THE PMU GO TO     SHARE AT LEAST  AT MOST\ndirect_map                 50.0 %",
		   "The PMU (ibs_op) gave the addresses of 200 loads and 50 stores; 3 of its");
	free(text);
}

TEST_OF_FULL_RUN(memory_by_use_and_region)
{
	static const struct memory_row rows[] = {
		{ KVAS_MEMORY_SLAB, KVAS_REGION_DIRECT_MAP, 0, "kmem_it", 6, 12, { 9, 4096 } },
		{ KVAS_MEMORY_TO_USER, KVAS_REGION_VMALLOC, 0, "copy_it", 3, 3, { 4, 32 } },
	};
	struct memory_summary *m = &full.s.memory;
	char *text;

	memset(m, 0, sizeof(*m));
	m->by[KVAS_MEMORY_SLAB][KVAS_REGION_DIRECT_MAP] = (struct memory_sum){ 3, 3072 };
	m->by[KVAS_MEMORY_SLAB][KVAS_REGION_VMALLOC] = (struct memory_sum){ 1, 1024 };
	m->functions = rows;
	m->nr_functions = 2;
	text = verbose_of(&full.s);
	assert_has(text, "slab      at least                4  4.00 KiB          bulk ones unseen\n",
		   "\n          direct_map              3  3.00 KiB   75.0 %",
		   "\n          vmalloc                 1  1.00 KiB   25.0 %",
		   "ALLOCATIONS BY CALLER      USE       REGION            SIZES    TIMES     BYTES\n"
		   "kmem_it                    slab      direct_map        64-4K        9  4.00 KiB\n",
		   "COPIES BY FUNCTION         USE       REGION            SIZES    TIMES     BYTES\n"
		   "copy_it                    to_user   vmalloc               8        4      32 B\n");
	free(text);
	full.meta.host.layout.vmalloc_base = 0;
	text = verbose_of(&full.s);
	assert_has(text, "  Regions of memory are unknown: where vmalloc begins is not known.\n");
	free(text);
}

/* "100.0 %" has seven columns: in fewer it would push its line over the 80th. */
TEST(all_of_it_fits_its_column)
{
	int shares = 0;

	for (const struct table *const *t = tables; *t; t++)
		for (size_t i = 0; i < (*t)->nr_columns; i++) {
			const struct column *c = &(*t)->columns[i];

			if (!c->head || !c->width || c->unit != CELL_SHARE)
				continue;
			assert_true(c->width >= 7);
			shares++;
		}
	assert_true(shares > 5);
}

TESTS_RUN(NULL, NULL)
