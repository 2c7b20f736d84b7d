/* SPDX-License-Identifier: GPL-2.0 */
/* Walks and scans over tables written entry by entry; indices worked out by hand. */
#include "test.h"
#include "fake_tables.h"
#include "pgtable/scan.h"
#include "pgtable/walk.h"

#define BASE 0xffff9a4340000000ULL
#define RAM 0x40000000ULL
#define PGD 0x1000ULL
/* 0x7f1234567abc = 254 << 39 | 72 << 30 | 418 << 21 | 359 << 12 | 0xabc */
#define VA 0x7f1234567abcULL

static struct fake *f;
static struct walk w;
static struct scan s;
static struct scan_leaf leaf;

TEST_FIXTURE(no_entries, f = fake_create(BASE, RAM, 4, PGD))
TEST_FIXTURE(drop, fake_destroy(f))

/* PGD at 0x1000 -> PUD at 0x5000 -> PMD at 0x9000 -> PTE at 0x3000. */
static int four_levels(void **state)
{
	no_entries(state);
	fake_put(f, 0x1000, 254, 0x5067);
	fake_put(f, 0x5000, 72, 0x9067);
	fake_put(f, 0x9000, 418, 0x3067);
	return 0;
}

#define TEST_OF_FOUR_LEVELS(name) TEST_BETWEEN(name, four_levels, drop)
#define TEST_OF_NO_ENTRIES(name) TEST_BETWEEN(name, no_entries, drop)

static int walk(__u64 va)
{
	return walk_va(fake_read, f, BASE + PGD, paging_of(f->levels), BASE, va, &w);
}

/* VA is mapped to PA by a leaf of LEVEL, the last of STEPS entries. */
static void leads_to(__u64 va, int level, __u64 pa, int steps)
{
	static const __u64 bytes[] = { 0, 4096, 0x200000, 0x40000000 };

	assert_int_equal(walk(va), 0);
	assert_int_equal(w.nr_steps, steps);
	assert_int_equal(w.leaf_level, level);
	assert_int_equal(w.leaf_bytes, bytes[level]);
	assert_int_equal(w.pa, pa);
}

static void is_a_hole(__u64 va, int steps)
{
	assert_int_equal(walk(va), 0);
	assert_int_equal(w.nr_steps, steps);
	assert_int_equal(w.leaf_level, 0);
}

/* The walk fails after so many entries read. */
static void fails_after(__u64 va, int steps)
{
	assert_int_equal(walk(va), -1);
	assert_int_equal(w.nr_steps, steps);
	assert_int_equal(w.leaf_level, 0);
}

TEST_OF_FOUR_LEVELS(a_4k_page_of_four_levels)
{
	/* NX, a protection key and software bits are no address bits. */
	fake_put(f, 0x3000, 359, 0xffffabc12345f067);
	leads_to(VA, 1, 0xfabc12345fabc, 4);
	for (int i = 0; i < 4; i++) {
		static const __u64 table[] = { 0x1000, 0x5000, 0x9000, 0x3000 };
		static const unsigned int index[] = { 254, 72, 418, 359 };

		assert_int_equal(w.step[i].level, 4 - i);
		assert_int_equal(w.step[i].table_va, BASE + table[i]);
		assert_int_equal(w.step[i].index, index[i]);
	}
	assert_int_equal(w.step[0].entry, 0x5067);
	assert_int_equal(w.step[3].entry, 0xffffabc12345f067);
}

TEST_OF_NO_ENTRIES(five_levels_begin_one_higher)
{
	/* 177 << 48 | 389 << 39 | 335 << 30 | 295 << 21 | 342 << 12 | 0x789 */
	const __u64 va = 0x00b1c2d3e4f56789;

	f->levels = 5;
	fake_put(f, 0x1000, 177, 0x2067);
	fake_put(f, 0x2000, 389, 0x5067);
	fake_put(f, 0x5000, 335, 0x9067);
	fake_put(f, 0x9000, 295, 0x3067);
	fake_put(f, 0x3000, 342, 0x77067);
	leads_to(va, 1, 0x77789, 5);
	assert_int_equal(w.step[0].level, 5);
	assert_int_equal(w.step[4].level, 1);
}

TEST_OF_FOUR_LEVELS(large_leaves_and_their_pat_bit)
{
	fake_put(f, 0x9000, 418, 0x800000001a2011e3); /* 2M at 0x1a200000, PAT, NX */
	leads_to(VA, 2, 0x1a200000 + 0x167abc, 3);
	fake_put(f, 0x5000, 72, 0x40001183); /* 1G at 0x40000000, PAT */
	leads_to(VA, 3, 0x40000000 + 0x34567abc, 2);
}

TEST_OF_FOUR_LEVELS(a_hole_is_an_answer)
{
	/* A swap entry: everything set but present. */
	fake_put(f, 0x3000, 359, 0xfffffffffffffffe);
	is_a_hole(VA, 4);
	assert_int_equal(w.step[3].entry, 0xfffffffffffffffe);
	/* Top-level entry 0 is empty. */
	is_a_hole(0x1000, 1);
}

