/* SPDX-License-Identifier: GPL-2.0 */
/* What a kernel made up in memory maps, by region; its own table; its direct map. */
#include "test.h"
#include "agg/splits.h"
#include "fake_kernel.h"
#include "view/watch.h"
#include "pgtable/dmap.h"
#include "pgtable/slots.h"
#include "pgtable/survey.h"
#include "pgtable/swapper.h"

#define IMAGE 0xffffffff80000000ULL
#define ESPFIX 0xffffff0000000000ULL

static struct kernel *solved(void)
{
	struct kernel *k = build4();

	assert_int_equal(layout_solve(&k->in, fake_read, k->f, &k->out, &k->proof, k->how,
				      sizeof(k->how)), 0);
	return k;
}

static void survey(struct kernel *k, struct survey *s)
{
	survey_kernel(&k->out, fake_read, k->f, k->in.pgd, NULL, NULL, s);
}

TEST(leaves_are_told_by_region_and_size)
{
	struct kernel *k = solved();
	struct survey s;

	survey(k, &s);
	/* 512 in the first 2M, three at the end; 511 and five of 2M; 22 GiB of 1G. */
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].leaves[0], 512 + 3);
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].leaves[1], 511 + 5);
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].leaves[2], 22);
	assert_int_equal(region_use_bytes(&s.region[KVAS_REGION_DIRECT_MAP]),
			 k->f->ram - GIB);
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].first, k->page_offset);
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].end, k->end);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].leaves[0], 5);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].leaves[1], 1);
	assert_int_equal(s.region[KVAS_REGION_VMEMMAP].leaves[1], 192 + 1);
	assert_int_equal(s.region[KVAS_REGION_CPU_ENTRY_AREA].leaves[0], 1);
	assert_int_equal(s.region[KVAS_REGION_KERNEL_IMAGE].leaves[1], 1);
	assert_int_equal(s.unread, 0);
	assert_int_equal(s.region[KVAS_REGION_OTHER].leaves[0], 0);
	assert_true(s.phys_base_known);
	assert_int_equal(s.phys_base, 0);
	/* An image below the place it is linked for, by its first page alone. */
	fake_map(k->f, IMAGE + 0x1000000, 0x400000, 2);
	fake_map(k->f, IMAGE + 0x1200000, 0x5200000, 2);
	survey(k, &s);
	assert_int_equal(s.phys_base, -0xc00000);
	destroy(k);
}

TEST(writable_and_executable_is_noticed)
{
	struct kernel *k = solved();
	__u64 pte;
	struct survey s;

	pte = fake_table_of(k->f, k->vmalloc + 0x4000, 1);
	survey(k, &s);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].writable_executable, 0);
	fake_put(k->f, pte, (k->vmalloc + 0x4000) >> 12 & 511, 0x5000163);
	survey(k, &s);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].writable_executable, 4096);
	destroy(k);
}

/* The same PTE table from 512 entries of 4 PMDs' worth, as espfix has it: all its pages
 * count, the table is read once for each way only when another came between. */
TEST(a_table_met_many_times)
{
	struct kernel *k = solved();
	struct fake *f = k->f;
	struct survey s;
	__u64 pmd, pte;

	fake_map(f, ESPFIX, 0x7000000, 1);
	pmd = fake_table_of(f, ESPFIX, 2);
	pte = fake_table_of(f, ESPFIX, 1);
	for (int i = 0; i < 512; i++)
		fake_put(f, pmd, i, pte | 0x63);
	survey(k, &s);
	assert_int_equal(s.region[KVAS_REGION_ESPFIX].leaves[0], 512);
	destroy(k);
}

