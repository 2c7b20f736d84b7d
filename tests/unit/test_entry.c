/* SPDX-License-Identifier: GPL-2.0 */
/* Flags, memory types and rights of entries, by bit patterns written out by hand from
 * the processor's manual; and walks of tables that change underneath. */
#include "test.h"
#include "pgtable/entry.h"
#include "pgtable/walk.h"

static void flags(__u64 entry, int level, bool user, const char *want)
{
	char buf[ENTRY_FLAGS_MAX];

	assert_string_equal(entry_flags(paging_of(5), entry, level, user, buf), want);
}

TEST(flags_in_words)
{
	/* As printed by a 6.18 kernel's own tables. */
	flags(0x0000000100000067, 4, false, "P W U A");
	flags(0x8000000108974163, 1, false, "P W A D G NX");
	flags(0x00000000010001a1, 2, false, "P A G PS");
	flags(0x80000001400001e3, 3, false, "P W A D G PS NX");
	/* A user page: soft-dirty, protection key 5. */
	flags(0x8000000000001867 | 5ULL << 59, 1, true, "P W U A D SD KEY=5 NX");
	/* The same bits mean nothing in the kernel's half. */
	flags(0x8000000000001867 | 5ULL << 59, 1, false, "P W U A D NX");
	flags(0x1f, 1, false, "P W U PWT PCD");
	/* Bit 7 is PAT in a PTE, PS above; PAT of a large leaf is bit 12. */
	flags(0x81, 1, false, "P PAT");
	flags(0x1081, 2, false, "P PS PAT");
	/* D and G of a table's entry are ignored by the processor. */
	flags(0x161, 3, false, "P A");
	flags(0xfffffffffffffffe, 1, true, "");
	flags(0, 5, true, "");
}

TEST(every_bit_at_once_fits)
{
	char buf[ENTRY_FLAGS_MAX];

	for (int level = 1; level <= 5; level++)
		for (int bit = 0; bit < 64; bit++) {
			entry_flags(paging_of(5), ~0ULL, level, true, buf);
			entry_flags(paging_of(5), 1ULL | 1ULL << bit, level, bit & 1, buf);
			assert_in_range(strlen(buf), 1, sizeof(buf) - 1);
		}
}

/* Linux's PAT: index PAT*4 + PCD*2 + PWT (the comment above pat_bp_init). */
TEST(memory_types)
{
	static const char *const want[8] = { "WB", "WC", "UC-", "UC", "WB", "WP", "UC-", "WT" };

	for (unsigned int i = 0; i < 8; i++) {
		__u64 low = 1 | (i & 1) << 3 | (i >> 1 & 1) << 4;

		assert_string_equal(entry_memory_type(paging_of(5), low | (__u64)(i >> 2) << 7, 1),
				    want[i]);
		for (int level = 2; level <= 3; level++)
			assert_string_equal(entry_memory_type(paging_of(5),
							      low | 0x80 | (__u64)(i >> 2) << 12, level),
					    want[i]);
	}
}

/* Entries as pte_mkprotnone() and swp_entry_to_pte() of x86-64 make them, 4.19 on: the frame and
 * the offset inverted, bit 8 the one of PROT_NONE, the type in bits 59 to 63. */
static void absent(__u64 entry, int level, enum entry_absent what, __u64 pa, unsigned int type,
		   __u64 offset)
{
	struct absent a = entry_absent(paging_of(4), entry, level);

	assert_int_equal(a.what, what);
	assert_int_equal(a.pa, pa);
	assert_int_equal(a.type, type);
	assert_int_equal(a.offset, offset);
}

