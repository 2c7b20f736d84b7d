// SPDX-License-Identifier: GPL-2.0
#include "pgtable/survey.h"

#include <string.h>

/* Four billion entries: 8 TiB of memory mapped by 4K pages. */
#define BUDGET (1ULL << 33)

__u64 region_use_bytes(const struct region_use *u)
{
	return u->bytes;
}

static void make_strips(const struct paging *p, struct survey *out)
{
	for (int i = 0; i < STRIPS; i++) {
		out->strip[i].bytes = p->strip_bytes[i];
		out->strip[i].start = p->last - (p->strip_bytes[i] - 1);
	}
}

static void mark(struct strip *s, const struct scan_leaf *leaf, enum kvas_region r)
{
	__u64 column = s->bytes / STRIP_COLUMNS;

	if (leaf->va < s->start)
		return;
	/* A leaf of 1G may be larger than a column. */
	for (__u64 at = 0; at < leaf->bytes; at += column)
		s->mapped[(leaf->va + at - s->start) / column] |= 1u << r;
}

static void count_leaf(struct survey *out, const struct scan_leaf *leaf, enum kvas_region r)
{
	struct region_use *u = &out->region[r];

	if (!region_use_bytes(u))
		u->first = leaf->va;
	if (r == KVAS_REGION_KERNEL_IMAGE && !out->phys_base_known) {
		out->phys_base_known = true;
		out->phys_base = survey_phys_base(leaf);
	}
	u->end = leaf->va + leaf->bytes;
	u->leaves[leaf->level - 1]++;
	u->bytes += leaf->bytes;
	if (leaf->rights & X86_PTE_RW) {
		if (!u->writable)
			u->first_writable = leaf->va;
		u->writable += leaf->bytes;
	}
	if (leaf->rights & X86_PTE_RW && !leaf->nx)
		u->writable_executable += leaf->bytes;
	for (int i = 0; i < STRIPS; i++)
		mark(&out->strip[i], leaf, r);
}

/* From FIRST to END, 0 the top, nothing is known. */
static void add_unread(struct survey *out, const struct region_map *m, __u64 first, __u64 end)
{
	out->unread++;
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (m->bytes[r] && m->start[r] <= end - 1 && m->start[r] + (m->bytes[r] - 1) >= first)
			out->region[r].unread++;
}

void survey_kernel(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va, survey_fn each,
		   void *each_ctx, struct survey *out)
{
	const struct paging *p = paging_of(l->levels);
	struct region_map regions;
	struct scan_leaf leaf;
	struct scan scan;
	__u64 at;

	memset(out, 0, sizeof(*out));
	make_strips(p, out);
	region_map_make(&regions, l);
	scan_init(&scan, read, ctx, pgd_va, p, l->page_offset);
	scan.budget = BUDGET;
	at = paging_top_va(p, p->kernel_first);
	while (at) { /* 0: past the top of the address space */
		int got = scan_next(&scan, at, p->last, &leaf);

		if (!got)
			break;
		if (got < 0) {
			add_unread(out, &regions, scan.bad_start, scan.bad_end);
			at = scan.bad_end;
			continue;
		}
		enum kvas_region r = region_map_find(&regions, leaf.va);

		count_leaf(out, &leaf, r);
		if (each)
			each(each_ctx, &leaf, r);
		at = leaf.va + leaf.bytes;
	}
	out->tables_read = scan.tables_read;
	out->changed = scan.changed;
}

static void forbid(struct user_table *out, __u64 bytes, __u64 first)
{
	if (bytes && (!out->forbidden || first < out->example))
		out->example = first;
	out->forbidden += bytes;
}

/* pti_clone_user_shared() maps of each CPU's data one page, cpu_tss_rw, where it is: in
 * the direct map or vmalloc (arch/x86/mm/pti.c, 4.20 to 7.2). */
void survey_user_table(const struct survey *s, struct user_table *out)
{
	const struct region_use *u = s->region, *image = &u[KVAS_REGION_KERNEL_IMAGE];

	*out = (struct user_table){
		.entry_area = region_use_bytes(&u[KVAS_REGION_CPU_ENTRY_AREA]),
		.image = region_use_bytes(image),
		.linear = (region_use_bytes(&u[KVAS_REGION_DIRECT_MAP]) +
			   region_use_bytes(&u[KVAS_REGION_VMALLOC])) / X86_TABLE_BYTES,
		.unread = s->unread,
	};
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		out->bytes += region_use_bytes(&u[r]);
	forbid(out, region_use_bytes(&u[KVAS_REGION_VMEMMAP]), u[KVAS_REGION_VMEMMAP].first);
	forbid(out, region_use_bytes(&u[KVAS_REGION_MODULES]), u[KVAS_REGION_MODULES].first);
	forbid(out, image->writable, image->first_writable);
}
