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

/* The heads of the kernel's lists of areas, or none with v->why. */
static void find_heads(struct vmaps *v, struct reader *r, const struct vmap_lists *l)
{
	struct reader_self self;
	__u64 nodes = 0;
	__u32 nr = 1;

	if (!l->area_list && (!l->nodes || !l->nr_nodes || reader_self(r, &self))) {
		snprintf(v->why, sizeof(v->why), "kallsyms does not tell where vmap_area_list or vmap_nodes is");
		return;
	}
	if (!l->area_list && (!self.vmap_node_size || reader_read(r, l->nodes, &nodes, sizeof(nodes)) ||
			      reader_read(r, l->nr_nodes, &nr, sizeof(nr)) || !nr || nr > HEADS_MAX)) {
		snprintf(v->why, sizeof(v->why), "vmap_nodes cannot be read");
		return;
	}
	v->heads = calloc(nr, sizeof(*v->heads));
	v->nr_heads = v->heads ? nr : 0;
	for (__u32 i = 0; i < v->nr_heads; i++)
		v->heads[i] = l->area_list ?: nodes + (__u64)i * self.vmap_node_size + self.vmap_node_list;
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

int vmaps_open(struct vmaps *out, struct reader *r, const struct vmap_lists *lists, struct err *e)
{
	struct err why = { 0 };

	memset(out, 0, sizeof(*out));
	find_heads(out, r, lists);
	if (out->nr_heads && reader_areas_create(&out->reader, &why)) {
		out->reader = NULL;
		snprintf(out->why, sizeof(out->why), "%.159s", why.text);
	}
	out->by_bpf = out->reader;
	return out->by_bpf ? 0 : vmaps_read_file(out, VMALLOCINFO, false, e);
}

int vmaps_fill(struct vmaps *v, struct err *e)
{
	struct kvas_reader_area *a = NULL;
	int failed = -1;
	size_t nr = 0;

	if (!v->by_bpf)
		return 0;
	for (int i = 0; i < TRIES && failed; i++)
		failed = reader_areas(v->reader, v->heads, v->nr_heads, &a, &nr, e);
	if (failed)
		return -1;
	v->row = calloc(nr + !nr, sizeof(*v->row));
	v->nr = v->row ? nr : 0;
	for (size_t i = 0; i < v->nr; i++)
		v->row[i] = (struct vmap_row){
			.start = a[i].start, .bytes = a[i].end - a[i].start, .pages = a[i].pages,
			.phys = a[i].phys, .caller_addr = a[i].caller,
			/* With its caller's name there is more to tell. */
			.type = a[i].has_vm ? vmaps_type(a[i].flags, "") : KVAS_AREA_RAM,
			.flags = a[i].flags,
		};
	free(a);
	v->addresses = v->row;
	return v->row ? 0 : err_set(e, "out of memory");
}

/* The rows by BPF, named. -1 with v->why: then there are none. */
static int read_bpf(struct vmaps *v)
{
	struct err e = { 0 };

	if (vmaps_fill(v, &e) || name_callers(v)) {
		snprintf(v->why, sizeof(v->why), "%.159s", e.text[0] ? e.text : "out of memory");
		free(v->row);
		v->row = NULL;
		v->nr = 0;
		v->by_bpf = v->addresses = false;
		return -1;
	}
	for (size_t i = 0; i < v->nr; i++)
		if (v->row[i].type != KVAS_AREA_RAM)
			v->row[i].type = vmaps_type(v->row[i].flags, v->row[i].caller);
	return 0;
}

int vmaps_read(struct vmaps *out, struct reader *r, const struct vmap_lists *lists, struct err *e)
{
	if (vmaps_open(out, r, lists, e))
		return -1;
	if (out->by_bpf && !read_bpf(out))
		vmaps_read_file(out, VMALLOCINFO, true, NULL); /* without it these are not told of */
	else if (out->reader && vmaps_read_file(out, VMALLOCINFO, false, e))
		return -1;
	vmaps_sort(out);
	return 0;
}

void vmaps_close(struct vmaps *v)
{
	reader_destroy(v->reader);
	free(v->heads);
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
