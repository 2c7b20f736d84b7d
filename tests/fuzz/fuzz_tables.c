/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables in any memory: pages are the fuzzer's words, mixed with their address, so that each
 * differs; most entries are made to lead to one of few pages, as those of a kernel do.
 */
#include "fuzz.h"

#include "pgtable/dmap.h"
#include "pgtable/scan.h"
#include "pgtable/survey.h"
#include "pgtable/tables.h"
#include "pgtable/walk.h"

struct memory {
	const __u8 *data;
	size_t size;
	__u64 base, reads;
	bool sparse; /* few entries are present: whole tables are looked through in a moment */
};

#define RAM (1ULL << 30)
#define READS 200 /* of one look at the tables; then they are unreadable */

static __u64 word_at(const struct memory *m, __u64 va)
{
	__u64 mixed = (va ^ va >> 29) * 0x9e3779b97f4a7c15ULL, w = 0;

	memcpy(&w, m->data + mixed % (m->size - 7), 8);
	if (w % 4)
		w = (w & 0x8000000000000fffULL) | (w & RAM / 16 - 4096);
	return m->sparse && mixed >> 57 ? w & ~1ULL : w;
}

static int read_memory(void *ctx, __u64 va, void *buf, size_t len)
{
	struct memory *m = ctx;

	assert(len && len <= 4096);
	assert(!(va % 8) && !(len % 8));
	if (va < m->base || va - m->base >= RAM || ++m->reads > READS)
		return -1;
	for (size_t i = 0; i < len; i += 8) {
		__u64 w = word_at(m, va + i);

		memcpy((__u8 *)buf + i, &w, 8);
	}
	return 0;
}

static void walks(struct memory *m, const struct paging *p, __u64 pgd_va)
{
	struct walk w;

	for (int i = 0; i < 16; i++) {
		__u64 va = word_at(m, i * 8) | (i % 2 ? 0xffff800000000000ULL : 0);

		m->reads = 0;
		if (!walk_va(read_memory, m, pgd_va, p, m->base, va, &w))
			assert(w.nr_steps <= p->levels && w.leaf_level <= 3);
		walk_steady(read_memory, m, pgd_va, p, m->base, va, &w);
	}
}

static void scans(struct memory *m, const struct paging *p, __u64 pgd_va)
{
	__u64 va = paging_top_va(p, p->kernel_first), last = 0;
	struct scan_leaf leaf;
	static struct scan s;

	m->reads = 0;
	scan_init(&s, read_memory, m, pgd_va, p, m->base);
	for (int i = 0; i < 200 && scan_next(&s, va, p->last, &leaf) > 0; i++) {
		assert(leaf.va >= last && leaf.bytes && leaf.level >= 1 && leaf.level <= 3);
		last = leaf.va;
		if (leaf.va + leaf.bytes < leaf.va)
			break;
		va = leaf.va + leaf.bytes > va ? leaf.va + leaf.bytes : va;
	}
}

static void wholes(struct memory *m, const struct paging *p, const struct layout *l, __u64 pgd_va)
{
	static struct table_group groups[PAGING_ENTRIES];
	static __u64 pgd[PAGING_ENTRIES];
	struct table_walk w = { .read = read_memory, .read_ctx = m, .page_offset = m->base,
				.paging = p, .budget = 256 };
	static struct survey survey;
	struct table_count count;
	struct user_table user;
	struct dmap d;

	m->reads = 0;
	if (!paging_read_table(p, read_memory, m, pgd_va, p->levels, pgd)) {
		table_count(&w, pgd, pgd_va, 0, paging_top(p), &count);
		assert(table_groups(pgd, pgd, l, groups) <= PAGING_ENTRIES);
	}
	m->reads = 0;
	m->sparse = true;
	survey_kernel(l, read_memory, m, pgd_va, NULL, NULL, &survey);
	survey_user_table(&survey, &user);
	m->reads = 0;
	if (!dmap_make(l, read_memory, m, pgd_va, &d))
		dmap_free(&d);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct layout l = { 0 };
	struct memory m;
	__u64 pgd_va;

	if (size < 16)
		return 0;
	l.levels = data[0] % 2 ? 5 : 4;
	l.page_offset = l.levels == 5 ? 0xff11000000000000ULL : 0xffff888000000000ULL;
	l.direct_map_end = l.page_offset + RAM;
	l.vmalloc_base = l.levels == 5 ? 0xffa0000000000000ULL : 0xffffc90000000000ULL;
	l.vmemmap_base = l.levels == 5 ? 0xffd4000000000000ULL : 0xffffea0000000000ULL;
	m = (struct memory){ .data = data + 1, .size = size - 1, .base = l.page_offset };
	pgd_va = l.page_offset + data[1] * 4096ULL;
	walks(&m, paging_of(l.levels), pgd_va);
	scans(&m, paging_of(l.levels), pgd_va);
	wholes(&m, paging_of(l.levels), &l, pgd_va);
	return 0;
}
