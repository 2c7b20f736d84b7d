// SPDX-License-Identifier: GPL-2.0
#include "pgtable/dmap.h"

#include <stdlib.h>
#include <string.h>

#include "pgtable/entry.h"
#include "pgtable/slots.h"

#define GIB (1ULL << X86_LEVEL_SHIFT(3))

struct maker {
	struct dmap *d;
	size_t range; /* the one the scan is in */
	__u64 gib, gib_bytes; /* of the GiB the scan is in, what is mapped by smaller pages */
};

/* The ranges are where there are tables of 4K pages, whatever is present in them. */
static int make_ranges(struct dmap *d, const struct slots *s)
{
	size_t room = 0;

	for (size_t i = 0; i < s->nr; i++) {
		__u64 at = s->start + i * SLOT_BYTES;
		struct dmap_range *last = d->nr_ranges ? &d->ranges[d->nr_ranges - 1] : NULL;

		if (s->level[i] != 1)
			continue;
		if (last && last->end == at) {
			last->end += SLOT_BYTES;
			continue;
		}
		if (d->nr_ranges == room) {
			void *more = realloc(d->ranges, (room + 256) * sizeof(*d->ranges));

			if (!more)
				return -1;
			d->ranges = more;
			room += 256;
		}
		d->ranges[d->nr_ranges++] = (struct dmap_range){ .start = at, .end = at + SLOT_BYTES };
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
	r->uncached += strcmp(entry_memory_type(leaf->entry, 1), "WB") != 0;
}

/* Leaving a GiB: was it whole, and not one page? */
static void end_gib(struct maker *m)
{
	m->d->whole_gib += m->gib_bytes == GIB;
	m->gib_bytes = 0;
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
	if (leaf->va / GIB != m->gib)
		end_gib(m);
	m->gib = leaf->va / GIB;
	if (leaf->level < 3)
		m->gib_bytes += leaf->bytes;
	if (leaf->level == 1)
		small_page(m, leaf);
}

/* Its first GiB may hold more than the image: modules. */
static bool in_image(const struct layout *l, const struct slots *s, size_t i)
{
	return region_of(l, s->start + i * SLOT_BYTES) == KVAS_REGION_KERNEL_IMAGE;
}

int dmap_make(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va, struct dmap *out)
{
	struct maker m = { .d = out };
	struct slots slots, image;
	struct survey s;
	int r;

	memset(out, 0, sizeof(*out));
	if (!l->direct_map_end || !region_bounds(l, KVAS_REGION_DIRECT_MAP, &out->start, &out->end))
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
	survey_kernel(l, read, ctx, pgd_va, each, &m, &s);
	end_gib(&m);
	for (size_t i = 0; i < out->nr_ranges; i++)
		out->ranges[i].missing = (out->ranges[i].end - out->ranges[i].start) /
						 X86_TABLE_BYTES - out->ranges[i].pages;
	out->changed = s.changed;
	out->unread = s.unread;
	return 0;
}

void dmap_free(struct dmap *d)
{
	free(d->ranges);
	memset(d, 0, sizeof(*d));
}
