// SPDX-License-Identifier: GPL-2.0
#include "pgtable/scan.h"

#include <string.h>

void scan_init(struct scan *s, kread_fn read, void *ctx, __u64 pgd_va, const struct paging *p,
	       __u64 page_offset)
{
	memset(s, 0, sizeof(*s));
	s->read = read;
	s->ctx = ctx;
	s->pgd_va = pgd_va;
	s->paging = p;
	s->page_offset = page_offset;
	s->budget = SCAN_BUDGET;
}

static bool spend(struct scan *s, __u64 entries)
{
	if (s->budget < entries) {
		s->budget = 0;
		return false;
	}
	s->budget -= entries;
	return true;
}

#define TRIES 8

enum got { GOT_BAD = -1, GOT_HOLE = 0, GOT_LEAF = 1, GOT_CHANGED = 2 };

/* Read the table at VA, LEVEL, which entry INDEX of the table above leads to (none
 * above the top). */
static enum got read_table(struct scan *s, __u64 va, int level, unsigned int index)
{
	struct scan_table *t = &s->table[level - 1], *up = level < s->paging->levels ? t + 1 : NULL;
	const struct paging *p = s->paging;
	__u64 now;

	t->va = 0;
	if (!spend(s, paging_level(p, level)->entries) ||
	    paging_read_table(p, s->read, s->ctx, va, level, t->entry))
		return GOT_BAD;
	s->tables_read++;
	if (up) {
		if (paging_read_entry(p, s->read, s->ctx, up->va, index, &now))
			return GOT_BAD;
		if (!walk_entry_same(now, up->entry[index])) {
			up->entry[index] = now;
			s->changed++;
			return GOT_CHANGED;
		}
	}
	t->va = va;
	return GOT_LEAF;
}

/* What the entries on the way allow together. */
static void restrict_rights(const struct paging *p, int level, struct scan_leaf *leaf, __u64 entry)
{
	leaf->rights &= entry | ~paging_level(p, level)->rights;
	leaf->nx |= !!(entry & p->nx);
}

/* Descend to VA. GOT_LEAF: OUT maps it; GOT_HOLE: *NEXT is where it ends, and of
 * GOT_BAD, where what could not be read ends. */
static enum got descend(struct scan *s, __u64 va, __u64 *next, struct scan_leaf *out)
{
	const struct paging *p = s->paging;
	__u64 table_va = s->pgd_va;
	unsigned int index = 0;

	*next = 0;
	*out = (struct scan_leaf){ .rights = X86_PTE_RW | X86_PTE_US };
	for (int level = p->levels; level >= 1; level--) {
		__u64 bytes = paging_bytes(p, level);
		const struct scan_table *t = &s->table[level - 1];
		enum got got = t->va == table_va ? GOT_LEAF : read_table(s, table_va, level, index);
		__u64 entry;

		if (got != GOT_LEAF)
			return got;
		if (!spend(s, 1))
			return GOT_BAD;
		*next = (va | (bytes - 1)) + 1;
		index = paging_index(p, level, va);
		entry = t->entry[index];
		restrict_rights(p, level, out, entry);
		switch (walk_entry(p, entry, level)) {
		case WALK_HOLE:
			return GOT_HOLE;
		case WALK_LEAF:
			out->va = va & ~(bytes - 1);
			out->pa = walk_entry_pa(p, entry, level);
			out->bytes = bytes;
			out->entry = entry;
			out->level = level;
			return GOT_LEAF;
		case WALK_BAD:
			return GOT_BAD;
		case WALK_TABLE:
			table_va = s->page_offset + walk_entry_pa(p, entry, level);
			if (table_va < s->page_offset)
				return GOT_BAD;
		}
	}
	return GOT_BAD; /* not reached: an entry of level 1 is a hole or a leaf */
}

int scan_next(struct scan *s, __u64 va, __u64 end, struct scan_leaf *out)
{
	unsigned int tries = 0;
	__u64 next = 0;

	while (va < end) {
		enum got got = descend(s, va, &next, out);

		if (got == GOT_CHANGED && ++tries < TRIES)
			continue;
		if (got == GOT_LEAF)
			return 1;
		if (got != GOT_HOLE) {
			s->bad_start = va;
			s->bad_end = s->budget ? next : 0;
			return -1;
		}
		tries = 0;
		if (next < va) /* the hole reaches the end of the address space */
			return 0;
		va = next;
	}
	return 0;
}

int scan_top(struct scan *s, unsigned int index)
{
	const struct scan_table *t = &s->table[s->paging->levels - 1];
	unsigned int entries = paging_top(s->paging);

	if (t->va != s->pgd_va && read_table(s, s->pgd_va, s->paging->levels, 0) != GOT_LEAF)
		return -1;
	while (index < entries && !(t->entry[index] & X86_PTE_P))
		index++;
	return index;
}
