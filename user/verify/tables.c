// SPDX-License-Identifier: GPL-2.0
/* What the kernel's half maps where. */
#include <stdio.h>
#include <string.h>

#include "kvas/x86.h"
#include "pgtable/walk.h"
#include "verify/facts.h"

/* Addresses asked about, evenly over the direct map. */
#define SPREAD 4096

/* The walk of VA, which must be that of the direct map's one rule. */
struct identity {
	const struct verify_input *in;
	struct fact *f;
	struct region_map regions;
	__u64 elsewhere; /* objects that are in the kernel image: static ones */
	__u64 changing, unreadable, first_unreadable, first_broken;
};

static void ask(struct identity *i, __u64 va, bool object)
{
	const struct layout *l = i->in->layout;
	enum kvas_region region = region_map_find(&i->regions, va);
	struct walk w;

	if (object && region == KVAS_REGION_KERNEL_IMAGE) {
		i->elsewhere++;
		return;
	}
	switch (walk_steady(i->in->read, i->in->ctx, i->in->pgd, paging_of(l->levels), l->page_offset,
			    va, &w)) {
	case WALK_CHANGING:
		i->changing++;
		return;
	case WALK_UNREADABLE:
		if (!i->unreadable++)
			i->first_unreadable = va;
		return;
	case WALK_DONE:
		break;
	}
	/* Of the spread some are holes between memory; an object is in memory. */
	if (!w.leaf_level && !object)
		return;
	i->f->checked++;
	if (region == KVAS_REGION_DIRECT_MAP && w.leaf_level && w.pa == va - l->page_offset)
		return;
	if (!i->f->broken++)
		i->first_broken = va;
}

static void identity(const struct verify_input *in, struct fact *f)
{
	struct identity i = { .in = in, .f = f };
	__u64 start, end, pgds, objects, spread;

	fact_begin(f, "identity", "in the direct map physical = virtual - PAGE_OFFSET, without exception");
	region_map_make(&i.regions, in->layout);
	for (size_t n = 0; n < in->pgds->nr; n++)
		if (!in->pgds->row[n].gone)
			ask(&i, in->pgds->row[n].pgd, true);
	pgds = f->checked;
	for (size_t n = 0; n < in->nr_tasks; n++) {
		const struct kvas_reader_task *t = &in->tasks[n];
		const __u64 object[] = { t->task, t->mm, t->cred, t->signal, t->files };

		for (size_t o = 0; o < sizeof(object) / sizeof(object[0]); o++)
			if (object[o])
				ask(&i, object[o], true);
	}
	objects = f->checked - pgds;
	region_bounds(in->layout, KVAS_REGION_DIRECT_MAP, &start, &end);
	for (__u64 n = 0; n < SPREAD; n++)
		ask(&i, (start + (end - start) / SPREAD * n + n % 512 * 8) & ~7ULL, false);
	spread = f->checked - pgds - objects;
	if (f->broken)
		fact_end(f, "%llu of %llu addresses are elsewhere, first 0x%llx", f->broken, f->checked,
			 i.first_broken);
	else if (i.unreadable)
		fact_unknown(f, "of %llu addresses, first 0x%llx, a table on the way could not be read; "
				"%llu others are all at one distance, 0x%llx", i.unreadable,
			     i.first_unreadable, f->checked, in->layout->page_offset);
	else
		fact_end(f, "%llu addresses walked, all at one distance, 0x%llx: %llu PGDs, %llu slab "
			    "objects of tasks (task, mm, cred, signal, files), %llu spread over the "
			    "direct map; %llu static objects are in the image, %llu changed meanwhile",
			 f->checked, in->layout->page_offset, pgds, objects, spread, i.elsewhere,
			 i.changing);
}

/* Collected in one look over all that is mapped. */
struct leaves {
	struct survey survey; /* of the look itself */
	struct scan_leaf vmalloc; /* the one before */
	__u64 neighbours, scattered; /* in vmalloc: pages side by side; not so in memory */
	__u64 image, image_broken, image_first, image_first_broken;
};

static void each(void *ctx, const struct scan_leaf *leaf, enum kvas_region region)
{
	struct leaves *s = ctx;

	if (region == KVAS_REGION_VMALLOC) {
		if (s->vmalloc.bytes && s->vmalloc.va + s->vmalloc.bytes == leaf->va) {
			s->neighbours++;
			s->scattered += s->vmalloc.pa + s->vmalloc.bytes != leaf->pa;
		}
		s->vmalloc = *leaf;
	}
	if (region == KVAS_REGION_KERNEL_IMAGE) {
		if (!s->image++)
			s->image_first = leaf->pa;
		if (survey_phys_base(leaf) != s->survey.phys_base && !s->image_broken++)
			s->image_first_broken = leaf->va;
	}
}