TEST(what_cannot_be_read_is_told)
{
	struct kernel *k = solved();
	struct survey s;

	k->f->unreadable = k->page_offset + fake_table_of(k->f, k->vmalloc, 1);
	survey(k, &s);
	assert_int_equal(s.unread, 1);
	/* What lies behind it was read. */
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].leaves[0], 0);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].leaves[1], 1);
	assert_int_equal(s.region[KVAS_REGION_KERNEL_IMAGE].leaves[1], 1);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].unread, 1);
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].unread, 0);
	assert_int_equal(s.region[KVAS_REGION_VMEMMAP].unread, 0);
	/* The 512 GiB at the top have the image, the modules and more. */
	k->f->unreadable = k->page_offset + fake_table_of(k->f, IMAGE, 3);
	survey(k, &s);
	assert_int_equal(s.unread, 1);
	assert_int_equal(s.region[KVAS_REGION_KERNEL_IMAGE].unread, 1);
	assert_false(s.phys_base_known);
	assert_int_equal(s.region[KVAS_REGION_MODULES].unread, 1);
	assert_int_equal(s.region[KVAS_REGION_VMALLOC].unread, 0);
	assert_int_equal(s.region[KVAS_REGION_CPU_ENTRY_AREA].unread, 0);
	/* Nothing at all. */
	k->f->unreadable = k->in.pgd;
	survey(k, &s);
	assert_int_equal(s.unread, 1);
	assert_int_equal(s.region[KVAS_REGION_DIRECT_MAP].unread, 1);
	assert_int_equal(s.region[KVAS_REGION_MODULES].unread, 1);
	destroy(k);
}

TEST(a_user_table_in_short)
{
	struct kernel *k = solved();
	struct user_table u;
	struct survey s;

	survey(k, &s);
	survey_user_table(&s, &u);
	assert_int_equal(u.entry_area, 4096);
	assert_int_equal(u.image, 2 << 20);
	assert_int_equal(u.linear, (k->f->ram - GIB) / 4096 + 5 + 512);
	/* All of vmemmap, and the image's 2M, which are writable. */
	assert_int_equal(u.forbidden, (193 + 1) << 21);
	assert_int_equal(u.example, k->vmemmap);
	assert_int_equal(s.region[KVAS_REGION_KERNEL_IMAGE].first_writable, IMAGE + 0x1000000);
	assert_int_equal(u.bytes, u.entry_area + u.linear * 4096 + u.forbidden);
	/* Of the image only what is writable. */
	fake_put(k->f, fake_table_of(k->f, IMAGE, 2), 8, 0x80000000010001e1);
	fake_put(k->f, fake_table_of(k->f, k->vmemmap, 4), k->vmemmap >> 39 & 511, 0);
	survey(k, &s);
	survey_user_table(&s, &u);
	assert_int_equal(u.image, 2 << 20);
	assert_int_equal(u.forbidden, 0);
	destroy(k);
}

TEST(strips_are_to_scale)
{
	struct kernel *k = solved();
	struct survey s;

	survey(k, &s);
	/* (0xffff9a4340000000 - 0xffff800000000000) / 2 TiB = 13, vmalloc 24. */
	assert_int_equal(s.strip[0].mapped[13], 1u << KVAS_REGION_DIRECT_MAP);
	assert_int_equal(s.strip[0].mapped[24], 1u << KVAS_REGION_VMALLOC);
	assert_int_equal(s.strip[0].mapped[12], 0);
	/* The image at 16 MiB past its start is in the first column of 32 MiB. */
	assert_int_equal(s.strip[2].mapped[0], 1u << KVAS_REGION_KERNEL_IMAGE);
	assert_int_equal(s.strip[2].mapped[1], 0);
	destroy(k);
}

/* The image's addresses are read as well: its pages are physical from 0 on. */
static int image_read(void *ctx, __u64 va, void *buf, size_t len)
{
	struct fake *f = ctx;

	return fake_read(f, va >= IMAGE ? f->base + va - IMAGE : va, buf, len);
}

#define DATA 0x1800000ULL /* physical: 0xffffffff81800000 is mapped to it */

static void put_table(struct kernel *k, __u64 pa)
{
	__u64 *pgd = fake_page(k->f, k->f->pgd, false);

	for (int i = 256; i < 512; i++)
		fake_put(k->f, pa, i, pgd[i]);
}

TEST(the_kernels_table_is_found_by_its_content)
{
	struct kernel *k = solved();
	struct swapper s;

	fake_map(k->f, IMAGE + DATA, DATA, 2); /* writable, not executable */
	put_table(k, DATA + 0x48000);
	/* A process's has user memory; another kernel half is another table. */
	put_table(k, DATA + 0x1a000);
	fake_put(k->f, DATA + 0x1a000, 0, 0x1067);
	put_table(k, DATA + 0x2b000);
	fake_put(k->f, DATA + 0x2b000, 300, 0x1067);
	swapper_find(&k->out, image_read, k->f, k->in.pgd, &s);
	assert_int_equal(s.va, IMAGE + DATA + 0x48000);
	assert_int_equal(s.entry[511], fake_page(k->f, k->f->pgd, false)[511]);
	/* What .init gave back lies behind: there, a freed PGD. */
	put_table(k, DATA + 0x7c000);
	swapper_find(&k->out, image_read, k->f, k->in.pgd, &s);
	assert_int_equal(s.va, IMAGE + DATA + 0x48000);
	destroy(k);
}

