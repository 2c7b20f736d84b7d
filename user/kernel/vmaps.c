/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/vmaps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ksyms.h"
#include "kvas/reader.h"
#include "kvas/x86.h"
#include "model/kernel_functions.h"
#include "pgtable/walk.h"

#define TRIES 5
#define HEADS_MAX 1024

enum kvas_area_type vmaps_type(__u64 flags, const char *caller)
{
	if (flags & KVAS_VMFLAG_IOREMAP)
		return KVAS_AREA_IOREMAP;
	if (kfunc_in(KFUNC_MAKES_PERCPU, caller))
		return KVAS_AREA_PERCPU;
	if (flags & KVAS_VMFLAG_MAP)
		return KVAS_AREA_VMAP;
	if (!(flags & KVAS_VMFLAG_ALLOC))
		return KVAS_AREA_OTHER;
	return kfunc_in(KFUNC_MAKES_STACK, caller)  ? KVAS_AREA_STACK :
	       kfunc_in(KFUNC_MAKES_BPF, caller)    ? KVAS_AREA_BPF :
	       kfunc_in(KFUNC_MAKES_MODULE, caller) ? KVAS_AREA_MODULE :
						      KVAS_AREA_VMALLOC;
}

/* The words of s_show(), mm/vmalloc.c, 5.10 to 7.2. */
static __u64 flag_of(const char *word)
{
	return !strcmp(word, "ioremap") ? KVAS_VMFLAG_IOREMAP :
	       !strcmp(word, "vmalloc") ? KVAS_VMFLAG_ALLOC :
	       !strcmp(word, "vmap")	? KVAS_VMFLAG_MAP :
					  0;
}

/* FUNCTION+0xAT/0xSIZE */
static void set_caller(struct vmap_row *row, const char *word)
{
	snprintf(row->caller, sizeof(row->caller), "%.*s", (int)strcspn(word, "+"), word);
}

bool vmaps_parse(const char *line, struct vmap_row *out)
{
	unsigned long long start, end, bytes, value;
	char buf[512], *save = NULL, *word;
	bool ram = false, freed = false;
	__u64 flags = 0;
	int at = 0;

	memset(out, 0, sizeof(*out));
	if (sscanf(line, "0x%llx-0x%llx %llu%n", &start, &end, &bytes, &at) != 3 || !at)
		return false;
	out->bytes = bytes;
	/* Hidden ones are not as far apart as the area is long. */
	if (end - start == bytes && start >> 63)
		out->start = start;
	snprintf(buf, sizeof(buf), "%s", line + at);
	for (word = strtok_r(buf, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		if (sscanf(word, "pages=%llu", &value) == 1)
			out->pages = value;
		else if (sscanf(word, "phys=%llx", &value) == 1)
			out->phys = value;
		else if (strstr(word, "+0x"))
			set_caller(out, word);
		flags |= flag_of(word);
		ram |= !strcmp(word, "vm_map_ram");
		freed |= !strcmp(word, "unpurged");
	}
	out->type = freed ? KVAS_AREA_FREED : ram ? KVAS_AREA_RAM : vmaps_type(flags, out->caller);
	return true;
}

static struct vmap_row *add_row(struct vmaps *v, size_t *room)
{
	size_t more = *room ? 2 * *room : 256;
	struct vmap_row *rows;

	if (v->nr == *room) {
		rows = realloc(v->row, more * sizeof(*rows));
		if (!rows)
			return NULL;
		v->row = rows;
		*room = more;
	}
	return &v->row[v->nr++];
}

/* Add the rows of /proc/vmallocinfo; with FREED alone those that wait for a purge. */
static int read_proc(struct vmaps *v, bool freed_alone, struct err *e)
{
	FILE *f = fopen(VMALLOCINFO, "re");
	size_t room = v->nr;
	struct vmap_row row, *new;
	char line[512];

	if (!f)
		return err_set_status(e, KVAS_EXIT_HOST, VMALLOCINFO " cannot be read: %s%s", strerror(errno),
				      errno == EACCES ? "; it is root's alone: that takes CAP_DAC_READ_SEARCH" :
							"");
	while (fgets(line, sizeof(line), f)) {
		if (!vmaps_parse(line, &row) || (freed_alone && row.type != KVAS_AREA_FREED))
			continue;
		new = add_row(v, &room);
		if (!new) {
			fclose(f);
			return err_set(e, "out of memory");
		}
		*new = row;
		v->addresses |= row.start != 0;
		v->freed |= row.type == KVAS_AREA_FREED;
	}
	fclose(f);
	return 0;
}

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
			set_caller(&v->row[i], found->name);
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

	for (int i = 0; nr_heads && i < TRIES && failed; i++)
		failed = reader_areas(heads, nr_heads, &a, &nr, &e);
	if (!nr_heads)
		return -1;
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

static int by_start(const void *a, const void *b)
{
	const struct vmap_row *x = a, *y = b;

	if (!x->start != !y->start)
		return x->start ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

int vmaps_read(struct vmaps *out, struct reader *r, struct err *e)
{
	memset(out, 0, sizeof(*out));
	if (!read_bpf(out, r))
		read_proc(out, true, NULL); /* without it these are not told of */
	else if (read_proc(out, false, e))
		return -1;
	qsort(out->row, out->nr, sizeof(*out->row), by_start);
	return 0;
}

void vmaps_free(struct vmaps *v)
{
	free(v->row);
	memset(v, 0, sizeof(*v));
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

__u64 vmaps_gap(const struct vmaps *v, __u64 start, __u64 end, __u64 *at)
{
	__u64 from = start, best = 0;

	*at = 0;
	for (size_t i = 0; i <= v->nr && v->addresses; i++) {
		const struct vmap_row *row = i < v->nr ? &v->row[i] : NULL;
		__u64 to = row ? row->start : end;

		if (row && (row->type == KVAS_AREA_FREED || row->start < start || row->start >= end))
			continue;
		if (to > from && to - from > best) {
			best = to - from;
			*at = from;
		}
		if (row && row->start + row->bytes > from)
			from = row->start + row->bytes;
	}
	return best;
}
