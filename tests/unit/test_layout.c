/* SPDX-License-Identifier: GPL-2.0 */
/* Kernels made up in memory, with bases the solver is not told. */
#include "test.h"
#include "fake_kernel.h"

static struct kernel *k;

TEST_FIXTURE(four_levels, k = build4())
TEST_FIXTURE(drop, destroy(k))

#define TEST_OF_FOUR_LEVELS(name) TEST_BETWEEN(name, four_levels, drop)

static int solve(struct kernel *k)
{
	return layout_solve(&k->in, fake_read, k->f, &k->out, &k->proof, k->how, sizeof(k->how));
}

static void assert_solved(struct kernel *k)
{
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.levels, k->f->levels);
	assert_int_equal(k->out.page_offset, k->page_offset);
	assert_int_equal(k->out.direct_map_end, k->end);
	assert_int_equal(k->out.vmalloc_base, k->vmalloc);
	assert_int_equal(k->out.vmemmap_base, k->vmemmap);
	assert_int_equal(k->out.text_base, 0xffffffff9ac00000);
}

/* Some of it was found; HOW says what was not. */
static void assert_solved_in_part(struct kernel *k, const char *how)
{
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.page_offset, k->page_offset);
	assert_string_equal(k->how, how);
}

static void assert_no_vmemmap(struct kernel *k, const char *how)
{
	assert_solved_in_part(k, how);
	assert_int_equal(k->out.vmemmap_base, 0);
}

static void assert_unsolved(struct kernel *k, const char *how)
{
	assert_int_equal(solve(k), -1);
	assert_int_equal(k->out.page_offset, 0);
	assert_string_equal(k->how, how);
}

TEST_OF_FOUR_LEVELS(four_levels_with_kaslr)
{
	assert_solved(k);
	assert_string_equal(k->how, "page tables: 1 of 24 candidates");
}

TEST(four_levels_without_kaslr)
{
	struct kernel *k = build(4, 0xffff888000000000, 0xffffc90000000000, 0xffffea0000000000);

	assert_solved(k);
	/* The PGD is in the 6th GiB: nothing lower than the default base is tried. */
	assert_string_equal(k->how, "page tables: 1 of 6 candidates");
	destroy(k);
}

TEST(five_levels)
{
	struct kernel *k = build(5, 0xff2b400080000000, 0xff5e123440000000, 0xffb4001bc0000000);

	assert_solved(k);
	destroy(k);
	k = build(5, 0xff11000000000000, 0xffa0000000000000, 0xffd4000000000000);
	assert_solved(k);
	destroy(k);
}

TEST_OF_FOUR_LEVELS(levels_are_told_from_the_address)
{
	k->in.levels = 0;
	assert_solved(k);
	k->in.levels = 5;
	assert_unsolved(k, "unknown: the PGD's address contradicts the paging levels");
	assert_int_equal(k->out.levels, 0);
	destroy(k);
	k = build(5, 0xff2b400080000000, 0xff5e123440000000, 0xffb4001bc0000000);
	k->in.levels = 0;
	assert_solved(k);
}

/* What is mapped lowest in the image's room, of code. */
TEST_OF_FOUR_LEVELS(text_without_its_symbol)
{
	const __u64 image = 0xffffffff81000000;

	k->in.text = 0;
	fake_put(k->f, fake_table_of(k->f, image, 2), 8, 0x10001a1); /* code */
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.text_base, image);
	/* Data below it, which no kernel has there. */
	fake_put(k->f, fake_table_of(k->f, image, 2), 1, 0x80000000050001e3);
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.text_base, 0);
}

/* Memory that is not known to be of any size, full of anything. */
TEST_OF_FOUR_LEVELS(junk_does_not_fit_by_chance)
{
	k->f->junk = 0x1234567;
	/* One candidate finds a pointer to a device far above. */
	fake_put(k->f, fake_table_of(k->f, k->in.pgd, 3) - GIB, k->in.pgd >> 30 & 511,
		 0x3f0000000063);
	assert_solved(k);
	/* Whatever junk pointed to, only what may be memory was read. */
	assert_true(k->f->highest <= k->in.pgd + k->in.max_phys);
	assert_true(k->f->lowest >= k->in.pgd - k->in.max_phys);
	k->in.max_phys = 0;
	assert_solved(k);
	/* (0xffff9a4340000000 - 0xffff888000000000) / 1 GiB + 5, and itself */
	assert_string_equal(k->how, "page tables: 1 of 18195 candidates");
}

TEST_OF_FOUR_LEVELS(few_reads_are_needed)
{
	assert_solved(k);
	assert_in_range(k->f->reads, 10, 400);
}

