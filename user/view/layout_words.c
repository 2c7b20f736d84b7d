/* SPDX-License-Identifier: GPL-2.0 */
/* The words that `kvas layout` has in text and in JSON. */
#include <stdio.h>

#include "view/layout.h"

bool view_layout_bounds(const struct layout_view *v, enum kvas_region r, __u64 *start, __u64 *end)
{
	return region_bounds(&v->host->layout, r, start, end);
}

static const char *symbol(bool there, enum base_state state)
{
	return !there			      ? "no symbol confirms it" :
	       state == BASE_SYMBOL_DIFFERS ? "the symbol differs" :
					      "the symbol agrees";
}

static const char *page_offset_how(const struct layout_proof *p, char *buf)
{
	snprintf(buf, LAYOUT_HOW_MAX, "%u of %u candidates agrees with the page tables; %s",
		 p->holds, p->candidates, symbol(p->sym_page_offset, p->page_offset));
	return buf;
}

static const char *vmalloc_how(const struct layout_proof *p, char *buf)
{
	snprintf(buf, LAYOUT_HOW_MAX, "%s; %s",
		 p->vmalloc == BASE_UNPROVEN ? "unknown: the tables prove no base" :
					       "the first mapped address above the direct map",
		 symbol(p->sym_vmalloc, p->vmalloc));
	return buf;
}

static const char *vmemmap_how(const struct layout_proof *p, char *buf)
{
	snprintf(buf, LAYOUT_HOW_MAX, "%s; %s",
		 p->vmemmap == BASE_UNPROVEN ? "unknown: the tables prove no base" :
		 p->marked		     ? "found because the struct page of a PGD at this base points to its mm" :
					       "memory is mapped from the symbol's value on",
		 symbol(p->sym_vmemmap, p->vmemmap));
	return buf;
}

static const char *image_how(const struct layout_view *v, char *buf)
{
	const char *where = "fixed by the architecture";

	if (!v->host->layout.text_base || !v->text_pa)
		return where;
	snprintf(buf, LAYOUT_HOW_MAX, "fixed; _text is 0x%llx, physical 0x%llx",
		 v->host->layout.text_base, v->text_pa);
	return buf;
}

bool view_layout_fixed(enum kvas_region r)
{
	return r != KVAS_REGION_DIRECT_MAP && r != KVAS_REGION_VMALLOC && r != KVAS_REGION_VMEMMAP &&
	       r != KVAS_REGION_KERNEL_IMAGE;
}

const char *view_layout_how(const struct layout_view *v, enum kvas_region r, char *buf)
{
	switch (r) {
	case KVAS_REGION_DIRECT_MAP:
		return page_offset_how(v->proof, buf);
	case KVAS_REGION_VMALLOC:
		return vmalloc_how(v->proof, buf);
	case KVAS_REGION_VMEMMAP:
		return vmemmap_how(v->proof, buf);
	case KVAS_REGION_KERNEL_IMAGE:
		return image_how(v, buf);
	default:
		return "fixed by the architecture";
	}
}

const char *view_layout_room(const struct layout_view *v, enum kvas_region r)
{
	bool unknown = region_at_least(&v->host->layout, r);

	if (r == KVAS_REGION_KERNEL_IMAGE)
		return unknown ? "1 GiB if built with CONFIG_RANDOMIZE_BASE, which is not known here" :
				 "1 GiB, as the kernel is built with CONFIG_RANDOMIZE_BASE";
	if (r == KVAS_REGION_MODULES && unknown)
		return "from ffffffffa0000000 on if built without CONFIG_RANDOMIZE_BASE";
	return NULL;
}

static struct kaslr_move move(const char *name, __u64 now, __u64 before)
{
	return (struct kaslr_move){ name, now && before, now - before };
}

void view_layout_moves(const struct layout_view *v, struct kaslr_move moves[KASLR_MOVES])
{
	const struct layout *l = &v->host->layout;
	struct layout fixed;

	layout_unrandomised(&fixed, l->levels);
	moves[0] = move("direct_map", l->page_offset, fixed.page_offset);
	moves[1] = move("vmalloc", l->vmalloc_base, fixed.vmalloc_base);
	moves[2] = move("vmemmap", l->vmemmap_base, fixed.vmemmap_base);
	moves[3] = move("kernel_image", l->text_base, fixed.text_base);
}
