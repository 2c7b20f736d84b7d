/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses typed from the tables of Documentation/arch/x86/x86_64/mm.rst. */
#include "test.h"
#include "pgtable/region.h"

struct place {
	__u64 addr;
	enum kvas_region region;
};

static void check(const struct layout *l, const struct place *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (region_of(l, p[i].addr) != p[i].region)
			fail_msg("%#llx is %s, not %s", p[i].addr,
				 region_name(region_of(l, p[i].addr)), region_name(p[i].region));
}
#define CHECK(l, p) check(l, p, sizeof(p) / sizeof((p)[0]))

/* From cpu_entry_area up both maps are one, and none of it moves. */
static const struct place fixed[] = {
	{ 0xfffffdffffffffff, KVAS_REGION_OTHER },
	{ 0xfffffe0000000000, KVAS_REGION_CPU_ENTRY_AREA },
	{ 0xfffffe7fffffffff, KVAS_REGION_CPU_ENTRY_AREA },
	{ 0xfffffe8000000000, KVAS_REGION_OTHER },
	{ 0xfffffeffffffffff, KVAS_REGION_OTHER },
	{ 0xffffff0000000000, KVAS_REGION_ESPFIX },
	{ 0xffffff7fffffffff, KVAS_REGION_ESPFIX },
	{ 0xffffff8000000000, KVAS_REGION_OTHER },
	{ 0xffffffeeffffffff, KVAS_REGION_OTHER },
	{ 0xffffffef00000000, KVAS_REGION_EFI },
	{ 0xfffffffeffffffff, KVAS_REGION_EFI },
	{ 0xffffffff00000000, KVAS_REGION_OTHER },
	{ 0xffffffff7fffffff, KVAS_REGION_OTHER },
	{ 0xffffffff80000000, KVAS_REGION_KERNEL_IMAGE },
	{ 0xffffffff81000000, KVAS_REGION_KERNEL_IMAGE },
	{ 0xffffffff9fffffff, KVAS_REGION_KERNEL_IMAGE },
	{ 0xffffffffc0000000, KVAS_REGION_MODULES },
	{ 0xfffffffffeffffff, KVAS_REGION_MODULES },
	{ 0xffffffffff000000, KVAS_REGION_FIXMAP },
	{ 0xffffffffff5fffff, KVAS_REGION_FIXMAP },
	{ 0xffffffffff600000, KVAS_REGION_VSYSCALL },
	{ 0xffffffffff601000, KVAS_REGION_OTHER },
	{ 0xffffffffffffffff, KVAS_REGION_OTHER },
};

static void check_unrandomised(int levels, const struct place *p, size_t n)
{
	struct layout l;

	layout_unrandomised(&l, levels);
	check(&l, p, n);
	CHECK(&l, fixed);
}

TEST(four_levels_follow_mm_rst)
{
	static const struct place places[] = {
		{ 0, KVAS_REGION_USER },
		{ 0x00007fffffffffff, KVAS_REGION_USER },
		{ 0x0000800000000000, KVAS_REGION_OTHER }, /* not canonical */
		{ 0x8000000000000000, KVAS_REGION_OTHER },
		{ 0xffff7fffffffffff, KVAS_REGION_OTHER },
		{ 0xffff800000000000, KVAS_REGION_OTHER }, /* guard hole */
		{ 0xffff87ffffffffff, KVAS_REGION_OTHER },
		{ 0xffff880000000000, KVAS_REGION_LDT },
		{ 0xffff887fffffffff, KVAS_REGION_LDT },
		{ 0xffff888000000000, KVAS_REGION_DIRECT_MAP },
		{ 0xffffc87fffffffff, KVAS_REGION_DIRECT_MAP },
		{ 0xffffc88000000000, KVAS_REGION_OTHER },
		{ 0xffffc8ffffffffff, KVAS_REGION_OTHER },
		{ 0xffffc90000000000, KVAS_REGION_VMALLOC },
		{ 0xffffe8ffffffffff, KVAS_REGION_VMALLOC },
		{ 0xffffe90000000000, KVAS_REGION_OTHER },
		{ 0xffffe9ffffffffff, KVAS_REGION_OTHER },
		{ 0xffffea0000000000, KVAS_REGION_VMEMMAP },
		{ 0xffffeaffffffffff, KVAS_REGION_VMEMMAP },
		{ 0xffffeb0000000000, KVAS_REGION_OTHER },
		{ 0xffffebffffffffff, KVAS_REGION_OTHER },
		{ 0xffffec0000000000, KVAS_REGION_KASAN },
		{ 0xfffffbffffffffff, KVAS_REGION_KASAN },
		{ 0xfffffc0000000000, KVAS_REGION_OTHER },
	};

	check_unrandomised(4, places, sizeof(places) / sizeof(places[0]));
}

