// SPDX-License-Identifier: GPL-2.0
#include "pgtable/dmap.h"

#include <stdlib.h>
#include <string.h>

#include "pgtable/entry.h"
#include "pgtable/slots.h"

struct maker {
	struct dmap *d;
	const struct paging *paging;
	size_t range; /* the one the scan is in */
	/* Of the room of one page of level 3 (1G) that the scan is in: which, and what smaller
	 * pages map of it. Where there are no such pages, none is ever whole. */
	__u64 whole, at, mapped;
};

/* The ranges are where there are tables of 4K pages, whatever is present in them. */
static int make_ranges(struct dmap *d, const struct slots *s)
{
	size_t room = 0;

	for (size_t i = 0; i < s->nr; i++) {
		__u64 at = s->start + i * s->bytes;
		struct dmap_range *last = d->nr_ranges ? &d->ranges[d->nr_ranges - 1] : NULL;

		if (s->level[i] != 1)
			continue;
		if (last && last->end == at) {
			last->end += s->bytes;
			continue;
		}
		if (d->nr_ranges == room) {
			void *more = realloc(d->ranges, (room + 256) * sizeof(*d->ranges));

			if (!more)
				return -1;
			d->ranges = more;
			room += 256;
		}
		d->ranges[d->nr_ranges++] = (struct dmap_range){ .start = at, .end = at + s->bytes };
	}
	return 0;
}

/* The range that VA is in; NULL: its table came up since the slots were looked at. */
static struct dmap_range *range_of(struct maker *m, __u64 va)
{
	struct dmap *d = m->d;

	while (m->range < d->nr_ranges && d->ranges[m->range].end <= va)
		m->range++;
	return m->range < d->nr_ranges && d->ranges[m->range].start <= va ? &d->ranges[m->range] :
									    NULL;
}

static void small_page(struct maker *m, const struct scan_leaf *leaf)
{
	struct dmap_range *r = range_of(m, leaf->va);

	if (!r)
		return;
	r->pages++;
	r->read_only += !(leaf->rights & X86_PTE_RW);
	r->executable += !leaf->nx;
	r->uncached += strcmp(entry_memory_type(m->paging, leaf->entry, 1), "WB") != 0;
}

/* Leaving such a room: is it mapped without a gap, and not by one page? */
static void end_whole(struct maker *m)
{
	m->d->whole_gib += m->whole && m->mapped == m->whole;
	m->mapped = 0;
}

static void draw(struct dmap *d, const struct scan_leaf *leaf)
{
	__u64 column = (d->end - d->start + DMAP_COLUMNS - 1) / DMAP_COLUMNS;
	__u64 first = (leaf->va - d->start) / column;
	__u64 last = (leaf->va + leaf->bytes - 1 - d->start) / column;

	for (__u64 i = first; i <= last && i < DMAP_COLUMNS; i++)
		if (!d->smallest[i] || d->smallest[i] > leaf->level)
			d->smallest[i] = leaf->level;
}

static void each(void *ctx, const struct scan_leaf *leaf, enum kvas_region region)
{
	struct maker *m = ctx;

	if (region != KVAS_REGION_DIRECT_MAP)
		return;
	m->d->leaves[leaf->level - 1]++;
	draw(m->d, leaf);
	if (m->whole && leaf->va / m->whole != m->at)
		end_whole(m);
	m->at = m->whole ? leaf->va / m->whole : 0;
	if (leaf->level < 3)
		m->mapped += leaf->bytes;
	if (leaf->level == 1)
		small_page(m, leaf);
}

/* Its first GiB may hold more than the image: modules. */
static bool in_image(const struct layout *l, const struct slots *s, size_t i)
{
	return region_of(l, s->start + i * s->bytes) == KVAS_REGION_KERNEL_IMAGE;
}

int dmap_make(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va, struct dmap *out)
{
	const struct paging *p = paging_of(l->levels);
	struct maker m = { .d = out, .paging = p };
	struct slots slots, image;
	struct survey s;
	int r;

	memset(out, 0, sizeof(*out));
	if (!p || !l->direct_map_end || !region_bounds(l, KVAS_REGION_DIRECT_MAP, &out->start, &out->end))
		return -1;
	if (slots_make(l, KVAS_REGION_DIRECT_MAP, read, ctx, pgd_va, &slots))
		return -1;
	r = make_ranges(out, &slots);
	out->unread_gib = slots.unread;
	slots_free(&slots);
	if (!r && !slots_make(l, KVAS_REGION_KERNEL_IMAGE, read, ctx, pgd_va, &image)) {
		for (size_t i = 0; i < image.nr; i++)
			out->image_splits += image.level[i] == 1 && in_image(l, &image, i);
		out->unread_gib += image.unread;
		slots_free(&image);
	}
	if (r) {
		dmap_free(out);
		return -1;
	}
	for (int i = 0; i < 3 && i < p->levels; i++)
		out->page_bytes[i] = paging_level(p, i + 1)->leaf ? paging_bytes(p, i + 1) : 0;
	m.whole = out->page_bytes[2];
	survey_kernel(l, read, ctx, pgd_va, each, &m, &s);
	end_whole(&m);
	for (size_t i = 0; i < out->nr_ranges; i++)
		out->ranges[i].missing = (out->ranges[i].end - out->ranges[i].start) /
						 paging_bytes(p, 1) - out->ranges[i].pages;
	out->changed = s.changed;
	out->unread = s.unread;
	return 0;
}

void dmap_free(struct dmap *d)
{
	free(d->ranges);
	memset(d, 0, sizeof(*d));
}
