/* SPDX-License-Identifier: GPL-2.0 */
/* Sums of copies and allocations, added up by hand. */
#include "test.h"
#include "agg/memory.h"

static void add_sum(struct memory *m, __u32 use, __u32 region, __u32 order, __u64 count,
		    __u64 bytes, const char *function)
{
	struct kvas_rec_memory r = { .use = use, .region = region, .order = order, .count = count,
				     .bytes = bytes };

	snprintf(r.function, sizeof(r.function), "%s", function);
	memory_add(m, &r);
}

static void row_is(const struct memory_row *r, const char *function, __u32 least, __u32 most,
		   __u64 count, __u64 bytes)
{
	assert_string_equal(r->function, function);
	assert_int_equal(r->least, least);
	assert_int_equal(r->most, most);
	assert_int_equal(r->sum.count, count);
	assert_int_equal(r->sum.bytes, bytes);
}

TEST(rows_and_functions)
{
	struct memory *m = memory_create();
	struct memory_summary s;

	add_sum(m, KVAS_MEMORY_SLAB, KVAS_REGION_DIRECT_MAP, 6, 10, 640, "load_msg");
	add_sum(m, KVAS_MEMORY_SLAB, KVAS_REGION_DIRECT_MAP, 9, 2, 1024, "load_msg");
	add_sum(m, KVAS_MEMORY_SLAB, KVAS_REGION_DIRECT_MAP, 6, 5, 320, "load_msg");
	add_sum(m, KVAS_MEMORY_SLAB, KVAS_REGION_DIRECT_MAP, 6, 1, 64, "");
	add_sum(m, KVAS_MEMORY_TO_USER, KVAS_REGION_VMALLOC, 4, 3, 48, "load_msg");
	memory_summary(m, &s);
	assert_int_equal(s.nr_rows, 4);
	row_is(&s.rows[0], "load_msg", 9, 9, 2, 1024);
	row_is(&s.rows[1], "load_msg", 6, 6, 15, 960);
	row_is(&s.rows[2], "", 6, 6, 1, 64);
	row_is(&s.rows[3], "load_msg", 4, 4, 3, 48);
	assert_int_equal(s.nr_functions, 3);
	row_is(&s.functions[0], "load_msg", 6, 9, 17, 1984);
	row_is(&s.functions[1], "", 6, 6, 1, 64);
	row_is(&s.functions[2], "load_msg", 4, 4, 3, 48);
	assert_int_equal(s.functions[2].use, KVAS_MEMORY_TO_USER);
	assert_int_equal(s.by[KVAS_MEMORY_SLAB][KVAS_REGION_DIRECT_MAP].bytes, 2048);
	assert_int_equal(s.by[KVAS_MEMORY_TO_USER][KVAS_REGION_VMALLOC].count, 3);
	memory_destroy(m);
}

TEST(areas_are_allocations)
{
	struct memory *m = memory_create();
	struct kvas_rec_vmalloc r = { .bytes = 20480, .caller = "load_module" };
	struct memory_summary s;

	memory_add_area(m, &r, KVAS_REGION_MODULES);
	r.bytes = 8192;
	memory_add_area(m, &r, KVAS_REGION_MODULES);
	memory_summary(m, &s);
	assert_int_equal(s.nr_rows, 2);
	row_is(&s.functions[0], "load_module", 13, 15, 2, 28672);
	assert_int_equal(s.functions[0].use, KVAS_MEMORY_VMALLOC);
	assert_int_equal(s.functions[0].region, KVAS_REGION_MODULES);
	memory_destroy(m);
}

/* A recording may hold anything. */
TEST(nonsense_changes_nothing)
{
	struct memory *m = memory_create();
	struct memory_summary s;

	add_sum(m, 0, 0, 0, 1, 1, "a");
	add_sum(m, KVAS_MEMORY_END, 0, 0, 1, 1, "a");
	add_sum(m, KVAS_MEMORY_SLAB, KVAS_REGION_COUNT, 0, 1, 1, "a");
	add_sum(m, KVAS_MEMORY_SLAB, 0, 64, 1, 1, "a");
	memory_summary(m, &s);
	assert_int_equal(s.nr_rows, 0);
	memory_destroy(m);
}

TEST(rows_are_bounded)
{
	struct memory *m = memory_create();
	struct memory_summary s;
	char name[32];

	for (int i = 0; i < MEMORY_ROWS + 100; i++) {
		snprintf(name, sizeof(name), "function_%d", i);
		add_sum(m, KVAS_MEMORY_SLAB, KVAS_REGION_DIRECT_MAP, 6, 1, 64, name);
	}
	memory_summary(m, &s);
	assert_int_equal(s.nr_rows, MEMORY_ROWS + 1);
	row_is(&s.rows[0], "(others)", 6, 6, 100, 6400);
	assert_int_equal(s.by[KVAS_MEMORY_SLAB][KVAS_REGION_DIRECT_MAP].count, MEMORY_ROWS + 100);
	memory_destroy(m);
}

TESTS_RUN(NULL, NULL)