TEST(five_levels_follow_mm_rst)
{
	static const struct place places[] = {
		{ 0, KVAS_REGION_USER },
		{ 0x0000800000000000, KVAS_REGION_USER },
		{ 0x00ffffffffffffff, KVAS_REGION_USER },
		{ 0x0100000000000000, KVAS_REGION_OTHER },
		{ 0xfeffffffffffffff, KVAS_REGION_OTHER },
		{ 0xff00000000000000, KVAS_REGION_OTHER },
		{ 0xff0fffffffffffff, KVAS_REGION_OTHER },
		{ 0xff10000000000000, KVAS_REGION_LDT },
		{ 0xff10ffffffffffff, KVAS_REGION_LDT },
		{ 0xff11000000000000, KVAS_REGION_DIRECT_MAP },
		{ 0xff90ffffffffffff, KVAS_REGION_DIRECT_MAP },
		{ 0xff91000000000000, KVAS_REGION_OTHER },
		{ 0xff9fffffffffffff, KVAS_REGION_OTHER },
		{ 0xffa0000000000000, KVAS_REGION_VMALLOC },
		{ 0xffd1ffffffffffff, KVAS_REGION_VMALLOC },
		{ 0xffd2000000000000, KVAS_REGION_OTHER },
		{ 0xffd3ffffffffffff, KVAS_REGION_OTHER },
		{ 0xffd4000000000000, KVAS_REGION_VMEMMAP },
		{ 0xffd5ffffffffffff, KVAS_REGION_VMEMMAP },
		{ 0xffd6000000000000, KVAS_REGION_OTHER },
		{ 0xffdeffffffffffff, KVAS_REGION_OTHER },
		{ 0xffdf000000000000, KVAS_REGION_KASAN },
		{ 0xffff888000000000, KVAS_REGION_KASAN }, /* no place of its own here */
		{ 0xfffffbffffffffff, KVAS_REGION_KASAN },
		{ 0xfffffc0000000000, KVAS_REGION_OTHER },
	};

	check_unrandomised(5, places, sizeof(places) / sizeof(places[0]));
}

/* 24 GiB of memory, bases as a distribution kernel had them. */
TEST(kaslr_moves_the_three_bases)
{
	static const struct layout l = {
		.levels = 4,
		.page_offset = 0xffff9a4340000000,
		.direct_map_end = 0xffff9a4980000000,
		.vmalloc_base = 0xffffb1c580000000,
		.vmemmap_base = 0xffffee2f00000000,
		.text_base = 0xffffffffa7000000,
	};
	static const struct place places[] = {
		{ 0xffff880000000000, KVAS_REGION_LDT },
		{ 0xffff888000000000, KVAS_REGION_OTHER },
		{ 0xffff9a433fffffff, KVAS_REGION_OTHER },
		{ 0xffff9a4340000000, KVAS_REGION_DIRECT_MAP },
		{ 0xffff9a497fffffff, KVAS_REGION_DIRECT_MAP },
		{ 0xffff9a4980000000, KVAS_REGION_OTHER },
		{ 0xffffb1c57fffffff, KVAS_REGION_OTHER },
		{ 0xffffb1c580000000, KVAS_REGION_VMALLOC },
		{ 0xffffc90000000000, KVAS_REGION_VMALLOC },
		{ 0xffffd1c57fffffff, KVAS_REGION_VMALLOC },
		{ 0xffffd1c580000000, KVAS_REGION_OTHER },
		{ 0xffffee2f00000000, KVAS_REGION_VMEMMAP }, /* in KASAN's range: no KASAN */
		{ 0xffffef2effffffff, KVAS_REGION_VMEMMAP },
		{ 0xffffef2f00000000, KVAS_REGION_OTHER },
		{ 0xffffec0000000000, KVAS_REGION_OTHER },
		/* KASLR implies the image's 1 GiB. */
		{ 0xffffffffa0000000, KVAS_REGION_KERNEL_IMAGE },
		{ 0xffffffffbfffffff, KVAS_REGION_KERNEL_IMAGE },
	};

	CHECK(&l, places);
	CHECK(&l, fixed);
}

/* The last 512 MiB before 0xffffffffc0000000 are image with RANDOMIZE_BASE and
 * modules without: not said unless something proves which. */
