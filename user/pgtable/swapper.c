// SPDX-License-Identifier: GPL-2.0
#include "pgtable/swapper.h"

#include <string.h>

#include "pgtable/scan.h"

#define LAST (X86_PTRS_PER_TABLE - 1) /* maps the kernel image */

int swapper_fits(const __u64 t[X86_PTRS_PER_TABLE], const __u64 pgd[X86_PTRS_PER_TABLE])
{
	struct half_compare c;

	for (unsigned int i = 0; i < TABLE_KERNEL_FIRST; i++)
		if (t[i])
			return 0;
	table_compare(t, pgd, &c);
	return c.present && !c.differ;
}

struct search {
	kread_fn read;
	void *ctx;
	const __u64 *pgd;
	struct swapper *out;
};

static void look_at(struct search *s, __u64 page)
{
	__u64 last, t[X86_PTRS_PER_TABLE];

	/* Almost every page is told by one entry. */
	if (s->read(s->ctx, page + LAST * sizeof(last), &last, sizeof(last)) ||
	    !walk_entry_same(last, s->pgd[LAST]) || s->read(s->ctx, page, t, sizeof(t)) ||
	    !swapper_fits(t, s->pgd))
		return;
	s->out->va = page;
	memcpy(s->out->entry, t, sizeof(t));
}

void swapper_find(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va,
		  struct swapper *out)
{
	__u64 pgd[X86_PTRS_PER_TABLE], at, end;
	struct search s = { read, ctx, pgd, out };
	struct scan_leaf leaf;
	struct scan scan;

	memset(out, 0, sizeof(*out));
	if (!region_bounds(l, KVAS_REGION_KERNEL_IMAGE, &at, &end) ||
	    read(ctx, pgd_va, pgd, sizeof(pgd)))
		return;
	scan_init(&scan, read, ctx, pgd_va, l->levels, l->page_offset);
	while (!out->va && scan_next(&scan, at, end, &leaf) == 1) {
		at = leaf.va + leaf.bytes;
		for (__u64 page = leaf.va; !out->va && leaf.rights & X86_PTE_RW && leaf.nx && page < at;
		     page += X86_TABLE_BYTES)
			look_at(&s, page);
	}
}