TEST(no_table_in_code_or_elsewhere)
{
	struct kernel *k = solved();
	__u64 pmd;
	struct swapper s;

	fake_map(k->f, IMAGE + DATA, DATA, 2);
	put_table(k, DATA + 0x48000);
	pmd = fake_table_of(k->f, IMAGE + DATA, 2);
	fake_put(k->f, pmd, (IMAGE + DATA) >> 21 & 511, DATA | 0x1e1); /* read-only, executable */
	swapper_find(&k->out, image_read, k->f, k->in.pgd, &s);
	assert_int_equal(s.va, 0);
	destroy(k);
}

static const struct dmap_range *range_at(const struct dmap *d, __u64 start)
{
	for (size_t i = 0; i < d->nr_ranges; i++)
		if (d->ranges[i].start == start)
			return &d->ranges[i];
	return NULL;
}

TEST(the_direct_map_and_its_ranges)
{
	struct kernel *k = solved();
	struct fake *f = k->f;
	const struct dmap_range *r;
	struct dmap d;
	__u64 pte;

	/* The 1G at 5 GiB is split, and of that the 2M at 6M and 8M: of one some pages are
	 * gone, of the other all. */
	fake_put(f, fake_table_of(f, f->base + 5 * GIB, 3), (f->base + 5 * GIB) >> 30 & 511, 0);
	for (__u64 pa = 5 * GIB; pa < 6 * GIB; pa += 0x200000)
		if (pa != 5 * GIB + 0x600000 && pa != 5 * GIB + 0x800000)
			fake_map(f, f->base + pa, pa, 2);
	for (__u64 pa = 5 * GIB + 0x600000 + 10 * 4096; pa < 5 * GIB + 0x800000; pa += 4096)
		fake_map(f, f->base + pa, pa, 1);
	fake_table_of(f, f->base + 5 * GIB + 0x800000, 1);
	fake_table_of(f, IMAGE + 0x2000000, 1); /* the image's init code, freed */
	pte = fake_table_of(f, f->base + 5 * GIB + 0x600000, 1);
	fake_put(f, pte, 100, 0x8000000140664121); /* read-only */
	fake_put(f, pte, 101, 0x140665163); /* executable */
	fake_put(f, pte, 102, 0x8000000140666173); /* PCD: uncached */
	assert_int_equal(dmap_make(&k->out, fake_read, f, k->in.pgd, &d), 0);
	assert_int_equal(d.image_splits, 1);
	assert_int_equal(d.leaves[0], 512 + 3 + 502);
	assert_int_equal(d.leaves[1], 511 + 5 + 510);
	assert_int_equal(d.leaves[2], 21);
	assert_int_equal(d.nr_ranges, 3);
	r = range_at(&d, f->base + 5 * GIB + 0x600000);
	assert_non_null(r);
	assert_int_equal(r->end, r->start + 0x400000);
	assert_int_equal(r->pages, 502);
	assert_int_equal(r->missing, 512 + 10);
	assert_int_equal(r->read_only, 1);
	assert_int_equal(r->executable, 1);
	assert_int_equal(r->uncached, 1);
	/* The first GiB is whole and of small pages; that of 5 GiB is not whole. */
	assert_int_equal(d.whole_gib, 1);
	assert_int_equal(d.smallest[0], 1);
	assert_int_equal(d.smallest[2], 2); /* the end of the first GiB: a column is 384 MiB */
	assert_int_equal(d.smallest[5], 3); /* 1920 to 2304 MiB */
	assert_int_equal(d.smallest[8], 0); /* 3072 to 3456 MiB: no memory */
	assert_int_equal(d.smallest[13], 1);
	dmap_free(&d);
	destroy(k);
}

static struct slots slots_now(struct kernel *k)
{
	struct slots s;

	assert_int_equal(slots_make(&k->out, KVAS_REGION_DIRECT_MAP, fake_read, k->f, k->in.pgd, &s), 0);
	assert_int_equal(s.unread, 0);
	return s;
}

