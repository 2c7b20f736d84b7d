// SPDX-License-Identifier: GPL-2.0
#include "pgtable/scan.h"

#include <stdbool.h>
#include <string.h>

void scan_init(struct scan *s, kread_fn read, void *ctx, __u64 pgd_va, int levels,
	       __u64 page_offset)
{
	memset(s, 0, sizeof(*s));
	s->read = read;
	s->ctx = ctx;
	s->pgd_va = pgd_va;
	s->levels = levels;
	s->page_offset = page_offset;
	s->budget = SCAN_BUDGET;
}

static bool spend(struct scan *s, __u64 entries)
{
	if (s->budget < entries)
		return false;
	s->budget -= entries;
	return true;
}

/* The table at VA, LEVEL; NULL when it cannot be had. */
static const struct scan_table *table(struct scan *s, __u64 va, int level)
{
	struct scan_table *t = &s->table[level - 1];

	if (t->va == va)
		return t;
	t->va = 0;
	if (!spend(s, X86_PTRS_PER_TABLE) || s->read(s->ctx, va, t->entry, sizeof(t->entry)))
		return NULL;
	t->va = va;
	return t;
}

/* Descend to VA. 1: OUT maps it; 0: a hole, *NEXT is where it ends; -1. */
static int descend(struct scan *s, __u64 va, __u64 *next, struct scan_leaf *out)
{
	__u64 table_va = s->pgd_va;

	for (int level = s->levels; level >= 1; level--) {
		const struct scan_table *t = table(s, table_va, level);
		__u64 bytes = 1ULL << X86_LEVEL_SHIFT(level);
		__u64 entry;

		if (!t || !spend(s, 1))
			return -1;
		entry = t->entry[va >> X86_LEVEL_SHIFT(level) & (X86_PTRS_PER_TABLE - 1)];
		switch (walk_entry(entry, level)) {
		case WALK_HOLE:
			*next = (va | (bytes - 1)) + 1;
			return 0;
		case WALK_LEAF:
			out->va = va & ~(bytes - 1);
			out->pa = walk_entry_pa(entry, level);
			out->bytes = bytes;
			return 1;
		case WALK_BAD:
			return -1;
		case WALK_TABLE:
			table_va = s->page_offset + walk_entry_pa(entry, level);
			if (table_va < s->page_offset)
				return -1;
		}
	}
	return -1; /* not reached: an entry of level 1 is a hole or a leaf */
}

int scan_next(struct scan *s, __u64 va, __u64 end, struct scan_leaf *out)
{
	__u64 next;
	int got;

	while (va < end) {
		got = descend(s, va, &next, out);
		if (got)
			return got;
		if (next < va) /* the hole reaches the end of the address space */
			return 0;
		va = next;
	}
	return 0;
}

int scan_top(struct scan *s, unsigned int index)
{
	const struct scan_table *t = table(s, s->pgd_va, s->levels);

	if (!t)
		return -1;
	while (index < X86_PTRS_PER_TABLE && !(t->entry[index] & X86_PTE_P))
		index++;
	return index;
}