TEST_OF_FOUR_LEVELS(right_symbols_agree)
{
	k->in.sym_page_offset = k->page_offset;
	k->in.sym_vmalloc = k->vmalloc;
	k->in.sym_vmemmap = k->vmemmap;
	assert_solved(k);
	assert_string_equal(k->how, "page tables: 1 of 24 candidates");
	/* A kernel that marks no page has the symbol confirmed by what is mapped. */
	k->in.pt_mm_known = 0;
	k->in.page_struct_size = 0;
	assert_solved(k);
	k->in.sym_vmemmap = 0;
	assert_no_vmemmap(k, "page tables: 1 of 24 candidates; unproven: vmemmap");
	assert_int_equal(k->out.vmalloc_base, k->vmalloc);
}

TEST_OF_FOUR_LEVELS(a_wrong_page_offset_symbol_leaves_it_unknown)
{
	k->in.sym_page_offset = k->page_offset + GIB;
	assert_unsolved(k, "unknown: page tables and the symbol page_offset_base differ");
	assert_int_equal(k->out.vmalloc_base, 0);
	assert_int_equal(k->out.levels, 4);
}

TEST_OF_FOUR_LEVELS(a_wrong_vmalloc_symbol_leaves_it_unknown)
{
	/* Above what is mapped; off the GiB; top-level slots too low; in the direct map. */
	const __u64 wrong[] = { k->vmalloc + GIB, k->vmalloc - 0x200000, k->vmalloc - TIB,
				k->page_offset + GIB };

	for (int i = 0; i < 8; i++) {
		k->in.sym_vmalloc = wrong[i % 4];
		if (i == 4)
			k->in.stack = 0; /* which would tell as well */
		assert_solved_in_part(k, "page tables: 1 of 24 candidates; symbol differs: vmalloc");
		assert_int_equal(k->out.direct_map_end, k->end);
		assert_int_equal(k->out.vmalloc_base, 0);
		assert_int_equal(k->out.vmemmap_base, k->vmemmap); /* its mark proves it */
	}
}

/* KASLR without padding for memory to be plugged in. */
TEST(vmalloc_right_behind_the_memory)
{
	struct kernel *k = build(4, 0xffff9a4340000000, 0xffff9a49c0000000, 0xffffee2f00000000);

	assert_solved(k);
	destroy(k);
}

/* The symbol's 32 TiB hold nothing: it is the base of something else. */
TEST(a_symbol_of_nothing_mapped_is_wrong)
{
	struct kernel *k = build(4, 0xffff9a4340000000, 0xffffbe0000000000, 0xffffee2f00000000);

	k->in.sym_vmalloc = 0xffff9a4a00000000; /* in the direct map's last slot */
	k->in.stack = 0;
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.vmalloc_base, 0);
	k->in.sym_vmalloc = 0;
	assert_solved(k);
	destroy(k);
}

TEST_OF_FOUR_LEVELS(vmemmap_needs_one_proof)
{
	/* Unmarked, and vmalloc not known: nothing says where vmemmap may begin. */
	k->in.pt_mm_known = 0;
	k->in.sym_vmalloc = k->vmalloc + GIB;
	k->in.sym_vmemmap = k->vmemmap;
	assert_no_vmemmap(k, "page tables: 1 of 24 candidates; symbol differs: vmalloc; "
				    "unproven: vmemmap");
	k->in.pt_mm_known = 1;
	k->in.sym_vmalloc = 0;
	assert_solved(k);
	/* What cannot be scanned might hold a second mark. */
	fake_put(k->f, k->f->pgd, 500, 0xe3);
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.vmemmap_base, 0);
	fake_put(k->f, k->f->pgd, 500, 0);
	assert_solved(k);
	/* Two marks. */
	fake_put(k->f, 0xa000000 + 0x159000, 0xe20 / 8, k->in.mm);
	assert_no_vmemmap(k, "page tables: 1 of 24 candidates; unproven: vmemmap");
}

TEST_OF_FOUR_LEVELS(a_wrong_vmemmap_symbol_leaves_it_unknown)
{
	k->in.sym_vmemmap = k->vmemmap + GIB;
	assert_no_vmemmap(k, "page tables: 1 of 24 candidates; symbol differs: vmemmap");
	assert_int_equal(k->out.vmalloc_base, k->vmalloc);
	k->in.pt_mm_known = 0;
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.vmemmap_base, 0);
	k->in.pt_mm_known = 1;
	k->in.sym_vmemmap = 0;
	set_mark(k, k->in.mm + 64); /* another's mm */
	assert_no_vmemmap(k, "page tables: 1 of 24 candidates; unproven: vmemmap");
	k->in.sym_vmalloc = k->vmalloc + GIB;
	assert_solved_in_part(k, "page tables: 1 of 24 candidates; symbol differs: vmalloc; "
				    "unproven: vmemmap");
}

/*
 * Make PAGE_OFFSET one GiB lower fit as well: what takes the place of the table on
 * the way to the PGD one GiB below maps GiBs under that base. WHICH of them, a bit
 * each, and SHIFT bytes off.
 */
#define WORLD_PGD 1
#define WORLD_TABLE 2
#define WORLD_MM 4

