/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables of another geometry than the 64-bit ones: two levels of 1024 entries of 4 bytes with
 * pages of 4M (Intel SDM volume 3A, 4.3), made by hand. Nothing that walks may have the 64-bit
 * geometry wired in.
 */
#include "pgtable/entry.h"
#include "pgtable/scan.h"
#include "pgtable/tables.h"
#include "test.h"

#define BASE 0xc0000000ULL /* PAGE_OFFSET of a 3G/1G split */
#define FRAMES 8

static const struct paging two_levels = {
	.levels = 2,
	.entry_bytes = 4,
	.level = { { .shift = 12, .entries = 1024, .leaf = true, .leaf_pa = 0xfffff000,
		     .pat = 1 << 7, .rights = 6 },
		   { .shift = 22, .entries = 1024, .leaf = true, .reserved = 1 << 21,
		     .leaf_pa = 0xffc00000, .leaf_pa_high = 0x1fe000, .high_shift = 19,
		     .pat = 1 << 12, .rights = 6 } },
	.table_pa = 0xfffff000,
	.va_bits = 32,
	.last = 0xffffffff,
	.kernel_first = 768,
	.own_entry = -1,
};

/* Page frames 0 to 7. Frame 1 is the page directory, 2 and 3 are page tables. */
static __u32 frame[FRAMES][1024];

static int read_frames(void *ctx, __u64 va, void *buf, size_t len)
{
	(void)ctx;
	if (va < BASE || va - BASE + len > sizeof(frame))
		return -1;
	memcpy(buf, (char *)frame + (va - BASE), len);
	return 0;
}

static void make(void)
{
	memset(frame, 0, sizeof(frame));
	frame[1][0x048] = 0x00002067; /* 0x12000000: table in frame 2; P W U A D */
	frame[2][0x345] = 0x12abc025; /* 0x12345000: physical 0x12abc000; P U A */
	frame[2][0x346] = 0x00005067;
	frame[1][0x300] = 0x000001e3; /* 0xc0000000: 4M at physical 0; P W A D PS G */
	frame[1][0x301] = 0x004001e3; /* 0xc0400000: 4M at 0x400000 */
	frame[1][0x3fe] = 0x80406083; /* 0xff800000: 4M at 0x3_80400000, by PSE-36; P W PS */
	frame[1][0x3ff] = 0x00003063; /* 0xffc00000: table in frame 3 */
	frame[3][0x3ff] = 0xfee0007b; /* 0xfffff000: a device; P W PWT PCD A D */
}

static int walk(__u64 va, struct walk *w)
{
	return walk_va(read_frames, NULL, BASE + 0x1000, &two_levels, BASE, va, w);
}

TEST(small_pages_are_found)
{
	char buf[ENTRY_FLAGS_MAX];
	struct access a;
	struct walk w;

	make();
	assert_int_equal(walk(0x12345678, &w), 0);
	assert_int_equal(w.nr_steps, 2);
	assert_int_equal(w.step[0].index, 0x48);
	assert_int_equal(w.step[1].index, 0x345);
	assert_int_equal(w.step[1].table_va, BASE + 0x2000);
	assert_int_equal(w.step[1].entry, 0x12abc025);
	assert_int_equal(w.leaf_level, 1);
	assert_int_equal(w.leaf_bytes, 4096);
	assert_int_equal(w.pa, 0x12abc678);
	a = walk_access(&two_levels, &w);
	assert_true(!a.write && a.user && a.execute); /* no bit can forbid execution */
	assert_string_equal(entry_flags(&two_levels, w.step[1].entry, 1, true, buf), "P U A");
	assert_string_equal(entry_level_name(2, 2), "PGD");
	assert_int_equal(walk(0xfffff010, &w), 0);
	assert_int_equal(w.pa, 0xfee00010);
	assert_string_equal(entry_memory_type(&two_levels, w.step[1].entry, 1), "UC");
}