TEST(image_or_modules_is_not_guessed)
{
	struct layout l = { .levels = 4, .text_base = 0xffffffff81000000 };

	assert_int_equal(region_of(&l, 0xffffffffa0000000), KVAS_REGION_OTHER);
	l.text_base = 0;
	assert_int_equal(region_of(&l, 0xffffffffbfffffff), KVAS_REGION_OTHER);
	l.text_base = 0xffffffffb2c00000;
	assert_int_equal(region_of(&l, 0xffffffffa0000000), KVAS_REGION_KERNEL_IMAGE);
	l.text_base = 0;
	l.page_offset = 0xffff9a4340000000;
	assert_int_equal(region_of(&l, 0xffffffffbfffffff), KVAS_REGION_KERNEL_IMAGE);
	/* Nothing has moved, but how the kernel was built is known. */
	l.page_offset = 0xffff888000000000;
	assert_int_equal(region_of(&l, 0xffffffffbfffffff), KVAS_REGION_OTHER);
	assert_true(region_at_least(&l, KVAS_REGION_KERNEL_IMAGE));
	assert_true(region_at_least(&l, KVAS_REGION_MODULES));
	assert_false(region_at_least(&l, KVAS_REGION_FIXMAP));
	l.randomize_base = ANSWER_YES;
	assert_int_equal(region_of(&l, 0xffffffffa0000000), KVAS_REGION_KERNEL_IMAGE);
	assert_int_equal(region_of(&l, 0xffffffffbfffffff), KVAS_REGION_KERNEL_IMAGE);
	assert_int_equal(region_of(&l, 0xffffffffc0000000), KVAS_REGION_MODULES);
	assert_false(region_at_least(&l, KVAS_REGION_KERNEL_IMAGE));
	assert_false(region_at_least(&l, KVAS_REGION_MODULES));
	/* That is no secret. */
	layout_redact(&l);
	assert_int_equal(l.randomize_base, ANSWER_YES);
	assert_int_equal(l.page_offset, 0xffff888000000000);
}

TEST(nothing_known_is_other_not_a_guess)
{
	static const struct place places[] = {
		{ 0x00007fffffffffff, KVAS_REGION_USER },
		{ 0x0000800000000000, KVAS_REGION_OTHER }, /* user with 5 levels only */
		{ 0xff10000000000000, KVAS_REGION_OTHER },
		{ 0xffff880000000000, KVAS_REGION_OTHER },
		{ 0xffff888000000000, KVAS_REGION_OTHER },
		{ 0xffffc90000000000, KVAS_REGION_OTHER },
		{ 0xffffea0000000000, KVAS_REGION_OTHER },
		{ 0xffffec0000000000, KVAS_REGION_OTHER },
	};

	CHECK(&(struct layout){ 0 }, places);
	CHECK(&(struct layout){ 0 }, fixed);
}

TEST(an_unknown_end_is_bounded_by_what_is_known)
{
	struct layout l = { .levels = 4, .page_offset = 0xffff9a4340000000 };

	/* KASLR may have put vmalloc right behind the memory there is. */
	assert_int_equal(region_of(&l, 0xffff9a4340000000), KVAS_REGION_OTHER);
	l.vmalloc_base = 0xffffb1c580000000;
	assert_int_equal(region_of(&l, 0xffffb1c57fffffff), KVAS_REGION_DIRECT_MAP);
	assert_int_equal(region_of(&l, 0xffffb1c580000000), KVAS_REGION_VMALLOC);
	/* vmalloc gives way to vmemmap. */
	l.vmemmap_base = 0xffffc00000000000;
	assert_int_equal(region_of(&l, 0xffffbfffffffffff), KVAS_REGION_VMALLOC);
	assert_int_equal(region_of(&l, 0xffffc00000000000), KVAS_REGION_VMEMMAP);
	/* In its default place it has its 64 TiB. */
	l = (struct layout){ .levels = 4, .page_offset = 0xffff888000000000 };
	assert_int_equal(region_of(&l, 0xffffc87fffffffff), KVAS_REGION_DIRECT_MAP);
	assert_int_equal(region_of(&l, 0xffffc88000000000), KVAS_REGION_OTHER);
}

/* A layout may come from an edited file. */
TEST(impossible_bases_are_unknown)
{
	static const struct layout bad[] = {
		{ .levels = 4, .page_offset = 1, .direct_map_end = 0x100000 },
		{ .levels = 4, .page_offset = 0xffff888000000000,
		  .direct_map_end = 0xffffffffffffffff },
		{ .levels = 4, .vmalloc_base = 0xffffffffffffffff },
		{ .levels = 4, .vmemmap_base = 0xfffffffffffff000 },
		{ .levels = 4, .page_offset = 0xffff888000000000,
		  .direct_map_end = 0xffff888000000000 },
		{ .levels = 3, .page_offset = 0xfffffe0000000000,
		  .direct_map_end = 0xffffffffffffffff },
	};
	__u64 start, end;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(&bad[i], fixed);
		assert_int_equal(region_of(&bad[i], 0xffff888000000000), KVAS_REGION_OTHER);
		assert_false(region_bounds(&bad[i], KVAS_REGION_DIRECT_MAP, &start, &end));
		assert_false(region_bounds(&bad[i], KVAS_REGION_VMALLOC, &start, &end));
		assert_false(region_bounds(&bad[i], KVAS_REGION_VMEMMAP, &start, &end));
	}
}