static void add_second_world(struct kernel *k, int which, __u64 shift)
{
	__u64 pud = fake_table_of(k->f, k->in.pgd, 3), lower = k->page_offset - GIB;
	const __u64 in_it[] = { k->in.pgd, lower + pud, k->in.mm };

	for (int i = 0; i < 3; i++)
		if (which & 1 << i)
			fake_put(k->f, pud - GIB, in_it[i] >> 30 & 511,
				 (((in_it[i] - lower) & ~(GIB - 1)) + shift) |
					 0x80000000000001e3);
}

TEST_OF_FOUR_LEVELS(two_that_hold_are_none)
{
	add_second_world(k, WORLD_PGD | WORLD_TABLE | WORLD_MM, 0);
	assert_unsolved(k, "unknown: 2 of 24 candidates for PAGE_OFFSET hold");
	assert_int_equal(k->out.direct_map_end, 0);
}

TEST(all_that_is_known_must_fit)
{
	/* Without the mm, without the table, nothing where it should be. */
	static const struct {
		int which;
		__u64 shift;
	} worlds[] = { { WORLD_PGD | WORLD_TABLE, 0 },
		       { WORLD_PGD | WORLD_MM, 0 },
		       { WORLD_PGD | WORLD_TABLE | WORLD_MM, GIB } };

	for (int i = 0; i < 3; i++) {
		struct kernel *k = build4();

		add_second_world(k, worlds[i].which, worlds[i].shift);
		assert_solved(k);
		if (i == 0) {
			k->in.mm = 0; /* nothing else tells these two apart */
			assert_int_equal(solve(k), -1);
		}
		destroy(k);
	}
}

TEST_OF_FOUR_LEVELS(no_address_no_layout)
{
	k->in.pgd = 0;
	assert_unsolved(k, "unknown: no address of a PGD is known");
	assert_int_equal(k->out.levels, 4); /* what was told still holds */
	k->in.levels = 0;
	k->in.pgd = 0x1000; /* a physical address is no direct-map address */
	assert_unsolved(k, "unknown: 0 of 0 candidates for PAGE_OFFSET hold");
	assert_int_equal(k->f->reads, 0);
}

TEST_OF_FOUR_LEVELS(unreadable_memory_is_unknown)
{
	k->f->unreadable = k->in.pgd;
	assert_unsolved(k, "unknown: 0 of 24 candidates for PAGE_OFFSET hold");
	/* vmalloc's first table. */
	k->f->unreadable = k->page_offset + fake_table_of(k->f, k->vmalloc, 3);
	assert_solved_in_part(k, "page tables: 1 of 24 candidates; "
				    "unproven: direct_map_end vmalloc vmemmap");
	assert_int_equal(k->out.direct_map_end, 0);
	assert_int_equal(k->out.vmalloc_base, 0);
	assert_int_equal(k->out.vmemmap_base, 0);
}

TEST_OF_FOUR_LEVELS(malformed_tables_end_the_scan)
{
	__u64 slot, old;

	/* A leaf with reserved bits in the direct map's last GiB. */
	fake_put(k->f, fake_table_of(k->f, k->end - 1, 2), 6, 0x60000a083);
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.page_offset, k->page_offset);
	assert_int_equal(k->out.direct_map_end, 0);
	destroy(k);

	/* A PGD that holds itself between vmalloc and vmemmap: chunk after chunk is
	 * mapped there, and the search ends all the same. */
	k = build4();
	slot = 0xffffee0000000000 >> 39 & 511;
	old = fake_page(k->f, k->f->pgd, false)[slot];
	assert_int_equal(old & 1, 1); /* vmemmap's own */
	fake_put(k->f, k->f->pgd, slot - 1, k->f->pgd | 0x63);
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.page_offset, k->page_offset);
	assert_int_equal(k->out.vmalloc_base, k->vmalloc);
}

TEST_OF_FOUR_LEVELS(the_stack_must_fit_vmalloc)
{
	k->in.stack = k->end + GIB; /* below what is taken for vmalloc's start */
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.vmalloc_base, 0);
	k->in.stack = k->vmalloc + 32 * TIB;
	assert_int_equal(solve(k), 0);
	assert_int_equal(k->out.vmalloc_base, 0);
	k->in.stack = k->page_offset + 0x1234000; /* no VMAP_STACK */
	assert_solved(k);
}

/* With its first GiB in use elsewhere only, vmalloc's start cannot be seen: the
 * slot before has its table. */
TEST_OF_FOUR_LEVELS(an_empty_start_of_vmalloc_is_noticed)
{
	fake_table_of(k->f, k->vmalloc - TIB / 2, 3);
	k->in.stack = 0;
	assert_solved_in_part(k, "page tables: 1 of 24 candidates; unproven: vmalloc");
	assert_int_equal(k->out.direct_map_end, k->end);
	assert_int_equal(k->out.vmalloc_base, 0);
	assert_int_equal(k->out.vmemmap_base, k->vmemmap);
}

TESTS_RUN(NULL, NULL)