TEST(large_pages_are_4m)
{
	char buf[ENTRY_FLAGS_MAX];
	struct walk w;

	make();
	assert_int_equal(walk(0xc0777123, &w), 0);
	assert_int_equal(w.nr_steps, 1);
	assert_int_equal(w.leaf_level, 2);
	assert_int_equal(w.leaf_bytes, 4 << 20);
	assert_int_equal(w.pa, 0x777123);
	assert_string_equal(entry_flags(&two_levels, w.step[0].entry, 2, false, buf),
			    "P W A D G PS");
	/* 36 bits of physical address: bits 13 to 16 of the entry are 32 to 35 of the address. */
	assert_int_equal(walk(0xff812345, &w), 0);
	assert_int_equal(w.pa, 0x380412345);
}

TEST(what_is_no_mapping_is_told)
{
	struct walk w;

	make();
	assert_int_equal(walk(0x12347000, &w), 0);
	assert_int_equal(w.leaf_level, 0);
	assert_int_equal(walk(0x80000000, &w), 0);
	assert_int_equal(w.nr_steps, 1);
	frame[1][0x301] |= 1 << 21; /* reserved in a large leaf */
	assert_int_equal(walk(0xc0400000, &w), -1);
	assert_int_equal(walk(0x100000000, &w), -1);
	assert_int_equal(walk(0xffffffff80000000, &w), -1);
	assert_false(walk_canonical(&two_levels, 1ULL << 32));
	assert_true(walk_canonical(&two_levels, 0xffffffff));
}

TEST(a_scan_meets_all_in_order)
{
	static const struct {
		__u64 va, pa, bytes;
		int level;
	} want[] = {
		{ 0x12345000, 0x12abc000, 4096, 1 },    { 0x12346000, 0x5000, 4096, 1 },
		{ 0xc0000000, 0, 4 << 20, 2 },	        { 0xc0400000, 0x400000, 4 << 20, 2 },
		{ 0xff800000, 0x380400000, 4 << 20, 2 }, { 0xfffff000, 0xfee00000, 4096, 1 },
	};
	struct scan_leaf leaf;
	struct scan s;
	__u64 at = 0;

	make();
	scan_init(&s, read_frames, NULL, BASE + 0x1000, &two_levels, BASE);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(scan_next(&s, at, two_levels.last, &leaf), 1);
		assert_int_equal(leaf.va, want[i].va);
		assert_int_equal(leaf.pa, want[i].pa);
		assert_int_equal(leaf.bytes, want[i].bytes);
		assert_int_equal(leaf.level, want[i].level);
		assert_false(leaf.nx);
		at = leaf.va + leaf.bytes;
	}
	assert_int_equal(scan_next(&s, at, two_levels.last, &leaf), 0);
	assert_int_equal(s.tables_read, 3);
	assert_int_equal(scan_top(&s, 0x49), 0x300);
	assert_int_equal(scan_top(&s, 0x400), 0x400);
}

TEST(halves_and_tables)
{
	struct table_walk w = { .read = read_frames, .page_offset = BASE, .paging = &two_levels,
				.budget = 100 };
	__u64 a[PAGING_ENTRIES], b[PAGING_ENTRIES];
	struct table_count count;
	struct half_compare c;

	make();
	assert_int_equal(paging_read_table(&two_levels, read_frames, NULL, BASE + 0x1000, 2, a), 0);
	assert_int_equal(a[0x3ff], 0x3063);
	assert_int_equal(a[0], 0);
	memcpy(b, a, sizeof(b));
	b[0x48] = 0; /* user memory is not compared */
	b[0x300] &= ~0x60ULL; /* A and D neither */
	b[0x301] = 0x008001e3;
	table_compare(&two_levels, a, b, &c);
	assert_int_equal(c.present, 4);
	assert_int_equal(c.same, 3);
	assert_int_equal(c.differ, 1);
	assert_int_equal(c.first, 0x301);
	table_count(&w, a, BASE + 0x1000, 0, 768, &count);
	assert_int_equal(count.tables[0], 1);
	assert_int_equal(count.tables[1] + count.unsure, 0);
	assert_int_equal(paging_top_va(&two_levels, 0x301), 0xc0400000);
	assert_true(paging_kernel_half(&two_levels, 0xc0000000));
	assert_false(paging_kernel_half(&two_levels, 0xbfffffff));
}

TESTS_RUN(NULL, NULL)