TEST_OF_FOUR_LEVELS(reserved_bits_are_refused)
{
	fake_put(f, 0x9000, 418, 0x1a202083); /* 2M leaf, bit 13 */
	fails_after(VA, 3);
	fake_put(f, 0x5000, 72, 0x60000083); /* 1G leaf, bit 29 */
	fails_after(VA, 2);
	fake_put(f, 0x1000, 254, 0x80000000e7); /* no leaves of 512 GiB */
	fails_after(VA, 1);
}

TEST_OF_FOUR_LEVELS(an_unreadable_table_is_an_error)
{
	f->unreadable = BASE + 0x9000;
	fails_after(VA, 2);
	f->unreadable = BASE + PGD;
	fails_after(VA, 0);
}

/* PAGE_OFFSET + 2^52 - 4096 is past 2^64: no wrapped address is read. */
TEST_OF_FOUR_LEVELS(an_entry_out_of_reach_is_an_error)
{
	fake_put(f, 0x9000, 418, 0x000ffffffffff067);
	fails_after(VA, 3);
	assert_true(f->lowest >= BASE);
}

/* The recursive mapping many small kernels use: slot 510 is the PGD itself. */
TEST_OF_FOUR_LEVELS(a_loop_ends_with_the_levels)
{
	fake_put(f, 0x1000, 510, 0x1063);
	leads_to(0xffffff7fbfdfe123, 1, 0x1123, 4);
}

TEST_OF_FOUR_LEVELS(only_addresses_and_levels_that_exist)
{
	assert_int_equal(walk(VA | 0x0000800000000000), -1);
	assert_int_equal(walk(VA | 0xffff000000000000), -1);
	assert_int_equal(walk(0x0100000000000000), -1);
	assert_int_equal(walk_va(fake_read, f, BASE + PGD, paging_of(3), BASE, VA, &w), -1);
	assert_int_equal(walk_va(fake_read, f, BASE + PGD, paging_of(6), BASE, VA, &w), -1);
	f->levels = 5;
	assert_int_equal(walk(0x0100000000000000), -1);
	assert_int_equal(walk(0xfe00000000000000), -1);
	assert_int_equal(f->reads, 0);
	assert_int_equal(walk(0x00ffffffffffffff), 0); /* a hole */
}

TEST_OF_NO_ENTRIES(a_scan_finds_leaves_in_order)
{
	static const struct scan_leaf want[] = {
		{ .va = 0xffff900000000000, .pa = 0x111000, .bytes = 0x1000, .level = 1 },
		{ .va = 0xffff900000005000, .pa = 0x222000, .bytes = 0x1000, .level = 1 },
		{ .va = 0xffff900000200000, .pa = 0x400000, .bytes = 0x200000, .level = 2 },
		{ .va = 0xffffa00080000000, .pa = 0xc0000000, .bytes = 0x40000000, .level = 3 },
		{ .va = 0xfffffffffffff000, .pa = 0x333000, .bytes = 0x1000, .level = 1 },
	};
	__u64 at = 0xffff800000000000;

	fake_map(f, want[3].va, want[3].pa, 3);
	fake_map(f, want[1].va, want[1].pa, 1);
	fake_map(f, want[4].va, want[4].pa, 1);
	fake_map(f, want[2].va, want[2].pa, 2);
	fake_map(f, want[0].va, want[0].pa, 1);
	scan_init(&s, fake_read, f, BASE + PGD, paging_of(4), BASE);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(scan_next(&s, at, ~0ULL, &leaf), 1);
		assert_int_equal(leaf.va, want[i].va);
		assert_int_equal(leaf.pa, want[i].pa);
		assert_int_equal(leaf.bytes, want[i].bytes);
		assert_int_equal(leaf.level, want[i].level);
		at = leaf.va + leaf.bytes;
	}
	assert_int_equal(at, 0);
	/* PGD; PUD PMD PTE of the first three; PUD of the 1G; PUD PMD PTE. After each but the
	 * PGD the entry that led to it is read again. */
	assert_int_equal(f->reads, 8 + 7);
	assert_int_equal(scan_top(&s, 0), 288); /* 0xffff900000000000 */
	assert_int_equal(scan_top(&s, 289), 320);
	assert_int_equal(scan_top(&s, 512), 512);
}

TEST_OF_NO_ENTRIES(a_scan_starts_inside_and_ends_before)
{
	fake_map(f, 0xffff900000200000, 0x400000, 2);
	scan_init(&s, fake_read, f, BASE + PGD, paging_of(4), BASE);
	assert_int_equal(scan_next(&s, 0xffff9000003ff000, ~0ULL, &leaf), 1);
	assert_int_equal(leaf.va, 0xffff900000200000);
	assert_int_equal(scan_next(&s, 0xffff900000000000, 0xffff900000200000, &leaf), 0);
	assert_int_equal(scan_next(&s, 0xffff900000000000, 0xffff900000200001, &leaf), 1);
	assert_int_equal(scan_next(&s, 0xffff900000400000, ~0ULL, &leaf), 0);
}