TEST(a_region_ends_where_the_fixed_ones_begin)
{
	struct layout l = { .levels = 4, .vmalloc_base = 0xfffffd0000000000 };
	__u64 start, end;

	/* All but the address before cpu_entry_area. */
	check(&l, fixed + 1, sizeof(fixed) / sizeof(fixed[0]) - 1);
	l.levels = 5; /* its size would wrap */
	l.vmalloc_base = 0xffe0000000000000;
	assert_true(region_bounds(&l, KVAS_REGION_VMALLOC, &start, &end));
	assert_int_equal(end, 0xfffffe0000000000);
}

/* KASAN and memory KASLR exclude each other. */
TEST(one_moved_base_rules_kasan_out)
{
	struct layout l;

	for (int i = 0; i < 3; i++) {
		layout_unrandomised(&l, 4);
		assert_int_equal(region_of(&l, 0xfffff00000000000), KVAS_REGION_KASAN);
		*(__u64 *[]){ &l.page_offset, &l.vmalloc_base, &l.vmemmap_base }[i] += 0x40000000;
		assert_int_equal(region_of(&l, 0xfffff00000000000), KVAS_REGION_OTHER);
	}
}

TEST(bounds_are_exact_or_refused)
{
	static const struct layout l = { .levels = 5, .vmalloc_base = 0xffa1000040000000 };
	static const int refused[] = { -1, KVAS_REGION_DIRECT_MAP, KVAS_REGION_VMEMMAP,
				       KVAS_REGION_PERCPU, KVAS_REGION_KASAN, KVAS_REGION_OTHER,
				       KVAS_REGION_COUNT };
	__u64 start, end;

	assert_true(region_bounds(&l, KVAS_REGION_VMALLOC, &start, &end));
	assert_int_equal(start, 0xffa1000040000000);
	assert_int_equal(end, 0xffd3000040000000); /* 12800 TiB on */
	assert_true(region_bounds(&l, KVAS_REGION_USER, &start, &end));
	assert_int_equal(start, 0);
	assert_int_equal(end, 0x0100000000000000);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		start = end = 1;
		assert_false(region_bounds(&l, refused[i], &start, &end));
		assert_int_equal(start, 0);
		assert_int_equal(end, 0);
	}
}

TEST(names_are_the_contracts)
{
	/* The regions of docs/json.md, in the order of the wire's numbers. */
	static const char *const names[] = { "user", "direct_map", "vmalloc", "vmemmap", "percpu",
					     "kernel_image", "modules", "cpu_entry_area",
					     "fixmap", "espfix", "ldt", "efi", "kasan", "other", "vsyscall" };

	assert_int_equal(sizeof(names) / sizeof(names[0]), KVAS_REGION_COUNT);
	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		assert_string_equal(region_name(r), names[r]);
		assert_int_equal(region_by_name(names[r], strlen(names[r])), r);
	}
	assert_string_equal(region_name(15), "other");
	assert_string_equal(region_name(-1), "other");
	assert_int_equal(region_by_name("user_", 4), 0); /* LEN counts, not a NUL */
	assert_int_equal(region_by_name("use", 3), -1);
	assert_int_equal(region_by_name("users", 5), -1);
	assert_int_equal(region_by_name("", 0), -1);
	assert_int_equal(region_by_name("USER", 4), -1);
}

TEST(unrandomised_needs_the_levels)
{
	struct layout l;

	layout_unrandomised(&l, 4);
	assert_int_equal(l.levels, 4);
	assert_int_equal(l.page_offset, 0xffff888000000000);
	assert_int_equal(l.direct_map_end, 0);
	assert_int_equal(l.vmalloc_base, 0xffffc90000000000);
	assert_int_equal(l.vmemmap_base, 0xffffea0000000000);
	assert_int_equal(l.text_base, 0xffffffff81000000);
	layout_unrandomised(&l, 5);
	assert_int_equal(l.levels, 5);
	assert_int_equal(l.page_offset, 0xff11000000000000);
	assert_int_equal(l.vmalloc_base, 0xffa0000000000000);
	assert_int_equal(l.vmemmap_base, 0xffd4000000000000);
	layout_unrandomised(&l, 0);
	assert_memory_equal(&l, &(struct layout){ 0 }, sizeof(l));
	layout_unrandomised(&l, 3);
	assert_memory_equal(&l, &(struct layout){ 0 }, sizeof(l));
}

TESTS_RUN(NULL, NULL)
