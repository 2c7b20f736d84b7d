// SPDX-License-Identifier: GPL-2.0
#include "pgtable/tables.h"

#include <string.h>

#define TRIES 8

__u64 table_entry_va(unsigned int index, int levels)
{
	int shift = X86_LEVEL_SHIFT(levels), unused = 64 - shift - 9;

	return (__u64)((__s64)((__u64)index << shift << unused) >> unused);
}

void table_compare(const __u64 a[X86_PTRS_PER_TABLE], const __u64 b[X86_PTRS_PER_TABLE],
		   struct half_compare *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned int i = TABLE_KERNEL_FIRST; i < X86_PTRS_PER_TABLE; i++) {
		if (i == TABLE_LDT_INDEX) {
			out->ldt = a[i] & X86_PTE_P;
			continue;
		}
		if (!((a[i] | b[i]) & X86_PTE_P))
			continue;
		out->present += a[i] & X86_PTE_P ? 1 : 0;
		if (walk_entry_same(a[i], b[i]))
			out->same++;
		else if (!out->differ++)
			out->first = i;
	}
}

static __u32 regions_in(const struct layout *l, unsigned int index)
{
	__u64 first = table_entry_va(index, l->levels);
	__u64 last = first + ((1ULL << X86_LEVEL_SHIFT(l->levels)) - 1), start, end;
	__u32 regions = 0;

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (region_bounds(l, r, &start, &end) && start <= last && end - 1 >= first)
			regions |= 1u << r;
	return regions;
}

static enum table_share share_of(__u64 entry, __u64 reference, unsigned int index)
{
	bool kernel = index >= TABLE_KERNEL_FIRST && index != TABLE_LDT_INDEX;

	if (kernel && !walk_entry_same(entry, reference))
		return SHARE_DIFFERS;
	if (!(entry & X86_PTE_P))
		return SHARE_NONE;
	return kernel ? SHARE_KERNEL : SHARE_OWN;
}

size_t table_groups(const __u64 pgd[X86_PTRS_PER_TABLE],
		    const __u64 reference[X86_PTRS_PER_TABLE], const struct layout *l,
		    struct table_group out[X86_PTRS_PER_TABLE])
{
	size_t nr = 0;

	for (unsigned int i = 0; i < X86_PTRS_PER_TABLE; i++) {
		struct table_group g = { i, i, pgd[i] & X86_PTE_P ? 1 : 0, regions_in(l, i),
					 share_of(pgd[i], reference[i], i) };
		struct table_group *last = nr ? &out[nr - 1] : NULL;

		if (last && last->regions == g.regions && last->share == g.share &&
		    i != TABLE_KERNEL_FIRST) {
			last->last = i;
			last->present += g.present;
		} else {
			out[nr++] = g;
		}
	}
	return nr;
}

struct table {
	__u64 va;
	__u64 entry[X86_PTRS_PER_TABLE];
};

/* Read to T the table of LEVEL that ENTRY, itself at ENTRY_VA, leads to. False when by
 * now it leads to none (there is nothing to count), or cannot be told (unsure). */
static bool read_below(struct table_walk *w, __u64 entry_va, __u64 entry, int level,
		       struct table *t, struct table_count *out)
{
	for (int i = 0; i < TRIES && w->budget; i++) {
		bool failed;
		__u64 now;

		if (walk_entry(entry, level + 1) != WALK_TABLE)
			return false;
		t->va = w->page_offset + walk_entry_pa(entry, level + 1);
		if (t->va < w->page_offset)
			break;
		w->budget--;
		failed = w->read(w->read_ctx, t->va, t->entry, sizeof(t->entry));
		if (w->read(w->read_ctx, entry_va, &now, sizeof(now)))
			break;
		if (walk_entry_same(now, entry)) {
			if (failed)
				break;
			return true;
		}
		entry = now;
	}
	out->unsure++;
	return false;
}

/* Count the table of LEVEL that ENTRY leads to, and those below it. */
static void count_below(struct table_walk *w, __u64 entry_va, __u64 entry, int level,
			struct table_count *out)
{
	struct table t;

	if (level == 1)
		t.va = w->page_offset + walk_entry_pa(entry, 2);
	else if (!read_below(w, entry_va, entry, level, &t, out))
		return;
	out->tables[level - 1]++;
	if (w->each)
		w->each(w->each_ctx, level, t.va - w->page_offset);
	for (unsigned int i = 0; level > 1 && i < X86_PTRS_PER_TABLE; i++)
		switch (walk_entry(t.entry[i], level)) {
		case WALK_TABLE:
			count_below(w, t.va + i * sizeof(entry), t.entry[i], level - 1, out);
			break;
		case WALK_BAD:
			out->unsure++;
			break;
		case WALK_HOLE:
		case WALK_LEAF:
			break;
		}
}

void table_count(struct table_walk *w, const __u64 pgd[X86_PTRS_PER_TABLE], __u64 pgd_va,
		 unsigned int first, unsigned int last, struct table_count *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned int i = first; i < last; i++) {
		enum walk_entry what = walk_entry(pgd[i], w->levels);

		if (what == WALK_TABLE)
			count_below(w, pgd_va + i * sizeof(pgd[i]), pgd[i], w->levels - 1, out);
		else if (what != WALK_HOLE)
			out->unsure++;
	}
}
