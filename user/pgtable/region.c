// SPDX-License-Identifier: GPL-2.0
/*
 * The map of Documentation/arch/x86/x86_64/mm.rst. The bases of the direct map,
 * vmalloc and vmemmap are randomised (arch/x86/mm/kaslr.c); the rest is fixed.
 */
#include "pgtable/region.h"

#include <string.h>

#include "kvas/x86.h"

#define TIB (1ULL << 40)

#define CPU_ENTRY_AREA_START 0xfffffe0000000000ULL
#define CPU_ENTRY_AREA_END 0xfffffe8000000000ULL
#define ESPFIX_START 0xffffff0000000000ULL
#define ESPFIX_END 0xffffff8000000000ULL
#define EFI_START 0xffffffef00000000ULL
#define EFI_END 0xffffffff00000000ULL
#define KASAN_END 0xfffffc0000000000ULL
/*
 * KERNEL_IMAGE_SIZE, hence the start of the modules, is 1 GiB with
 * CONFIG_RANDOMIZE_BASE and 512 MiB without.
 */
#define KERNEL_IMAGE_SURE_END 0xffffffffa0000000ULL
#define MODULES_SURE_START 0xffffffffc0000000ULL
#define MODULES_END 0xffffffffff000000ULL
/*
 * FIXADDR_START floats; nothing else lies between the modules and the vsyscall
 * page. That page is for user mode to execute: neither user nor fixmap, "other".
 */
#define FIXMAP_START MODULES_END
#define FIXMAP_END 0xffffffffff600000ULL
/* __START_KERNEL_map + CONFIG_PHYSICAL_START, 16 MiB unless configured otherwise. */
#define TEXT_DEFAULT 0xffffffff81000000ULL

/* What depends on the number of levels; bases are those without KASLR, which
 * never moves one down. */
struct paging {
	__u64 user_end;
	__u64 ldt_start, ldt_end; /* LDT_PGD_ENTRY, -240, one top-level entry */
	__u64 page_offset, direct_map_bytes;
	__u64 vmalloc_base, vmalloc_bytes;
	__u64 vmemmap_base, vmemmap_bytes;
	__u64 kasan_start;
};

static const struct paging paging4 = {
	.user_end = 1ULL << 47,
	.ldt_start = 0xffff880000000000ULL,
	.ldt_end = 0xffff888000000000ULL,
	.page_offset = 0xffff888000000000ULL,
	.direct_map_bytes = 64 * TIB,
	.vmalloc_base = 0xffffc90000000000ULL,
	.vmalloc_bytes = 32 * TIB,
	.vmemmap_base = 0xffffea0000000000ULL,
	.vmemmap_bytes = TIB,
	.kasan_start = 0xffffec0000000000ULL,
};

static const struct paging paging5 = {
	.user_end = 1ULL << 56,
	.ldt_start = 0xff10000000000000ULL,
	.ldt_end = 0xff11000000000000ULL,
	.page_offset = 0xff11000000000000ULL,
	.direct_map_bytes = 32 * 1024 * TIB,
	.vmalloc_base = 0xffa0000000000000ULL,
	.vmalloc_bytes = 12800 * TIB,
	.vmemmap_base = 0xffd4000000000000ULL,
	.vmemmap_bytes = 512 * TIB,
	.kasan_start = 0xffdf000000000000ULL,
};

/* NULL: the number of levels is not known. */
static const struct paging *paging(const struct layout *l)
{
	return l->levels == 4 ? &paging4 : l->levels == 5 ? &paging5 : NULL;
}

/* Is BASE one that a kernel can have? Layouts are read from files, too. */
static bool base_known(const struct layout *l, __u64 base)
{
	const struct paging *p = paging(l);

	return base >= (p ? p->page_offset : paging5.page_offset) && base < CPU_ENTRY_AREA_START;
}

/* Is CONFIG_RANDOMIZE_BASE certain? Known as such, or _text where without it modules are, or a base
 * that only CONFIG_RANDOMIZE_MEMORY moves, which depends on it. */
static bool randomize_base(const struct layout *l)
{
	const struct paging *p = paging(l);

	return l->randomize_base == ANSWER_YES ||
	       (l->text_base >= KERNEL_IMAGE_SURE_END && l->text_base < MODULES_SURE_START) ||
	       (p && base_known(l, l->page_offset) && l->page_offset != p->page_offset);
}

