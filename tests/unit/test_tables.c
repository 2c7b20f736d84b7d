/* SPDX-License-Identifier: GPL-2.0 */
/* Top-level tables compared and grouped, lower ones counted; tables that are none. */
#include "test.h"
#include "fake_tables.h"
#include "pgtable/tables.h"

#define BASE 0xffff9a4340000000ULL
#define RAM 0x40000000ULL
#define PGD 0x1000ULL

TEST(entries_know_their_addresses)
{
	assert_int_equal(paging_top_va(paging_of(4), 0), 0);
	assert_int_equal(paging_top_va(paging_of(4), 255), 0x7f8000000000);
	assert_int_equal(paging_top_va(paging_of(4), 256), 0xffff800000000000);
	assert_int_equal(paging_top_va(paging_of(4), 272), 0xffff880000000000);
	assert_int_equal(paging_top_va(paging_of(4), 511), 0xffffff8000000000);
	assert_int_equal(paging_top_va(paging_of(5), 255), 0x00ff000000000000);
	assert_int_equal(paging_top_va(paging_of(5), 256), 0xff00000000000000);
	assert_int_equal(paging_top_va(paging_of(5), 272), 0xff10000000000000);
	assert_int_equal(paging_top_va(paging_of(5), 511), 0xffff000000000000);
}

TEST(halves_compare_but_for_a_d_and_the_ldt)
{
	__u64 a[PAGING_ENTRIES] = { 0 }, b[PAGING_ENTRIES] = { 0 };
	struct half_compare c;

	a[0] = 0x5067; /* user memory is not compared */
	a[273] = b[273] = 0x2067;
	a[402] = 0x3043; /* A and D not set yet in one */
	b[402] = 0x3063;
	a[272] = 0x9067; /* the LDT's */
	table_compare(paging_of(4), a, b, &c);
	assert_int_equal(c.present, 2);
	assert_int_equal(c.same, 2);
	assert_int_equal(c.differ, 0);
	assert_true(c.ldt);
	table_compare(paging_of(4), b, a, &c);
	assert_false(c.ldt);
	a[510] = 0x7063; /* one table has it, the other not */
	b[511] = 0x8063;
	a[511] = 0x9063; /* another table */
	table_compare(paging_of(4), a, b, &c);
	assert_int_equal(c.differ, 2);
	assert_int_equal(c.first, 510);
	assert_int_equal(c.present, 4);
	/* Without the present bit nothing is meant. */
	a[510] = 0x7062;
	b[511] = a[511];
	table_compare(paging_of(4), a, b, &c);
	assert_int_equal(c.differ, 0);
}

TEST(groups_say_whose_tables_they_are)
{
	const struct layout l = { .levels = 4,
				  .page_offset = 0xffff888000000000,
				  .direct_map_end = 0xffff888000000000 + (600ULL << 30),
				  .vmalloc_base = 0xffffc90000000000,
				  .vmemmap_base = 0xffffea0000000000,
				  .text_base = 0xffffffff81000000 };
	__u64 pgd[PAGING_ENTRIES] = { 0 }, kernel[PAGING_ENTRIES] = { 0 };
	struct table_group g[PAGING_ENTRIES];
	size_t nr, at = 0;

	pgd[3] = pgd[4] = 0x5067;
	pgd[272] = 0x9067;
	pgd[273] = kernel[273] = 0x2063;
	pgd[274] = kernel[274] = 0x3063;
	pgd[402] = 0x4063; /* the kernel's has none: that differs */
	pgd[511] = kernel[511] = 0x6063;
	nr = table_groups(pgd, kernel, &l, g);
	assert_int_equal(g[nr - 1].last, 511);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(g[i].first, at);
		at = g[i].last + 1;
	}
	for (size_t i = 0; i < nr; i++) {
		if (g[i].first == 3) {
			assert_int_equal(g[i].last, 4);
			assert_int_equal(g[i].present, 2);
			assert_int_equal(g[i].share, SHARE_OWN);
			assert_int_equal(g[i].regions, 1u << KVAS_REGION_USER);
		} else if (g[i].first == 272) {
			assert_int_equal(g[i].last, 272);
			assert_int_equal(g[i].share, SHARE_OWN);
			assert_int_equal(g[i].regions, 1u << KVAS_REGION_LDT);
		} else if (g[i].first == 273) {
			assert_int_equal(g[i].last, 274);
			assert_int_equal(g[i].share, SHARE_KERNEL);
			assert_int_equal(g[i].regions, 1u << KVAS_REGION_DIRECT_MAP);
		} else if (g[i].first == 402) {
			assert_int_equal(g[i].share, SHARE_DIFFERS);
		} else if (g[i].first == 511) {
			assert_int_equal(g[i].regions,
					 1u << KVAS_REGION_KERNEL_IMAGE | 1u << KVAS_REGION_MODULES |
						 1u << KVAS_REGION_FIXMAP | 1u << KVAS_REGION_EFI |
						 1u << KVAS_REGION_VSYSCALL);
		} else {
			assert_int_equal(g[i].share, SHARE_NONE);
			assert_int_equal(g[i].present, 0);
		}
	}
}

