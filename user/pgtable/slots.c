// SPDX-License-Identifier: GPL-2.0
#include "pgtable/slots.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 8

struct looker {
	const struct layout *l;
	const struct paging *paging;
	kread_fn read;
	void *ctx;
	__u64 pgd_va;
};

static const struct walk_step *step_at(const struct walk *w, int level)
{
	for (int i = 0; i < w->nr_steps; i++)
		if (w->step[i].level == level)
			return &w->step[i];
	return NULL;
}

/* The table of level 2 for VA into PMD: 1; 3: one page maps all of it; 0: nothing does; -1. */
static int read_slots(const struct looker *k, __u64 va, __u64 pmd[PAGING_ENTRIES])
{
	const struct paging *p = k->paging;
	const struct walk_step *up, *table;
	struct walk w;
	__u64 now;

	for (int i = 0; i < TRIES; i++) {
		int failed = walk_va(k->read, k->ctx, k->pgd_va, p, k->l->page_offset, va, &w);

		up = step_at(&w, 3);
		table = step_at(&w, 2);
		/* A walk that failed below the PMD table, or at an entry of it, has found that. */
		if (!table)
			return failed ? -1 : w.leaf_level;
		if (paging_read_table(p, k->read, k->ctx, table->table_va, 2, pmd))
			return -1;
		if (!up) /* it is the top-level table, which stays */
			return 1;
		if (paging_read_entry(p, k->read, k->ctx, up->table_va, up->index, &now))
			return -1;
		if (walk_entry_same(now, up->entry))
			return 1;
	}
	return -1;
}

static void look_at(const struct looker *k, struct slots *s, size_t first)
{
	__u64 pmd[PAGING_ENTRIES];
	__u64 va = s->start + first * s->bytes;
	unsigned int at = paging_index(k->paging, 2, va);
	int got = read_slots(k, va, pmd);

	s->unread += got < 0;
	if (got == 3)
		memset(s->level + first, 3, s->per_table);
	for (size_t i = 0; got == 1 && i < s->per_table; i++)
		switch (walk_entry(k->paging, pmd[at + i], 2)) {
		case WALK_LEAF:
			s->level[first + i] = 2;
			break;
		case WALK_TABLE:
			s->level[first + i] = 1;
			break;
		case WALK_HOLE:
		case WALK_BAD:
			break;
		}
}

int slots_make(const struct layout *l, enum kvas_region region, kread_fn read, void *ctx,
	       __u64 pgd_va, struct slots *out)
{
	const struct paging *p = paging_of(l->levels);
	struct looker k = { l, p, read, ctx, pgd_va };
	__u64 start, end, whole;

	memset(out, 0, sizeof(*out));
	if (!p || !region_bounds(l, region, &start, &end) ||
	    (region == KVAS_REGION_DIRECT_MAP && !l->direct_map_end))
		return -1;
	out->paging = p;
	out->bytes = paging_bytes(p, 2);
	out->per_table = paging_level(p, 2)->entries;
	whole = out->bytes * out->per_table;
	out->start = start & ~(whole - 1);
	out->nr = (end - out->start + whole - 1) / whole * out->per_table;
	out->level = calloc(out->nr, 1);
	if (!out->level)
		return -1;
	for (size_t i = 0; i < out->nr; i += out->per_table)
		look_at(&k, out, i);
	return 0;
}

void slots_free(struct slots *s)
{
	free(s->level);
	memset(s, 0, sizeof(*s));
}

struct diff {
	const struct slots *slots;
	struct slot_change *out;
	size_t max, nr;
};

static void add_change(struct diff *d, __u64 va, int from, int to)
{
	if (d->nr < d->max)
		d->out[d->nr] = (struct slot_change){ va, from, to, paging_bytes(d->slots->paging,
									  from > to ? from : to) };
	d->nr++;
}

size_t slots_diff(const struct slots *before, const struct slots *after, struct slot_change *out,
		  size_t max)
{
	struct diff d = { before, out, max, 0 };
	size_t nr = before->nr < after->nr ? before->nr : after->nr;

	for (size_t i = 0; i < nr; i++) {
		__u8 was = before->level[i], is = after->level[i];
		__u64 va = before->start + i * before->bytes;

		if (was == is || !was || !is)
			continue;
		/* A page of 1G is said once, in its first slot. */
		if (i % before->per_table == 0 && was == 3)
			add_change(&d, va, 3, 2);
		if (was >= 2 && is == 1)
			add_change(&d, va, 2, 1);
		if (was == 1 && is >= 2)
			add_change(&d, va, 1, 2);
		if (i % before->per_table == 0 && is == 3)
			add_change(&d, va, 2, 3);
	}
	return d.nr;
}
