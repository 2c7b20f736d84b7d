// SPDX-License-Identifier: GPL-2.0
#include "pgtable/walk.h"

#include <string.h>

#include "kvas/x86.h"

enum walk_entry walk_entry(const struct paging *p, __u64 entry, int level)
{
	const struct paging_level *l = paging_level(p, level);

	if (!(entry & X86_PTE_P))
		return WALK_HOLE;
	if (level == 1)
		return WALK_LEAF;
	if (!(entry & X86_PTE_PS))
		return WALK_TABLE;
	return l->leaf && !(entry & l->reserved) ? WALK_LEAF : WALK_BAD;
}

__u64 walk_entry_pa(const struct paging *p, __u64 entry, int level)
{
	const struct paging_level *l = paging_level(p, level);

	if (level > 1 && !(entry & X86_PTE_PS))
		return entry & p->table_pa;
	return (entry & l->leaf_pa) | (entry & l->leaf_pa_high) << l->high_shift;
}

bool walk_entry_same(__u64 a, __u64 b)
{
	return !((a ^ b) & ~(X86_PTE_A | X86_PTE_D));
}

bool walk_canonical(const struct paging *p, __u64 va)
{
	int unused = 64 - p->va_bits;

	if (!p->sign_extended)
		return va <= p->last;
	return (__u64)((__s64)(va << unused) >> unused) == va;
}

int walk_va(kread_fn read, void *ctx, __u64 pgd_va, const struct paging *p, __u64 page_offset,
	    __u64 va, struct walk *out)
{
	__u64 table = pgd_va;

	memset(out, 0, sizeof(*out));
	if (!p || !walk_canonical(p, va))
		return -1;
	for (int level = p->levels; level >= 1; level--) {
		struct walk_step *s = &out->step[out->nr_steps];
		__u64 bytes = paging_bytes(p, level);

		s->level = level;
		s->table_va = table;
		s->index = paging_index(p, level, va);
		if (paging_read_entry(p, read, ctx, table, s->index, &s->entry))
			return -1;
		out->nr_steps++;
		switch (walk_entry(p, s->entry, level)) {
		case WALK_HOLE:
			return 0;
		case WALK_LEAF:
			out->leaf_level = level;
			out->leaf_bytes = bytes;
			out->pa = walk_entry_pa(p, s->entry, level) + (va & (bytes - 1));
			return 0;
		case WALK_BAD:
			return -1;
		case WALK_TABLE:
			table = page_offset + walk_entry_pa(p, s->entry, level);
			if (table < page_offset)
				return -1;
		}
	}
	return -1; /* not reached: an entry of level 1 is a hole or a leaf */
}

#define STEADY_TRIES 8

static bool same(const struct walk *a, const struct walk *b)
{
	if (a->nr_steps != b->nr_steps)
		return false;
	for (int i = 0; i < a->nr_steps; i++)
		if (!walk_entry_same(a->step[i].entry, b->step[i].entry) ||
		    a->step[i].table_va != b->step[i].table_va)
			return false;
	return true;
}

enum walk_outcome walk_steady(kread_fn read, void *ctx, __u64 pgd_va,
			      const struct paging *p, __u64 page_offset, __u64 va, struct walk *out)
{
	struct walk before;
	int failed = walk_va(read, ctx, pgd_va, p, page_offset, va, out);

	for (int i = 0; i < STEADY_TRIES; i++) {
		before = *out;
		failed = walk_va(read, ctx, pgd_va, p, page_offset, va, out);
		if (same(&before, out))
			return failed ? WALK_UNREADABLE : WALK_DONE;
	}
	return WALK_CHANGING;
}
