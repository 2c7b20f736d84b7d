// SPDX-License-Identifier: GPL-2.0
#include "pgtable/region.h"

#include <string.h>

#include "pgtable/paging.h"

/* Of an unknown number of levels, the smaller room is right in both. */
static const struct paging *least_of(const struct layout *l)
{
	const struct paging *p = paging_of(l->levels);

	return p ? p : paging_of(4);
}

/* Is BASE one that a kernel can have? Layouts are read from files, too. */
static bool base_known(const struct layout *l, __u64 base)
{
	const struct paging *p = paging_of(l->levels), *lowest = p ? p : paging_of(5);

	return base >= lowest->direct_map.start && base < lowest->randomized_end;
}

/* Is CONFIG_RANDOMIZE_BASE certain? Known as such, or _text where without it modules are, or a base
 * that only CONFIG_RANDOMIZE_MEMORY moves, which depends on it. */
static bool randomize_base(const struct layout *l)
{
	const struct paging *p = paging_of(l->levels), *least = least_of(l);

	return l->randomize_base == ANSWER_YES ||
	       (l->text_base >= least->image_least_end &&
		l->text_base < least->fixed[KVAS_REGION_MODULES].start) ||
	       (p && base_known(l, l->page_offset) && l->page_offset != p->direct_map.start);
}

static bool direct_map_bounds(const struct layout *l, __u64 *start, __u64 *end)
{
	const struct paging *p = paging_of(l->levels);

	*start = l->page_offset;
	if (!base_known(l, *start))
		return false;
	*end = l->direct_map_end;
	/* KASLR packs the regions by the memory there is: only in its default
	 * place is the direct map known to have its whole default room. */
	if (!*end && p && *start == p->direct_map.start)
		*end = *start + p->direct_map.bytes;
	if (base_known(l, l->vmalloc_base) && (!*end || *end > l->vmalloc_base))
		*end = l->vmalloc_base;
	return *end > *start && *end <= least_of(l)->randomized_end;
}

/* BYTES from BASE on, cut at NEXT when that is known. */
static bool sized_bounds(const struct layout *l, __u64 base, __u64 bytes, __u64 next,
			 __u64 *start, __u64 *end)
{
	__u64 top = least_of(l)->randomized_end;

	if (!base_known(l, base))
		return false;
	*start = base;
	*end = base + bytes;
	if (base_known(l, next) && next < *end)
		*end = next;
	if (*end > top || *end < base)
		*end = top;
	return *end > *start;
}

/* A kernel with KASAN has no memory KASLR (kaslr_memory_enabled()): once a base
 * moved, its range is room for the others. */
static bool kasan_bounds(const struct layout *l, __u64 *start, __u64 *end)
{
	const struct paging *p = paging_of(l->levels);

	if (!p || l->page_offset != p->direct_map.start || l->vmalloc_base != p->vmalloc.start ||
	    l->vmemmap_base != p->vmemmap.start)
		return false;
	*start = p->kasan.start;
	*end = p->kasan.end;
	return *start < *end;
}

static bool set_bounds(__u64 *start, __u64 *end, __u64 s, __u64 e)
{
	*start = s;
	*end = e;
	return true;
}

static bool find_bounds(const struct layout *l, enum kvas_region r, __u64 *start, __u64 *end)
{
	const struct paging *least = least_of(l);

	if ((unsigned int)r >= KVAS_REGION_COUNT)
		return false;
	switch (r) {
	case KVAS_REGION_DIRECT_MAP:
		return direct_map_bounds(l, start, end);
	case KVAS_REGION_VMALLOC:
		return sized_bounds(l, l->vmalloc_base, least->vmalloc.bytes, l->vmemmap_base,
				    start, end);
	case KVAS_REGION_VMEMMAP:
		return sized_bounds(l, l->vmemmap_base, least->vmemmap.bytes, 0, start, end);
	case KVAS_REGION_KASAN:
		return kasan_bounds(l, start, end);
	case KVAS_REGION_LDT:
		if (!paging_of(l->levels)) /* it lies elsewhere with another number of levels */
			return false;
		break;
	default:
		break;
	}
	set_bounds(start, end, least->fixed[r].start, least->fixed[r].end);
	if (r == KVAS_REGION_KERNEL_IMAGE && !randomize_base(l))
		*end = least->image_least_end;
	return *start < *end;
}

bool region_bounds(const struct layout *l, enum kvas_region r, __u64 *start, __u64 *end)
{
	__u64 s, e;

	/* 0, 0 is how the wire contract says "not known". */
	*start = *end = 0;
	if (!find_bounds(l, r, &s, &e))
		return false;
	return set_bounds(start, end, s, e);
}

bool region_at_least(const struct layout *l, enum kvas_region r)
{
	return (r == KVAS_REGION_KERNEL_IMAGE || r == KVAS_REGION_MODULES) && !randomize_base(l);
}

void region_map_make(struct region_map *m, const struct layout *l)
{
	__u64 start, end;

	memset(m, 0, sizeof(*m));
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (region_bounds(l, r, &start, &end)) {
			m->start[r] = start;
			m->bytes[r] = end - start;
		}
}

enum kvas_region region_map_find(const struct region_map *m, __u64 addr)
{
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (addr - m->start[r] < m->bytes[r])
			return r;
	return KVAS_REGION_OTHER;
}

enum kvas_region region_of(const struct layout *l, __u64 addr)
{
	struct region_map m;

	/* User space whatever the levels, and what most addresses are. */
	if (addr < paging_of(4)->fixed[KVAS_REGION_USER].end)
		return KVAS_REGION_USER;
	region_map_make(&m, l);
	return region_map_find(&m, addr);
}

void layout_unrandomised(struct layout *l, int levels)
{
	const struct paging *p;

	*l = (struct layout){ .levels = levels };
	p = paging_of(levels);
	if (!p) {
		l->levels = 0;
		return;
	}
	l->page_offset = p->direct_map.start;
	l->vmalloc_base = p->vmalloc.start;
	l->vmemmap_base = p->vmemmap.start;
	l->text_base = p->text;
}

void layout_redact(struct layout *l)
{
	enum answer randomize_base = l->randomize_base;

	layout_unrandomised(l, l->levels);
	l->randomize_base = randomize_base;
}