TEST_OF_NO_ENTRIES(a_scan_stops_at_what_is_no_table)
{
	fake_map(f, 0xffff900000200000, 0x400000, 2);
	fake_put(f, PGD, 300, 0x50e7); /* PS in a PGD */
	fake_put(f, PGD, 301, 0x000ffffffffff067); /* beyond 2^64 */
	fake_put(f, PGD, 302, 0x7ffff067); /* beyond RAM */
	scan_init(&s, fake_read, f, BASE + PGD, paging_of(4), BASE);
	for (int slot = 300; slot <= 302; slot++)
		assert_int_equal(scan_next(&s, 0xffff000000000000 | (__u64)slot << 39, ~0ULL,
					   &leaf), -1);
	assert_true(f->lowest >= BASE);
	/* One failure does not spoil what can be read. */
	assert_int_equal(scan_next(&s, 0xffff900000000000, ~0ULL, &leaf), 1);
	f->unreadable = BASE + PGD;
	scan_init(&s, fake_read, f, BASE + PGD, paging_of(4), BASE);
	assert_int_equal(scan_next(&s, 0xffff900000000000, ~0ULL, &leaf), -1);
	assert_int_equal(scan_top(&s, 0), -1);
}

/* A PGD of 512 entries to itself maps 2^36 pages: the scan gives up in time. */
TEST_OF_NO_ENTRIES(a_scan_of_loops_is_bounded)
{
	__u64 at = 0xffff800000000000, leaves = 0;

	for (int i = 0; i < 512; i++)
		fake_put(f, PGD, i, PGD | 0x63);
	scan_init(&s, fake_read, f, BASE + PGD, paging_of(4), BASE);
	while (scan_next(&s, at, ~0ULL, &leaf) == 1 && leaves < 1ULL << 25) {
		at += 4096;
		leaves++;
	}
	assert_in_range(leaves, 1000000, SCAN_BUDGET);
	assert_in_range(f->reads, 1, 7);
}

/* Memory in which an entry becomes another one while the table it led to is read. */
struct changing {
	struct fake *f;
	__u64 table_va; /* reading this table changes */
	__u64 pa; /* the table with the entry */
	unsigned int index;
	__u64 entry; /* to this */
	unsigned int times; /* so often, each time by one frame more */
};

static int changing_read(void *ctx, __u64 va, void *buf, size_t len)
{
	struct changing *c = ctx;
	int r = fake_read(c->f, va, buf, len);

	if (len == 4096 && va == c->table_va && c->times) {
		c->times--;
		fake_put(c->f, c->pa, c->index, c->entry);
	}
	return r;
}

/* PTE table 0x3000 is freed and 0x4000 put in its place while 0x3000 is read: what
 * 0x3000 holds by then is nobody's page. */
TEST_OF_FOUR_LEVELS(a_scan_takes_a_changed_way_again)
{
	struct changing c = { f, BASE + 0x3000, 0x9000, 418, 0x4067, 1 };

	fake_put(f, 0x3000, 359, 0xbad00067);
	fake_put(f, 0x4000, 359, 0x8000000000123067);
	scan_init(&s, changing_read, &c, BASE + PGD, paging_of(4), BASE);
	assert_int_equal(scan_next(&s, VA & ~0xfffULL, VA, &leaf), 1);
	assert_int_equal(leaf.pa, 0x123000);
	assert_int_equal(leaf.level, 1);
	assert_int_equal(leaf.rights, 6);
	assert_true(leaf.nx);
	assert_int_equal(s.changed, 1);
}

TEST_OF_FOUR_LEVELS(a_scan_gives_up_on_what_never_rests)
{
	struct changing c = { f, BASE + 0x3000, 0x9000, 418, 0x3067 | 1ULL << 58, 1 };

	fake_map(f, 0x7f1235000000, 0x600000, 2);
	scan_init(&s, changing_read, &c, BASE + PGD, paging_of(4), BASE);
	/* The first change is of a software bit: another entry all the same. */
	assert_int_equal(scan_next(&s, VA & ~0xfffULL, VA, &leaf), 0);
	assert_int_equal(s.changed, 1);
	f->unreadable = BASE + 0x3000;
	scan_init(&s, fake_read, f, BASE + PGD, paging_of(4), BASE);
	assert_int_equal(scan_next(&s, VA & ~0xfffULL, ~0ULL >> 17, &leaf), -1);
	/* It can go on behind the 2M that are not known. */
	assert_int_equal(s.bad_end, 0x7f1234600000);
	assert_int_equal(scan_next(&s, s.bad_end, ~0ULL >> 17, &leaf), 1);
	assert_int_equal(leaf.va, 0x7f1235000000);
}

TESTS_RUN(NULL, NULL)
