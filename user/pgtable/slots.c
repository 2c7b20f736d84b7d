// SPDX-License-Identifier: GPL-2.0
#include "pgtable/slots.h"

#include <stdlib.h>
#include <string.h>

#include "pgtable/survey.h"

#define SLOT (1ULL << X86_LEVEL_SHIFT(2))
#define GIB (1ULL << X86_LEVEL_SHIFT(3))
#define PER_GIB (GIB / SLOT)

static void each(void *ctx, const struct scan_leaf *leaf, enum kvas_region region)
{
	struct slots *s = ctx;

	if (region != KVAS_REGION_DIRECT_MAP)
		return;
	for (__u64 at = 0; at < leaf->bytes; at += SLOT) {
		size_t i = (leaf->va + at - s->start) / SLOT;

		if (i < s->nr && (!s->level[i] || s->level[i] > leaf->level))
			s->level[i] = leaf->level;
	}
}

int slots_make(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va, struct slots *out)
{
	struct survey survey;
	__u64 start, end;

	memset(out, 0, sizeof(*out));
	if (!l->direct_map_end || !region_bounds(l, KVAS_REGION_DIRECT_MAP, &start, &end))
		return -1;
	out->start = start;
	out->nr = (end - start + GIB - 1) / GIB * PER_GIB;
	out->level = calloc(out->nr, 1);
	if (!out->level)
		return -1;
	survey_kernel(l, read, ctx, pgd_va, each, out, &survey);
	out->complete = !survey.unread;
	return 0;
}

void slots_free(struct slots *s)
{
	free(s->level);
	memset(s, 0, sizeof(*s));
}

struct diff {
	struct slot_change *out;
	size_t max, nr;
};

static void add(struct diff *d, __u64 va, int from, int to)
{
	if (d->nr < d->max)
		d->out[d->nr] = (struct slot_change){ va, from, to, false };
	d->nr++;
}

size_t slots_diff(const struct slots *before, const struct slots *after, struct slot_change *out,
		  size_t max)
{
	struct diff d = { out, max, 0 };
	size_t nr = before->nr < after->nr ? before->nr : after->nr;

	for (size_t i = 0; i < nr; i++) {
		__u8 was = before->level[i], is = after->level[i];
		__u64 va = before->start + i * SLOT;

		if (was == is || !was || !is)
			continue;
		/* A page of 1G is said once, in its first slot. */
		if (i % PER_GIB == 0 && was == 3)
			add(&d, va, 3, 2);
		if (was >= 2 && is == 1)
			add(&d, va, 2, 1);
		if (was == 1 && is >= 2)
			add(&d, va, 1, 2);
		if (i % PER_GIB == 0 && is == 3)
			add(&d, va, 2, 3);
	}
	return d.nr;
}