/* Addresses of tables by level, as the callback is told. */
struct met {
	unsigned int nr;
	__u64 pa[64];
	int level[64];
};

static void meet(void *ctx, int level, __u64 pa)
{
	struct met *m = ctx;

	assert_true(m->nr < 64);
	m->level[m->nr] = level;
	m->pa[m->nr++] = pa;
}

static void count(struct fake *f, kread_fn read, void *ctx, struct met *m, struct table_count *out)
{
	struct table_walk w = { read, ctx, BASE, paging_of(f->levels), 10000, m ? meet : NULL, m, NULL };
	__u64 pgd[PAGING_ENTRIES];

	assert_int_equal(fake_read(f, BASE + PGD, pgd, 4096), 0);
	table_count(&w, pgd, BASE + PGD, 0, 256, out);
}

TEST(each_lower_table_is_counted)
{
	struct fake *f = fake_create(BASE, RAM, 4, PGD);
	struct met m = { 0 };
	struct table_count c;

	fake_map(f, 0x1000, 0x10000, 1); /* PUD 2000, PMD 3000, PTE 4000 */
	fake_map(f, 0x3000, 0x11000, 1); /* the same */
	fake_map(f, 0x201000, 0x12000, 1); /* PTE 5000 */
	fake_map(f, 0x40000000, 0x200000, 2); /* PMD 6000 */
	fake_map(f, 0x80000000, 0, 3);
	fake_map(f, 0x7f8000000000, 0x400000, 2); /* PUD 7000, PMD 8000 */
	fake_map(f, 0xffff900000000000, 0x13000, 1); /* the other half */
	count(f, fake_read, f, &m, &c);
	assert_int_equal(c.tables[0], 2);
	assert_int_equal(c.tables[1], 3);
	assert_int_equal(c.tables[2], 2);
	assert_int_equal(c.tables[3], 0);
	assert_int_equal(c.unsure, 0);
	assert_int_equal(m.nr, 7);
	for (unsigned int i = 0; i < m.nr; i++)
		assert_in_range(m.pa[i], 0x2000, 0x8000);
	fake_destroy(f);
	f = fake_create(BASE, RAM, 5, PGD);
	fake_map(f, 0x1000, 0x10000, 1);
	count(f, fake_read, f, NULL, &c);
	for (int i = 0; i < 4; i++)
		assert_int_equal(c.tables[i], 1);
	fake_destroy(f);
}

/* By entries as Linux makes them (mk_pte() of PAGE_NONE, swp_entry_to_pte(), 4.18 and newer). */
TEST(what_user_memory_is)
{
	struct fake *f = fake_create(BASE, RAM, 4, PGD);
	struct memory_count m = { 0 };
	struct table_walk w = { fake_read, f, BASE, paging_of(4), 10000, NULL, NULL, &m };
	__u64 pgd[PAGING_ENTRIES];
	struct table_count c;

	fake_map(f, 0x1000, 0x10000, 1); /* PUD 2000, PMD 3000, PTE 4000 */
	fake_map(f, 0x2000, 0x11000, 1);
	fake_put(f, 0x4000, 3, 0xffffffffcf160); /* PROT_NONE at 30000 */
	fake_put(f, 0x4000, 4, 0xfffffffffdb9600); /* swap area 1, page 1234 */
	fake_put(f, 0x4000, 5, 0xfffffffffdb9600);
	fake_put(f, 0x4000, 6, 0xf7ffffffffff1000); /* type 30: it migrates */
	fake_put(f, 0x4000, 7, 0x60); /* A and D alone: nothing */
	fake_put(f, 0x3000, 5, 0xfffffff9ff1e0); /* PROT_NONE, 2M at 600000 */
	fake_map(f, 0x800000, 0x200000, 2);
	fake_map(f, 0x40000000, 0x40000000, 3);
	assert_int_equal(fake_read(f, BASE + PGD, pgd, 4096), 0);
	table_count(&w, pgd, BASE + PGD, 0, 256, &c);
	assert_int_equal(c.tables[0], 1);
	assert_int_equal(c.unsure, 0);
	assert_int_equal(m.mapped, 2 * 4096 + (2 << 20) + (1 << 30));
	assert_int_equal(m.absent[ABSENT_PROT_NONE], 4096 + (2 << 20));
	assert_int_equal(m.absent[ABSENT_SWAPPED], 2 * 4096);
	assert_int_equal(m.absent[ABSENT_MOVED], 4096);
	assert_int_equal(m.absent[ABSENT_SPLITTING] + m.absent[ABSENT_UNKNOWN], 0);
	fake_destroy(f);
}

