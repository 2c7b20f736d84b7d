/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The areas of vmalloc addresses that exist now: from the kernel's own lists, read by BPF, where
 * kallsyms tells where these are, else from /proc/vmallocinfo, which may hide addresses.
 */
#ifndef KVAS_VMAPS_H
#define KVAS_VMAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "kernel/reader.h"
#include "kvas/wire.h"
#include "model/meta.h"
#include "pgtable/paging.h"

#define VMALLOCINFO "/proc/vmallocinfo"

struct vmap_row {
	__u64 start; /* 0: hidden */
	__u64 bytes; /* of addresses, the guard page behind included */
	__u64 pages; /* of 4K, that it has of its own */
	__u64 phys; /* of ioremap; 0 not told */
	__u64 caller_addr; /* by BPF; 0 not told */
	__u64 flags; /* by BPF: KVAS_VMFLAG_* */
	__u64 runs; /* how many physically contiguous pieces its pages make; 0 not looked at */
	__u64 large; /* of its pages, those that are mapped in pages of 2M or more */
	enum kvas_area_type type;
	char caller[KVAS_FUNCTION_LEN]; /* the function that asked for it; "" not told */
};

struct vmaps {
	struct vmap_row *row; /* by address, those that are hidden last */
	size_t nr;
	bool by_bpf;
	bool addresses; /* are known */
	bool freed; /* areas that wait for a purge are among the rows */
	char why[160]; /* why not by BPF */
	struct reader *reader; /* has areas of its own, which stay until vmaps_close(); NULL none */
	__u64 *heads; /* of the kernel's lists, where by_bpf */
	size_t nr_heads;
	__u64 unwalked; /* pages that were not looked at, beyond VMAPS_PAGES, or that changed */
};

/* So many pages are walked to see how they lie in memory. */
#define VMAPS_PAGES (1u << 18)

/* Read them, by BPF or from VMALLOCINFO, and name their callers; R runs programs. The caller ends with
 * vmaps_close(). -1 with E. */
int vmaps_read(struct vmaps *out, struct reader *r, const struct vmap_lists *lists, struct err *e);
/* The same in two steps, for who gives up rights between them: load what reads them by BPF, or else read
 * the rows of VMALLOCINFO at once; then vmaps_fill() reads the rows, if by_bpf, of areas that are not
 * freed, with caller_addr and without caller. -1 with E. */
int vmaps_open(struct vmaps *out, struct reader *r, const struct vmap_lists *lists, struct err *e);
int vmaps_fill(struct vmaps *v, struct err *e);
void vmaps_close(struct vmaps *v);
/* The rows alone, of vmaps_read_file(). */
void vmaps_free(struct vmaps *v);

/* Add the rows of FILE (VMALLOCINFO) to V; with FREED_ALONE those that wait for a purge. -1 with E. */
int vmaps_read_file(struct vmaps *v, const char *file, bool freed_alone, struct err *e);
/* Put the rows in order. */
void vmaps_sort(struct vmaps *v);
/* The function's name, of WORD, which is FUNCTION or FUNCTION+0xAT/0xSIZE. */
void vmaps_set_caller(struct vmap_row *row, const char *word);
/* The row of a LINE of /proc/vmallocinfo; false when it is none. */
bool vmaps_parse(const char *line, struct vmap_row *out);
/* What an area of FLAGS (KVAS_VMFLAG_*) that CALLER asked for holds. */
enum kvas_area_type vmaps_type(__u64 flags, const char *caller);

/* Walk the rows' pages from PGD on: runs and large. PAGE_OFFSET as of the layout. */
void vmaps_walk(struct vmaps *v, struct reader *r, __u64 pgd, const struct paging *p, __u64 page_offset);
/* The largest range of [START, END) where no area is that is not freed: its bytes, and where it
 * begins. 0 where addresses are hidden. */
__u64 vmaps_gap(const struct vmaps *v, __u64 start, __u64 end, __u64 *at);

#endif
