// SPDX-License-Identifier: GPL-2.0
#include "pgtable/tables.h"

#include <string.h>

#define TRIES 8

void table_compare(const struct paging *p, const __u64 a[PAGING_ENTRIES],
		   const __u64 b[PAGING_ENTRIES], struct half_compare *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned int i = p->kernel_first; i < paging_top(p); i++) {
		if ((int)i == p->own_entry) {
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
	const struct paging *p = paging_of(l->levels);
	__u64 first = paging_top_va(p, index);
	__u64 last = first + (paging_bytes(p, p->levels) - 1), start, end;
	__u32 regions = 0;

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (region_bounds(l, r, &start, &end) && start <= last && end - 1 >= first)
			regions |= 1u << r;
	return regions;
}

static enum table_share share_of(const struct paging *p, __u64 entry, __u64 reference,
				 unsigned int index)
{
	bool kernel = index >= p->kernel_first && (int)index != p->own_entry;

	if (kernel && !walk_entry_same(entry, reference))
		return SHARE_DIFFERS;
	if (!(entry & X86_PTE_P))
		return SHARE_NONE;
	return kernel ? SHARE_KERNEL : SHARE_OWN;
}

size_t table_groups(const __u64 pgd[PAGING_ENTRIES],
		    const __u64 reference[PAGING_ENTRIES], const struct layout *l,
		    struct table_group out[PAGING_ENTRIES])
{
	const struct paging *p = paging_of(l->levels);
	size_t nr = 0;

	for (unsigned int i = 0; i < paging_top(p); i++) {
		struct table_group g = { i, i, pgd[i] & X86_PTE_P ? 1 : 0, regions_in(l, i),
					 share_of(p, pgd[i], reference[i], i) };
		struct table_group *last = nr ? &out[nr - 1] : NULL;

		if (last && last->regions == g.regions && last->share == g.share &&
		    i != p->kernel_first) {
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
	__u64 entry[PAGING_ENTRIES];
};

/* Read to T the table of LEVEL that ENTRY, itself at ENTRY_VA, leads to. False when by
 * now it leads to none (there is nothing to count), or cannot be told (unsure). */
static bool read_below(struct table_walk *w, __u64 entry_va, __u64 entry, int level,
		       struct table *t, struct table_count *out)
{
	const struct paging *p = w->paging;

	for (int i = 0; i < TRIES && w->budget; i++) {
		bool failed;
		__u64 now;

		if (walk_entry(p, entry, level + 1) != WALK_TABLE)
			return false;
		t->va = w->page_offset + walk_entry_pa(p, entry, level + 1);
		if (t->va < w->page_offset)
			break;
		w->budget--;
		failed = paging_read_table(p, w->read, w->read_ctx, t->va, level, t->entry);
		if (paging_read_entry(p, w->read, w->read_ctx, entry_va, 0, &now))
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

/* ENTRY of LEVEL leads to no table: what does it stand for? */
static void count_memory(const struct paging *p, __u64 entry, int level, struct memory_count *m)
{
	enum entry_absent what = entry_absent(p, entry, level).what;

	if (walk_entry(p, entry, level) == WALK_LEAF)
		m->mapped += paging_bytes(p, level);
	else if (what != ABSENT_EMPTY)
		m->absent[what] += paging_bytes(p, level);
}

/* Count the table of LEVEL that ENTRY leads to, and those below it. */
static void count_below(struct table_walk *w, __u64 entry_va, __u64 entry, int level,
			struct table_count *out)
{
	const struct paging *p = w->paging;
	bool read = level > 1 || w->memory;
	struct table t;

	if (!read)
		t.va = w->page_offset + walk_entry_pa(p, entry, 2);
	else if (!read_below(w, entry_va, entry, level, &t, out))
		return;
	out->tables[level - 1]++;
	if (w->each)
		w->each(w->each_ctx, level, t.va - w->page_offset);
	for (unsigned int i = 0; read && i < paging_level(p, level)->entries; i++)
		switch (walk_entry(p, t.entry[i], level)) {
		case WALK_TABLE:
			count_below(w, t.va + i * p->entry_bytes, t.entry[i], level - 1, out);
			break;
		case WALK_BAD:
			out->unsure++;
			break;
		case WALK_HOLE:
		case WALK_LEAF:
			if (w->memory)
				count_memory(p, t.entry[i], level, w->memory);
			break;
		}
}

void table_count(struct table_walk *w, const __u64 pgd[PAGING_ENTRIES], __u64 pgd_va,
		 unsigned int first, unsigned int last, struct table_count *out)
{
	const struct paging *p = w->paging;

	memset(out, 0, sizeof(*out));
	for (unsigned int i = first; i < last; i++) {
		enum walk_entry what = walk_entry(p, pgd[i], p->levels);

		if (what == WALK_TABLE)
			count_below(w, pgd_va + i * p->entry_bytes, pgd[i], p->levels - 1, out);
		else if (what != WALK_HOLE)
			out->unsure++;
	}
}
