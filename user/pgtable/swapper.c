// SPDX-License-Identifier: GPL-2.0
#include "pgtable/swapper.h"

#include <string.h>

#include "pgtable/scan.h"

int swapper_fits(const struct paging *p, const __u64 t[PAGING_ENTRIES],
		 const __u64 pgd[PAGING_ENTRIES])
{
	struct half_compare c;

	for (unsigned int i = 0; i < p->kernel_first; i++)
		if (t[i])
			return 0;
	table_compare(p, t, pgd, &c);
	return c.present && !c.differ;
}

struct search {
	kread_fn read;
	void *ctx;
	const struct paging *paging;
	const __u64 *pgd;
	struct swapper *out;
};

static void look_at(struct search *s, __u64 page)
{
	const struct paging *p = s->paging;
	unsigned int image = paging_top(p) - 1; /* maps the kernel image */
	__u64 last, t[PAGING_ENTRIES];

	/* Almost every page is told by one entry. */
	if (paging_read_entry(p, s->read, s->ctx, page, image, &last) ||
	    !walk_entry_same(last, s->pgd[image]) ||
	    paging_read_table(p, s->read, s->ctx, page, p->levels, t) || !swapper_fits(p, t, s->pgd))
		return;
	s->out->va = page;
	memcpy(s->out->entry, t, paging_top(p) * sizeof(t[0]));
}

void swapper_find(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va,
		  struct swapper *out)
{
	const struct paging *p = paging_of(l->levels);
	__u64 pgd[PAGING_ENTRIES], at, end;
	struct search s = { read, ctx, p, pgd, out };
	struct scan_leaf leaf;
	struct scan scan;

	memset(out, 0, sizeof(*out));
	if (!region_bounds(l, KVAS_REGION_KERNEL_IMAGE, &at, &end) ||
	    paging_read_table(p, read, ctx, pgd_va, p->levels, pgd))
		return;
	scan_init(&scan, read, ctx, pgd_va, p, l->page_offset);
	while (!out->va && scan_next(&scan, at, end, &leaf) == 1) {
		at = leaf.va + leaf.bytes;
		for (__u64 page = leaf.va; !out->va && leaf.rights & X86_PTE_RW && leaf.nx && page < at;
		     page += X86_TABLE_BYTES)
			look_at(&s, page);
	}
}