static bool direct_map_bounds(const struct layout *l, __u64 *start, __u64 *end)
{
	const struct paging *p = paging(l);

	*start = l->page_offset;
	if (!base_known(l, *start))
		return false;
	*end = l->direct_map_end;
	/* KASLR packs the regions by the memory there is: only in its default
	 * place is the direct map known to have its whole default room. */
	if (!*end && p && *start == p->page_offset)
		*end = *start + p->direct_map_bytes;
	if (base_known(l, l->vmalloc_base) && (!*end || *end > l->vmalloc_base))
		*end = l->vmalloc_base;
	return *end > *start && *end <= CPU_ENTRY_AREA_START;
}

/* BYTES from BASE on, cut at NEXT when that is known. */
static bool sized_bounds(const struct layout *l, __u64 base, __u64 bytes, __u64 next,
			 __u64 *start, __u64 *end)
{
	if (!base_known(l, base))
		return false;
	*start = base;
	*end = base + bytes;
	if (base_known(l, next) && next < *end)
		*end = next;
	if (*end > CPU_ENTRY_AREA_START || *end < base)
		*end = CPU_ENTRY_AREA_START;
	return *end > *start;
}

/* A kernel with KASAN has no memory KASLR (kaslr_memory_enabled()): once a base
 * moved, its range is room for the others. */
static bool kasan_bounds(const struct layout *l, __u64 *start, __u64 *end)
{
	const struct paging *p = paging(l);

	if (!p || l->page_offset != p->page_offset || l->vmalloc_base != p->vmalloc_base ||
	    l->vmemmap_base != p->vmemmap_base)
		return false;
	*start = p->kasan_start;
	*end = KASAN_END;
	return true;
}

static bool set(__u64 *start, __u64 *end, __u64 s, __u64 e)
{
	*start = s;
	*end = e;
	return true;
}

static bool find_bounds(const struct layout *l, enum kvas_region r, __u64 *start, __u64 *end)
{
	const struct paging *p = paging(l);
	/* Of an unknown number of levels, the smaller room is right in both. */
	const struct paging *least = p ? p : &paging4;

	switch (r) {
	case KVAS_REGION_USER:
		return set(start, end, 0, least->user_end);
	case KVAS_REGION_DIRECT_MAP:
		return direct_map_bounds(l, start, end);
	case KVAS_REGION_VMALLOC:
		return sized_bounds(l, l->vmalloc_base, least->vmalloc_bytes, l->vmemmap_base,
				    start, end);
	case KVAS_REGION_VMEMMAP:
		return sized_bounds(l, l->vmemmap_base, least->vmemmap_bytes, 0, start, end);
	case KVAS_REGION_KERNEL_IMAGE:
		return set(start, end, X86_KERNEL_MAP,
			   randomize_base(l) ? MODULES_SURE_START : KERNEL_IMAGE_SURE_END);
	case KVAS_REGION_MODULES:
		return set(start, end, MODULES_SURE_START, MODULES_END);
	case KVAS_REGION_CPU_ENTRY_AREA:
		return set(start, end, CPU_ENTRY_AREA_START, CPU_ENTRY_AREA_END);
	case KVAS_REGION_FIXMAP:
		return set(start, end, FIXMAP_START, FIXMAP_END);
	case KVAS_REGION_ESPFIX:
		return set(start, end, ESPFIX_START, ESPFIX_END);
	case KVAS_REGION_LDT:
		return p && set(start, end, p->ldt_start, p->ldt_end);
	case KVAS_REGION_EFI:
		return set(start, end, EFI_START, EFI_END);
	case KVAS_REGION_KASAN:
		return kasan_bounds(l, start, end);
	default:
		return false;
	}
}

bool region_bounds(const struct layout *l, enum kvas_region r, __u64 *start, __u64 *end)
{
	__u64 s, e;

	/* 0, 0 is how the wire contract says "not known". */
	*start = *end = 0;
	if (!find_bounds(l, r, &s, &e))
		return false;
	return set(start, end, s, e);
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
	if (addr < paging4.user_end)
		return KVAS_REGION_USER;
	region_map_make(&m, l);
	return region_map_find(&m, addr);
}

void layout_unrandomised(struct layout *l, int levels)
{
	const struct paging *p;

	*l = (struct layout){ .levels = levels };
	p = paging(l);
	if (!p) {
		l->levels = 0;
		return;
	}
	l->page_offset = p->page_offset;
	l->vmalloc_base = p->vmalloc_base;
	l->vmemmap_base = p->vmemmap_base;
	l->text_base = TEXT_DEFAULT;
}

void layout_redact(struct layout *l)
{
	enum answer randomize_base = l->randomize_base;

	layout_unrandomised(l, l->levels);
	l->randomize_base = randomize_base;
}
