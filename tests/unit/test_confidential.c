/* SPDX-License-Identifier: GPL-2.0 */
/* Entries with a bit of confidential computing: made-up kernels, and CPUID as the manuals have it. */
#include "test.h"
#include "fake_kernel.h"
#include "kernel/confidential.h"
#include "pgtable/entry.h"

/* Every entry of a table has BIT, as SEV's kernel sets it in all but what is shared. */
static void set_everywhere(struct fake *f, __u64 bit)
{
	for (int i = 0; i < FAKE_PAGES; i++) {
		__u64 pa = f->page[i].pfn << 12;

		if (!f->page[i].pfn || pa < f->pgd || pa >= f->next_table)
			continue;
		for (int j = 0; j < 512; j++)
			if (f->page[i].words[j] & X86_PTE_P)
				f->page[i].words[j] |= bit;
	}
}

static int solve(struct kernel *k)
{
	return layout_solve(&k->in, fake_read, k->f, &k->out, &k->proof, k->how, sizeof(k->how));
}

static void solved_with(struct kernel *k, unsigned int bit)
{
	set_everywhere(k->f, 1ULL << bit);
	assert_int_equal(solve(k), -1); /* it is taken for a part of addresses */
	paging_confidential(1ULL << bit, PAGING_ENCRYPTED);
	assert_int_equal(solve(k), 0);
	paging_confidential(0, NULL);
	assert_int_equal(k->out.page_offset, k->page_offset);
	assert_int_equal(k->out.direct_map_end, k->end);
	assert_int_equal(k->out.vmalloc_base, k->vmalloc);
	assert_int_equal(k->out.vmemmap_base, k->vmemmap);
	destroy(k);
}

TEST(bases_with_the_bit)
{
	solved_with(build4(), 51);
	solved_with(build4(), 47);
	solved_with(build(5, 0xff2b400080000000, 0xff5e123440000000, 0xffb4001bc0000000), 51);
}

TEST(the_bit_is_a_flag_and_no_address)
{
	const __u64 leaf = 0x8008000012345067, large = 0x80080000400001e7, table = 0x0008000000abc067;
	char flags[ENTRY_FLAGS_MAX];

	paging_confidential(1ULL << 51, PAGING_ENCRYPTED);
	assert_int_equal(walk_entry_pa(paging_of(4), leaf, 1), 0x12345000);
	assert_int_equal(walk_entry_pa(paging_of(5), large, 2), 0x40000000);
	assert_int_equal(walk_entry_pa(paging_of(5), table, 4), 0xabc000);
	assert_string_equal(entry_flags(paging_of(4), leaf, 1, false, flags), "P W U A D ENC NX");
	paging_confidential(1ULL << 47, PAGING_SHARED);
	assert_string_equal(entry_flags(paging_of(4), 0x0000800012345067, 1, false, flags), "P W U A D SHARED");
	paging_confidential(0, NULL);
	assert_int_equal(walk_entry_pa(paging_of(4), leaf, 1), 0x0008000012345000);
	assert_string_equal(entry_flags(paging_of(4), leaf, 1, false, flags), "P W U A D NX");
}

static void bit_is(struct cpuid_leaf sev, struct cpuid_leaf phys, struct cpuid_leaf tdx, __u64 bit, const char *word)
{
	const char *got;

	assert_int_equal(confidential_bit(&sev, &phys, &tdx, &got), bit);
	if (word)
		assert_string_equal(got, word);
	else
		assert_null(got);
}

TEST(what_cpuid_says)
{
	const struct cpuid_leaf none = { 0 }, intel = { 0, 0x65746e49, 0x20202020, 0x5844546c };

	bit_is(none, (struct cpuid_leaf){ .eax = 0x3030 }, none, 0, NULL);
	/* EPYC 7002 with SME and SEV: EBX has the bit, 47, and the addresses' bits that it takes, 5. */
	bit_is((struct cpuid_leaf){ 0x1000f, 0x16f, 0x1fd, 1 }, (struct cpuid_leaf){ .eax = 0x3030 }, none, 1ULL << 47,
	       "ENC");
	bit_is((struct cpuid_leaf){ 0x2, 0x173, 0, 0 }, (struct cpuid_leaf){ .eax = 0x3034 }, none, 1ULL << 51, "ENC");
	/* Neither is there, whatever EBX has. */
	bit_is((struct cpuid_leaf){ 0, 0x16f, 0, 0 }, (struct cpuid_leaf){ .eax = 0x3030 }, none, 0, NULL);
	bit_is(none, (struct cpuid_leaf){ .eax = 0x3034 }, intel, 1ULL << 51, "SHARED");
	bit_is(none, (struct cpuid_leaf){ .eax = 0x3030 }, intel, 1ULL << 47, "SHARED");
	/* Nonsense of a hypervisor's: no bit of an address. */
	bit_is((struct cpuid_leaf){ 2, 63, 0, 0 }, (struct cpuid_leaf){ .eax = 0x3030 }, none, 0, NULL);
	bit_is(none, none, intel, 0, NULL);
}

TESTS_RUN(NULL, NULL)