TEST(what_is_no_table_is_unsure)
{
	struct fake *f = fake_create(BASE, RAM, 4, PGD);
	struct table_count c;

	fake_map(f, 0x1000, 0x10000, 1);
	fake_put(f, PGD, 7, 0x50e7); /* PS in a PGD */
	fake_put(f, PGD, 8, 0x000ffffffffff067); /* beyond 2^64 */
	fake_put(f, PGD, 9, 0x7ffff067); /* beyond RAM */
	fake_put(f, 0x3000, 9, 0x1a202083); /* a 2M page with a reserved bit */
	count(f, fake_read, f, NULL, &c);
	assert_int_equal(c.unsure, 4);
	assert_int_equal(c.tables[0], 1);
	assert_true(f->lowest >= BASE);
	fake_destroy(f);
}

/* A PGD that leads to itself everywhere is 512^3 tables: the budget ends that. */
TEST(loops_end_with_the_budget)
{
	struct fake *f = fake_create(BASE, RAM, 4, PGD);
	struct table_count c;

	for (int i = 0; i < 512; i++)
		fake_put(f, PGD, i, PGD | 0x63);
	count(f, fake_read, f, NULL, &c);
	assert_true(c.unsure > 0);
	assert_in_range(f->reads, 1, 20002);
	fake_destroy(f);
}

/* Memory whose entry at INDEX of the table at PA is another one after each read of a
 * whole table at VA, or two pages on: the next of those in ENTRY. */
struct restless {
	struct fake *f;
	__u64 va, pa;
	unsigned int index, nr, at;
	__u64 entry[16];
};

static int restless_read(void *ctx, __u64 va, void *buf, size_t len)
{
	struct restless *r = ctx;
	int failed = fake_read(r->f, va, buf, len);

	if (len == 4096 && (va == r->va || va == r->va + 0x2000) && r->at < r->nr)
		fake_put(r->f, r->pa, r->index, r->entry[r->at++]);
	return failed;
}

TEST(tables_that_change_are_read_again)
{
	struct fake *f = fake_create(BASE, RAM, 4, PGD);
	/* The PMD table 0x3000, while it is read, makes way for 0x30000 .. */
	struct restless r = { f, BASE + 0x3000, 0x2000, 0, 1, 0, { 0x30063 } };
	struct table_count c;

	fake_map(f, 0x1000, 0x10000, 1); /* PUD 2000, PMD 3000, PTE 4000 */
	for (int i = 0; i < 512; i++)
		fake_put(f, 0x3000, i, 0x123063); /* by now something else's memory */
	fake_put(f, 0x30000, 1, 0x40063);
	fake_put(f, 0x30000, 2, 0x50063);
	count(f, restless_read, &r, NULL, &c);
	assert_int_equal(c.tables[0], 2);
	assert_int_equal(c.tables[1], 1);
	assert_int_equal(c.unsure, 0);
	/* .. or is freed: then there is nothing to count. */
	fake_put(f, 0x2000, 0, 0x3063);
	r = (struct restless){ f, BASE + 0x3000, 0x2000, 0, 1, 0, { 0 } };
	count(f, restless_read, &r, NULL, &c);
	assert_int_equal(c.tables[0] + c.tables[1], 0);
	assert_int_equal(c.tables[2], 1);
	assert_int_equal(c.unsure, 0);
	fake_destroy(f);
}

TEST(tables_that_never_rest_are_unsure)
{
	struct fake *f = fake_create(BASE, RAM, 4, PGD);
	struct restless r = { f, BASE + 0x3000, 0x2000, 0, 16, 0, { 0 } };
	struct table_count c;

	fake_map(f, 0x1000, 0x10000, 1);
	for (int i = 0; i < 16; i++)
		r.entry[i] = (i % 2 ? 0x3000 : 0x5000) | 0x63;
	count(f, restless_read, &r, NULL, &c);
	assert_int_equal(c.unsure, 1);
	assert_int_equal(c.tables[0] + c.tables[1], 0);
	fake_destroy(f);
}

TESTS_RUN(NULL, NULL)
