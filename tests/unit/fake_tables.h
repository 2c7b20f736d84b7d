/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel's memory, made up: physical pages kept sparsely, page tables built in
 * them, and a reader that reaches them through the direct map's true base alone,
 * never through those tables.
 */
#ifndef FAKE_TABLES_H
#define FAKE_TABLES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_PAGES 4096 /* at most, power of two */

struct fake {
	__u64 base; /* PAGE_OFFSET */
	__u64 ram; /* bytes */
	int levels;
	__u64 pgd; /* physical */
	__u64 next_table; /* physical, of the next table made */
	struct {
		__u64 pfn; /* 0 free: frame 0 is not used */
		__u64 *words;
	} page[FAKE_PAGES];
	__u64 junk; /* what never written memory holds: 0, or a seed for anything */
	__u64 unreadable; /* virtual address of a page that cannot be read; 0 none */
	unsigned int reads;
	__u64 lowest, highest; /* addresses asked for: [lowest, highest) */
};

static inline __u64 *fake_page(struct fake *f, __u64 pa, bool make)
{
	__u64 pfn = pa >> 12;
	size_t i = pfn * 0x9e3779b97f4a7c15ULL >> 52;

	while (f->page[i].pfn && f->page[i].pfn != pfn)
		i = (i + 1) % FAKE_PAGES;
	if (!f->page[i].pfn && make) {
		f->page[i].pfn = pfn;
		f->page[i].words = calloc(512, 8);
	}
	return f->page[i].pfn ? f->page[i].words : NULL;
}

static inline void fake_put(struct fake *f, __u64 table_pa, unsigned int index, __u64 entry)
{
	fake_page(f, table_pa, true)[index] = entry;
}

static inline __u64 fake_table(struct fake *f)
{
	__u64 pa = f->next_table;

	f->next_table += 4096;
	fake_page(f, pa, true);
	return pa;
}

/* The table at LEVEL (1 to levels) on the way to VA; made where missing. */
static inline __u64 fake_table_of(struct fake *f, __u64 va, int level)
{
	__u64 table = f->pgd;

	for (int l = f->levels; l > level; l--) {
		__u64 *entry = &fake_page(f, table, true)[va >> (3 + 9 * l) & 511];

		if (!*entry)
			*entry = fake_table(f) | 0x63; /* P RW A D, as the kernel's are */
		table = *entry & 0x000ffffffffff000;
	}
	return table;
}

/* Map VA to PA with one leaf at LEVEL (1 4K, 2 2M, 3 1G). */
static inline void fake_map(struct fake *f, __u64 va, __u64 pa, int level)
{
	__u64 table = fake_table_of(f, va, level);

	fake_put(f, table, va >> (3 + 9 * level) & 511,
		 0x8000000000000163 | pa | (level > 1 ? 0x80 : 0));
}

static inline __u64 fake_word(struct fake *f, __u64 pa)
{
	__u64 *words = fake_page(f, pa, false);
	__u64 x = f->junk ? (pa ^ f->junk) * 0x9e3779b97f4a7c15ULL : 0;

	return words ? words[pa / 8 % 512] : x ^ x >> 29;
}

/* A kread_fn. Whole words, as the code under test reads. */
static inline int fake_read(void *ctx, __u64 va, void *buf, size_t len)
{
	struct fake *f = ctx;

	f->reads++;
	if (va < f->lowest)
		f->lowest = va;
	if (va + len > f->highest)
		f->highest = va + len;
	if (va < f->base || va - f->base >= f->ram || (f->unreadable && (va ^ f->unreadable) < 4096))
		return -1;
	for (size_t i = 0; i < len; i += 8) {
		__u64 word = fake_word(f, va - f->base + i);

		memcpy((char *)buf + i, &word, 8);
	}
	return 0;
}

static inline struct fake *fake_create(__u64 base, __u64 ram, int levels, __u64 pgd)
{
	struct fake *f = calloc(1, sizeof(*f));

	f->base = base;
	f->ram = ram;
	f->levels = levels;
	f->pgd = pgd;
	f->next_table = pgd + 4096;
	f->lowest = ~0ULL;
	fake_page(f, pgd, true);
	return f;
}

static inline void fake_destroy(struct fake *f)
{
	for (int i = 0; i < FAKE_PAGES; i++)
		free(f->page[i].words);
	free(f);
}

#endif