TEST(splits_and_collapses_show_in_the_slots)
{
	struct kernel *k = solved();
	struct slot_change c[4];
	struct fake *f = k->f;
	__u64 g = f->base + 7 * GIB, pud = fake_table_of(f, g, 3), leaf, table;
	struct slots a = slots_now(k), b;

	leaf = fake_page(f, pud, false)[g >> 30 & 511];
	fake_put(f, pud, g >> 30 & 511, 0);
	for (__u64 at = 0; at < GIB; at += 0x200000)
		fake_map(f, g + at, 7 * GIB + at, 2);
	/* One of its 2M became a table with no page present. */
	fake_put(f, fake_table_of(f, g, 2), 3, 0);
	fake_table_of(f, g + 0x600000, 1);
	b = slots_now(k);
	assert_int_equal(slots_diff(&a, &b, c, 4), 2);
	assert_int_equal(c[0].va, g);
	assert_int_equal(c[0].from, 3);
	assert_int_equal(c[0].to, 2);
	assert_int_equal(c[0].bytes, GIB);
	assert_int_equal(c[1].va, g + 0x600000);
	assert_int_equal(c[1].from, 2);
	assert_int_equal(c[1].to, 1);
	assert_int_equal(c[1].bytes, 0x200000);
	/* And back. */
	assert_int_equal(slots_diff(&b, &a, c, 1), 2);
	assert_int_equal(c[0].from, 2);
	assert_int_equal(c[0].to, 3);
	assert_int_equal(slots_diff(&a, &a, c, 4), 0);
	slots_free(&b);
	/* All of the GiB in 4K is a split of 1G and 512 of 2M. */
	table = fake_table_of(f, g, 2);
	for (int i = 0; i < 512; i++)
		fake_put(f, table, i, table | 0x63);
	b = slots_now(k);
	assert_int_equal(slots_diff(&a, &b, c, 4), 513);
	fake_put(f, pud, g >> 30 & 511, leaf);
	slots_free(&a);
	slots_free(&b);
	destroy(k);
}

TEST(what_cannot_be_read_is_no_hole)
{
	struct kernel *k = solved();
	struct fake *f = k->f;
	struct slots s;
	struct dmap d;

	/* The PUD table, of all GiB there are: 25, and the hole between. */
	f->unreadable = f->base + fake_table_of(f, f->base, 3);
	assert_int_equal(slots_make(&k->out, KVAS_REGION_DIRECT_MAP, fake_read, f, k->in.pgd, &s), 0);
	assert_int_equal(s.unread, s.nr / 512);
	assert_in_range(s.unread, 25, 512);
	slots_free(&s);
	assert_int_equal(dmap_make(&k->out, fake_read, f, k->in.pgd, &d), 0);
	assert_int_equal(d.unread_gib, 25);
	dmap_free(&d);
	/* A PMD table. */
	f->unreadable = f->base + fake_table_of(f, f->base, 2);
	assert_int_equal(slots_make(&k->out, KVAS_REGION_DIRECT_MAP, fake_read, f, k->in.pgd, &s), 0);
	assert_int_equal(s.unread, 1);
	assert_int_equal(s.level[0], 0);
	slots_free(&s);
	/* A PTE table: that it is there is all that is asked. */
	f->unreadable = f->base + fake_table_of(f, f->base, 1);
	s = slots_now(k);
	assert_int_equal(s.level[0], 1);
	assert_int_equal(s.level[3 * 512], 0);
	slots_free(&s);
	/* An image whose splits are not known. */
	f->unreadable = f->base + fake_table_of(f, IMAGE, 3);
	assert_int_equal(dmap_make(&k->out, fake_read, f, k->in.pgd, &d), 0);
	assert_in_range(d.unread_gib, 1, 2);
	dmap_free(&d);
	destroy(k);
}

TEST(what_a_watch_could_not_read_is_told)
{
	const struct watch_total some = { .unread = 3 }, none = { 0 };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct watch_sink as_text = view_watch_sink(FORMAT_TEXT, f);
	struct watch_sink as_json = view_watch_sink(FORMAT_JSON, f);

	as_text.end(as_text.ctx, &none);
	fflush(f);
	assert_null(strstr(text, "could not be read"));
	as_text.end(as_text.ctx, &some);
	as_json.end(as_json.ctx, &some);
	fclose(f);
	assert_non_null(strstr(text, "\n3 times a GiB could not be read"));
	assert_non_null(strstr(text, "\"unread_gib\":3"));
	free(text);
}