TEST(what_an_absent_entry_says)
{
	absent(0, 1, ABSENT_EMPTY, 0, 0, 0);
	absent(0x60, 1, ABSENT_EMPTY, 0, 0, 0); /* A and D alone */
	/* As a 6.18 kernel left it, pagemap saying frame 0x145a26. */
	absent(0x040ffffeba5d9120, 1, ABSENT_PROT_NONE, 0x145a26000, 0, 0);
	absent(0x800ffffec00001a4, 2, ABSENT_PROT_NONE, 0x13fe00000, 0, 0);
	absent(0x800ffffec00000a4, 2, ABSENT_SPLITTING, 0x13fe00000, 0, 0);
	/* Swap area 3, page 5: bits 9 to 58 are those of ~5. */
	absent(3ULL << 59 | (~5ULL & ((1ULL << 50) - 1)) << 9, 1, ABSENT_SWAPPED, 0, 3, 5);
	absent((~0ULL & ((1ULL << 50) - 1)) << 9, 1, ABSENT_SWAPPED, 0, 0, 0);
	absent(30ULL << 59 | (~0x1234ULL & ((1ULL << 50) - 1)) << 9, 1, ABSENT_MOVED, 0, 30, 0x1234);
}

TEST(level_names)
{
	assert_string_equal(entry_level_name(4, 4), "PGD");
	assert_string_equal(entry_level_name(5, 5), "PGD");
	assert_string_equal(entry_level_name(4, 5), "P4D");
	assert_string_equal(entry_level_name(1, 5), "PTE");
}

/* One level that denies is enough. */
TEST(rights_of_all_levels)
{
	struct walk w = { .nr_steps = 4 };
	struct access a;

	for (int i = 0; i < 4; i++) {
		w.step[i].level = 4 - i;
		w.step[i].entry = 0x67; /* P W U A D */
	}
	a = walk_access(paging_of(4), &w);
	assert_true(a.write && a.user && a.execute);
	w.step[1].entry = 0x65;
	a = walk_access(paging_of(4), &w);
	assert_true(!a.write && a.user && a.execute);
	w.step[3].entry = 0x63;
	a = walk_access(paging_of(4), &w);
	assert_true(!a.write && !a.user && a.execute);
	w.step[0].entry |= 1ULL << 63;
	a = walk_access(paging_of(4), &w);
	assert_true(!a.write && !a.user && !a.execute);
}

/* A table of one leaf at every level: reading any entry gives it. */
struct moving {
	__u64 entry;
	__u64 flip; /* XORed into it after each read */
	int flips; /* how many more times */
	int reads;
};

static int read_moving(void *ctx, __u64 va, void *buf, size_t len)
{
	struct moving *m = ctx;

	(void)va;
	assert_int_equal(len, 8);
	memcpy(buf, &m->entry, 8);
	m->reads++;
	if (m->flips) {
		m->entry ^= m->flip;
		m->flips--;
	}
	return 0;
}

/* The walk of M ends so, after READS of entries; W is left as it was made. */
static void steady(struct moving m, enum walk_outcome want, int least, int most, struct walk *w)
{
	assert_int_equal(walk_steady(read_moving, &m, 0xffff888000001000, paging_of(4),
				     0xffff888000000000, 0xffff888000000000, w), want);
	assert_in_range(m.reads, least, most);
}

TEST(a_table_that_rests)
{
	struct walk w;

	steady((struct moving){ .entry = 0 }, WALK_DONE, 2, 2, &w);
	assert_int_equal(w.nr_steps, 1);
	assert_int_equal(w.leaf_level, 0);
}

/* The processor sets A and D whenever it likes: the mapping is the same. */
TEST(accessed_and_dirty_are_no_change)
{
	struct walk w;

	steady((struct moving){ .entry = 0x5063, .flip = 0x60, .flips = 1000000 }, WALK_DONE, 8, 8,
	       &w);
	assert_int_equal(w.leaf_level, 1);
}

TEST(one_change_is_read_again)
{
	struct walk w;

	steady((struct moving){ .flip = 0x2000, .flips = 1 }, WALK_DONE, 3, 3, &w);
	assert_int_equal(w.step[0].entry, 0x2000);
}

TEST(endless_change_is_told)
{
	struct walk w;

	steady((struct moving){ .flip = 0x2000, .flips = 1000000 }, WALK_CHANGING, 3, 100, &w);
}

TESTS_RUN(NULL, NULL)