static void vmalloc_scattered(const struct leaves *s, struct fact *f)
{
	fact_begin(f, "vmalloc-scattered",
		   "pages that are neighbours in vmalloc need not be neighbours in memory");
	f->checked = s->neighbours;
	/* One pair that is not side by side proves it; none among many refutes it. */
	f->broken = s->scattered ? 0 : s->neighbours;
	fact_end(f, "of %llu pairs of neighbouring pages %llu lie apart in memory", s->neighbours,
		 s->scattered);
}

static void stacks(const struct verify_input *in, struct fact *f)
{
	__u64 direct = 0;

	fact_begin(f, "stacks-in-vmalloc",
		   "every listed task's kernel stack is in vmalloc (VMAP_STACK)");
	if (!in->layout->vmalloc_base) {
		fact_unknown(f, "where vmalloc begins is not known here");
		return;
	}
	for (size_t n = 0; n < in->nr_tasks; n++) {
		enum kvas_region r = region_of(in->layout, in->tasks[n].stack);

		if (!in->tasks[n].stack) /* given back already: the task is exiting */
			continue;
		f->checked++;
		f->broken += r != KVAS_REGION_VMALLOC;
		direct += r == KVAS_REGION_DIRECT_MAP;
	}
	fact_end(f, "%llu of %llu stacks are in vmalloc, %llu in the direct map; the kernel's task "
		    "iterator lists no idle task (the first CPU's stack, init_stack, is in the image)",
		 f->checked - f->broken, f->checked, direct);
	if (in->pgds->hidden && strlen(f->evidence) < sizeof(f->evidence) - 1)
		snprintf(f->evidence + strlen(f->evidence), sizeof(f->evidence) - strlen(f->evidence),
			 "; of the processes in /proc it hides %u", in->pgds->hidden);
}

static void image_offset(const struct verify_input *in, const struct leaves *s, struct fact *f)
{
	__s64 phys_base = s->survey.phys_base;

	fact_begin(f, "image-offset",
		   "the kernel image has a constant of its own: physical = virtual - "
		   "0xffffffff80000000 + phys_base");
	f->checked = s->image;
	f->broken = s->image_broken;
	if (f->broken)
		fact_end(f, "%llu of %llu mappings lie elsewhere, first 0x%llx", f->broken, f->checked,
			 s->image_first_broken);
	else
		fact_end(f, "%llu mappings of the image, all with phys_base %s0x%llx; the direct map has "
			    "the same memory at 0x%llx and on",
			 f->checked, phys_base < 0 ? "-" : "", phys_base < 0 ? -phys_base : phys_base,
			 in->layout->page_offset + s->image_first);
}

static void direct_map_huge(const struct survey *survey, struct fact *f)
{
	const struct region_use *u = &survey->region[KVAS_REGION_DIRECT_MAP];
	__u64 bytes = region_use_bytes(u), small = u->leaves[0] * X86_TABLE_BYTES;

	fact_begin(f, "direct-map-huge", "most of the direct map is mapped by huge pages");
	f->checked = u->leaves[0] + u->leaves[1] + u->leaves[2];
	f->broken = small * 2 > bytes;
	fact_end(f, "%.2f %% of %llu MiB is in 2M or 1G pages: %llu of 4K, %llu of 2M, %llu of 1G",
		 bytes ? 100.0 * (bytes - small) / bytes : 0, bytes >> 20, u->leaves[0], u->leaves[1],
		 u->leaves[2]);
}

/* Ranges of REGION that could not be read leave F open, unless what was read decides it:
 * when the verdict is DECIDED. */
static void open_when_unread(const struct survey *survey, enum kvas_region region,
			     enum verdict decided, struct fact *f)
{
	__u64 unread = survey->region[region].unread;

	if (unread && (f->verdict != decided || decided == VERDICT_UNKNOWN))
		fact_unknown(f, "%llu ranges in or across %s could not be read", unread,
			     region_name(region));
}

void facts_of_tables(const struct verify_input *in, struct fact out[FACTS_OF_TABLES])
{
	struct leaves seen = { 0 };
	const struct survey *survey = &seen.survey;

	survey_kernel(in->layout, in->read, in->ctx, in->pgd, each, &seen, &seen.survey);
	identity(in, &out[0]);
	vmalloc_scattered(&seen, &out[1]);
	open_when_unread(survey, KVAS_REGION_VMALLOC, VERDICT_HOLDS, &out[1]);
	stacks(in, &out[2]);
	image_offset(in, &seen, &out[3]);
	open_when_unread(survey, KVAS_REGION_KERNEL_IMAGE, VERDICT_FAILS, &out[3]);
	direct_map_huge(survey, &out[4]);
	open_when_unread(survey, KVAS_REGION_DIRECT_MAP, VERDICT_UNKNOWN, &out[4]);
}
