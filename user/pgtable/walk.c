// SPDX-License-Identifier: GPL-2.0
#include "pgtable/walk.h"

#include <string.h>

#include "kvas/x86.h"

enum walk_entry walk_entry(__u64 entry, int level)
{
	__u64 below;

	if (!(entry & X86_PTE_P))
		return WALK_HOLE;
	if (level == 1)
		return WALK_LEAF;
	if (!(entry & X86_PTE_PS))
		return WALK_TABLE;
	if (level > 3)
		return WALK_BAD;
	/* A large leaf's address bits below its size are reserved, but for PAT. */
	below = X86_PTE_PA_MASK & ((1ULL << X86_LEVEL_SHIFT(level)) - 1) & ~X86_PTE_PAT_LARGE;
	return entry & below ? WALK_BAD : WALK_LEAF;
}

__u64 walk_entry_pa(__u64 entry, int level)
{
	__u64 pa = entry & X86_PTE_PA_MASK;

	if (level > 1 && (entry & X86_PTE_PS))
		pa &= ~((1ULL << X86_LEVEL_SHIFT(level)) - 1);
	return pa;
}

bool walk_entry_same(__u64 a, __u64 b)
{
	return !((a ^ b) & ~(X86_PTE_A | X86_PTE_D));
}

/* Bits above the highest translated one must equal it. */
bool walk_canonical(__u64 va, int levels)
{
	int shift = 63 - X86_LEVEL_SHIFT(levels) - 8;
	__s64 top = (__s64)(va << shift) >> shift;

	return (__u64)top == va;
}

int walk_va(kread_fn read, void *ctx, __u64 pgd_va, int levels, __u64 page_offset, __u64 va,
	    struct walk *out)
{
	__u64 table = pgd_va;

	memset(out, 0, sizeof(*out));
	if ((levels != 4 && levels != 5) || !walk_canonical(va, levels))
		return -1;
	for (int level = levels; level >= 1; level--) {
		struct walk_step *s = &out->step[out->nr_steps];
		__u64 bytes = 1ULL << X86_LEVEL_SHIFT(level);

		s->level = level;
		s->table_va = table;
		s->index = va >> X86_LEVEL_SHIFT(level) & (X86_PTRS_PER_TABLE - 1);
		if (read(ctx, table + s->index * sizeof(s->entry), &s->entry, sizeof(s->entry)))
			return -1;
		out->nr_steps++;
		switch (walk_entry(s->entry, level)) {
		case WALK_HOLE:
			return 0;
		case WALK_LEAF:
			out->leaf_level = level;
			out->leaf_bytes = bytes;
			out->pa = walk_entry_pa(s->entry, level) + (va & (bytes - 1));
			return 0;
		case WALK_BAD:
			return -1;
		case WALK_TABLE:
			table = page_offset + walk_entry_pa(s->entry, level);
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

enum walk_outcome walk_steady(kread_fn read, void *ctx, __u64 pgd_va, int levels,
			      __u64 page_offset, __u64 va, struct walk *out)
{
	struct walk before;
	int failed = walk_va(read, ctx, pgd_va, levels, page_offset, va, out);

	for (int i = 0; i < STEADY_TRIES; i++) {
		before = *out;
		failed = walk_va(read, ctx, pgd_va, levels, page_offset, va, out);
		if (same(&before, out))
			return failed ? WALK_UNREADABLE : WALK_DONE;
	}
	return WALK_CHANGING;
}
