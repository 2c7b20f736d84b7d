/* SPDX-License-Identifier: GPL-2.0 */
/* Read kernel memory through BPF, a page at most at a time. */
#ifndef KVAS_READER_H
#define KVAS_READER_H

#include <linux/types.h>
#include <stddef.h>

#include "err.h"

struct reader;

/* What the kernel says of the calling task and of its own types. */
struct reader_self {
	__u64 task, stack, mm, pgd;
	__u32 page_size; /* sizeof(struct page) */
	__u32 pt_mm_offset;
	int pt_mm_known;
	__u32 thread_size; /* bytes of a kernel stack; 0 unknown */
	__u32 vmap_node_size; /* sizeof(struct vmap_node), and where its list of busy areas is; 0: this */
	__u32 vmap_node_list; /* kernel has one list, vmap_area_list */
};

int reader_create(struct reader **out, struct err *e);
void reader_destroy(struct reader *r);
/* A kread_fn (pgtable/walk.h): CTX is the struct reader. */
int reader_read(void *ctx, __u64 va, void *buf, size_t len);
int reader_self(struct reader *r, struct reader_self *out);

/* The areas in the NR_HEADS lists whose heads are at HEADS; *NR rows at *ROWS, which the caller frees.
 * The lists are not locked: -1 with E when one changed under the reader, which may be tried again. */
#define READER_AREAS_MAX (1u << 22)
struct kvas_reader_area;
int reader_areas(struct reader *areas, const __u64 *heads, size_t nr_heads, struct kvas_reader_area **rows,
		 size_t *nr, struct err *e);
/* A reader for that alone; ended by reader_destroy(). */
int reader_areas_create(struct reader **out, struct err *e);

struct kvas_reader_task;
/* All tasks; *NR rows at *ROWS, which the caller frees. -1 with E. */
int reader_tasks(struct kvas_reader_task **rows, size_t *nr, struct err *e);

#endif
