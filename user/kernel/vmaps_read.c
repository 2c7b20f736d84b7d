/* SPDX-License-Identifier: GPL-2.0 */
/* What of vmaps.h runs programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ksyms.h"
#include "kernel/vmaps.h"
#include "kvas/reader.h"
#include "kvas/x86.h"
#include "pgtable/walk.h"

#define TRIES 5
#define HEADS_MAX 1024

/* The heads of the kernel's lists of areas. How many; 0 with WHY. */
static size_t find_heads(struct reader *r, __u64 *heads, char *why, size_t len)
{
	struct ksym syms[] = { { "vmap_area_list", 0 }, { "vmap_nodes", 0 }, { "nr_vmap_nodes", 0 } };
	struct reader_self self;
	__u64 nodes = 0;
	__u32 nr = 0;

	ksyms_find(KALLSYMS, syms, sizeof(syms) / sizeof(syms[0]));
	if (syms[0].addr) {
		heads[0] = syms[0].addr;
		return 1;
	}
	snprintf(why, len, "kallsyms does not tell where vmap_area_list or vmap_nodes is");
	if (!syms[1].addr || !syms[2].addr || reader_self(r, &self))
		return 0;
	if (!self.vmap_node_size || reader_read(r, syms[1].addr, &nodes, sizeof(nodes)) ||
	    reader_read(r, syms[2].addr, &nr, sizeof(nr)) || !nr || nr > HEADS_MAX) {
		snprintf(why, len, "vmap_nodes cannot be read");
		return 0;
	}
	for (__u32 i = 0; i < nr; i++)
		heads[i] = nodes + (__u64)i * self.vmap_node_size + self.vmap_node_list;
	return nr;
}

static int by_caller(const void *a, const void *b)
{
	const struct ksym_near *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* Name the callers: one pass over kallsyms for all. */
static int name_callers(struct vmaps *v)
{
	struct ksym_near *near = calloc(v->nr + !v->nr, sizeof(*near)), key, *found;
	size_t nr = 0;

	if (!near)
		return -1;
	for (size_t i = 0; i < v->nr; i++)
		near[i].addr = v->row[i].caller_addr;
	qsort(near, v->nr, sizeof(*near), by_caller);
	for (size_t i = 0; i < v->nr; i++)
		if (near[i].addr && (!nr || near[nr - 1].addr != near[i].addr))
			near[nr++] = near[i];
	ksyms_nearest(KALLSYMS, near, nr);
	for (size_t i = 0; i < v->nr; i++) {
		key.addr = v->row[i].caller_addr;
		found = key.addr ? bsearch(&key, near, nr, sizeof(*near), by_caller) : NULL;
		if (found && found->start)
			vmaps_set_caller(&v->row[i], found->name);
	}
	free(near);
	return 0;
}

/* 0, or -1 with v->why: then nothing was read. */
static int read_bpf(struct vmaps *v, struct reader *r)
{
	__u64 heads[HEADS_MAX];
	struct kvas_reader_area *a = NULL;
	size_t nr_heads = find_heads(r, heads, v->why, sizeof(v->why)), nr;
	struct err e = { 0 };
	int failed = -1;

	if (!nr_heads)
		return -1;
	if (reader_areas_create(&v->reader, &e))
		v->reader = NULL;
	for (int i = 0; v->reader && i < TRIES && failed; i++)
		failed = reader_areas(v->reader, heads, nr_heads, &a, &nr, &e);
	snprintf(v->why, sizeof(v->why), "%.159s", failed ? e.text : "");
	if (failed)
		return -1;
	v->row = calloc(nr + !nr, sizeof(*v->row));
	v->nr = v->row ? nr : 0;
	for (size_t i = 0; i < v->nr; i++)
		v->row[i] = (struct vmap_row){ .start = a[i].start, .bytes = a[i].end - a[i].start,
					       .pages = a[i].pages, .phys = a[i].phys,
					       .caller_addr = a[i].caller };
	failed = !v->row || name_callers(v);
	for (size_t i = 0; i < v->nr; i++)
		v->row[i].type = a[i].has_vm ? vmaps_type(a[i].flags, v->row[i].caller) : KVAS_AREA_RAM;
	free(a);
	v->by_bpf = v->addresses = !failed;
	return failed ? -1 : 0;
}

int vmaps_read(struct vmaps *out, struct reader *r, struct err *e)
{
	memset(out, 0, sizeof(*out));
	if (!read_bpf(out, r))
		vmaps_read_file(out, VMALLOCINFO, true, NULL); /* without it these are not told of */
	else if (vmaps_read_file(out, VMALLOCINFO, false, e))
		return -1;
	vmaps_sort(out);
	return 0;
}

void vmaps_close(struct vmaps *v)
{
	reader_destroy(v->reader);
	vmaps_free(v);
}

static void walk_row(struct vmaps *v, struct vmap_row *row, struct reader *r, __u64 pgd,
		     const struct paging *p, __u64 page_offset)
{
	__u64 next = 0, runs = 0, large = 0;
	struct walk w;

	for (__u64 i = 0; i < row->pages; i++) {
		if (walk_steady(reader_read, r, pgd, p, page_offset, row->start + i * X86_TABLE_BYTES, &w) !=
			    WALK_DONE || !w.leaf_level) {
			v->unwalked += row->pages - i;
			return; /* it went meanwhile */
		}
		runs += !i || w.pa != next;
		large += w.leaf_level > 1;
		next = w.pa + X86_TABLE_BYTES;
	}
	row->runs = runs;
	row->large = large;
}

void vmaps_walk(struct vmaps *v, struct reader *r, __u64 pgd, const struct paging *p, __u64 page_offset)
{
	__u64 left = VMAPS_PAGES;

	for (size_t i = 0; i < v->nr; i++) {
		struct vmap_row *row = &v->row[i];

		if (!row->start || !row->pages)
			continue;
		if (row->pages > left) {
			v->unwalked += row->pages;
			continue;
		}
		left -= row->pages;
		walk_row(v, row, r, pgd, p, page_offset);
	}
}