static struct kvas_dmap_event dmap_event(__u64 address, __u64 pages, __s64 d4k, __s64 d2m,
					 __s64 d1g)
{
	return (struct kvas_dmap_event){ .address = address, .pages = pages, .delta_4k = d4k,
					 .delta_2m = d2m, .delta_1g = d1g };
}

#define AT 0xffff888140000000ULL

TEST(changes_are_put_down_to_calls)
{
	struct kvas_dmap_event e[] = {
		dmap_event(AT + 0x601000, 1, 512, 511, -1), /* splits a 1G and of it a 2M */
		dmap_event(0xffffffffc0123000, 4, 512, -1, 0), /* an address of modules */
		dmap_event(AT + 0x40000000, 1, -512, 1, 0), /* collapses */
	};
	struct slot_change c[] = { { AT, 3, 2, GIB },
				   { AT + 0x600000, 2, 1, 0x200000 },
				   { AT + 0x40000000, 1, 2, 0x200000 },
				   { AT + 0x80000000, 2, 1, 0x200000 } };
	const struct split_rest none = { 0 };
	struct split_rest rest[3];
	int who[4];

	splits_match(e, 3, c, 4, who, rest, none);
	assert_int_equal(who[0], 0);
	assert_int_equal(who[1], 0);
	assert_int_equal(who[2], 2);
	assert_int_equal(who[3], 1); /* the one call that did one, for the one left */
	for (int i = 0; i < 3; i++)
		assert_int_equal(rest[i].large + rest[i].small, 0);
	/* Two are left and the call did one: not known which. */
	c[2] = (struct slot_change){ AT + 0xa0000000, 2, 1, 0x200000 };
	splits_match(e, 2, c, 4, who, rest, none);
	assert_int_equal(who[2], -1);
	assert_int_equal(who[3], -1);
	assert_int_equal(rest[1].small, 1);
	splits_by_nobody(e, 2, rest, &c[2]);
	assert_int_equal(rest[1].small, 0); /* it is one of the two */
	/* Nor when another was at it at the same time. */
	e[1].shared = 1;
	splits_match(e, 2, c, 3, who, rest, none);
	assert_int_equal(who[2], -1);
	assert_int_equal(rest[1].small, 1);
	/* A call whose counts did not move did nothing, wherever it was. */
	e[0] = dmap_event(AT, 0x80000, 0, 0, 0);
	splits_match(e, 1, c, 3, who, rest, none);
	for (int i = 0; i < 3; i++)
		assert_int_equal(who[i], -1);
}

/* Two calls at once of which one split a page: both saw the counters move. */
TEST(a_change_seen_by_two_calls_is_one)
{
	const struct slot_change c = { AT + 0x600000, 2, 1, 0x200000 };
	struct kvas_dmap_event e[] = {
		dmap_event(AT + 0x40000000, 1, 512, -1, 0), /* it ended first, and split nothing */
		dmap_event(AT + 0x601000, 1, 512, -1, 0),
	};
	struct split_told told = { 0 };
	struct split_rest rest[2], again;
	int who;

	for (int i = 0; i < 2; i++) {
		e[i].shared = 1;
		e[i].end_4k = 1024;
	}
	again = splits_again(&told, &e[0]);
	assert_int_equal(again.small, 0);
	again = splits_again(&told, &e[1]);
	assert_int_equal(again.small, 1);
	splits_match(e, 2, &c, 1, &who, rest, again);
	assert_int_equal(who, 1);
	assert_int_equal(rest[0].small + rest[1].small, 0);
	/* A third call saw that one and another, which is told for the first time. */
	e[0].end_4k = 1536;
	e[0].delta_4k = 1024;
	again = splits_again(&told, &e[0]);
	assert_int_equal(again.small, 1);
	/* Alone, a call says what it did. */
	e[0].shared = 0;
	again = splits_again(&told, &e[0]);
	assert_int_equal(again.small, 0);
}

TEST(a_collapse_seen_by_two_calls_is_one)
{
	struct kvas_dmap_event e = dmap_event(AT, 1, -1024, 2, 0);
	struct split_told told = { true, 2048, 0 };

	e.shared = 1;
	e.end_4k = 1024;
	assert_int_equal(splits_again(&told, &e).small, 0);
	e.end_4k = 512;
	assert_int_equal(splits_again(&told, &e).small, 1);
	assert_int_equal(told.pages_4k, 512);
}

TESTS_RUN(NULL, NULL)
