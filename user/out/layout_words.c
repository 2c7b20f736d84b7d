/* SPDX-License-Identifier: GPL-2.0 */
/* What both forms of `kvas layout` say in words. */
#include <stdio.h>

#include "out/layout.h"

bool out_layout_bounds(const struct layout_view *v, enum kvas_region r, __u64 *start, __u64 *end)
{
	return region_bounds(&v->host->layout, r, start, end);
}

const char *out_layout_use(enum kvas_region r)
{
	static const char *const uses[KVAS_REGION_COUNT] = {
		[KVAS_REGION_USER] = "the process's own memory: another in each address space",
		[KVAS_REGION_DIRECT_MAP] = "all memory one to one: physical = address - PAGE_OFFSET",
		[KVAS_REGION_VMALLOC] = "vmalloc, ioremap, kernel stacks, later per-CPU chunks",
		[KVAS_REGION_VMEMMAP] = "struct page of every page frame",
		[KVAS_REGION_PERCPU] = "per-CPU data: no place of its own",
		[KVAS_REGION_KERNEL_IMAGE] = "the kernel's code and data",
		[KVAS_REGION_MODULES] = "loadable modules, BPF programs, trampolines",
		[KVAS_REGION_CPU_ENTRY_AREA] = "per CPU: entry and exception stacks, GDT, TSS, IDT",
		[KVAS_REGION_FIXMAP] = "fixed slots: APIC, text patching, early I/O",
		[KVAS_REGION_ESPFIX] = "stacks for returning to 16-bit code; the same pages many times",
		[KVAS_REGION_LDT] = "the process's local descriptor table, seldom any",
		[KVAS_REGION_EFI] = "firmware services: mapped in a table of their own",
		[KVAS_REGION_KASAN] = "KASAN's shadow of memory",
		[KVAS_REGION_OTHER] = "in no region kvas knows",
	};

	return uses[r];
}

static const char *symbol(bool there, enum base_state state)
{
	return !there			      ? "no symbol to compare" :
	       state == BASE_SYMBOL_DIFFERS ? "the symbol differs" :
					      "the symbol agrees";
}

static const char *page_offset_how(const struct layout_proof *p, char *buf)
{
	snprintf(buf, LAYOUT_HOW_MAX, "%u of %u candidates for PAGE_OFFSET maps to itself; %s",
		 p->holds, p->candidates, symbol(p->sym_page_offset, p->page_offset));
	return buf;
}

static const char *vmalloc_how(const struct layout_proof *p, char *buf)
{
	snprintf(buf, LAYOUT_HOW_MAX, "%s; %s",
		 p->vmalloc == BASE_UNPROVEN ? "unknown: the tables prove no base" :
					       "what is mapped first above the direct map",
		 symbol(p->sym_vmalloc, p->vmalloc));
	return buf;
}

static const char *vmemmap_how(const struct layout_proof *p, char *buf)
{
	snprintf(buf, LAYOUT_HOW_MAX, "%s; %s",
		 p->vmemmap == BASE_UNPROVEN ? "unknown: the tables prove no base" :
		 p->marked		     ? "where the PGD's struct page names its mm" :
					       "mapped from the symbol's value on",
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

const char *out_layout_how(const struct layout_view *v, enum kvas_region r, char *buf)
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

const char *out_layout_room(const struct layout_view *v, enum kvas_region r)
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

void out_layout_moves(const struct layout_view *v, struct kaslr_move moves[KASLR_MOVES])
{
	const struct layout *l = &v->host->layout;
	struct layout fixed;

	layout_unrandomised(&fixed, l->levels);
	moves[0] = move("direct_map", l->page_offset, fixed.page_offset);
	moves[1] = move("vmalloc", l->vmalloc_base, fixed.vmalloc_base);
	moves[2] = move("vmemmap", l->vmemmap_base, fixed.vmemmap_base);
	moves[3] = move("kernel_image", l->text_base, fixed.text_base);
}
