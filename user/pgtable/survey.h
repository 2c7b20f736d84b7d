/* SPDX-License-Identifier: GPL-2.0 */
/* All that one table maps of the kernel's half, by region. No I/O. */
#ifndef KVAS_SURVEY_H
#define KVAS_SURVEY_H

#include <linux/types.h>

#include "pgtable/region.h"
#include "pgtable/scan.h"

/* A picture to scale: that many columns of equal size. */
#define STRIP_COLUMNS 64
struct strip {
	__u64 start, bytes; /* of the whole strip */
	/* By column, a bit per region (1 << enum kvas_region) of which something is mapped. */
	__u32 mapped[STRIP_COLUMNS];
};
/* With 64-bit tables: the kernel's half; its last 512 GiB; its last 2 GiB. */
#define STRIPS PAGING_STRIPS

struct region_use {
	__u64 leaves[3]; /* by level: 4K, 2M, 1G with 64-bit tables */
	__u64 bytes; /* mapped */
	__u64 first, end; /* lowest mapped address; one past the highest, 0 the top */
	__u64 writable, first_writable; /* bytes, and the lowest address of them */
	__u64 writable_executable; /* bytes */
	__u64 unread; /* ranges that could not be read and lie in it, or may */
};

struct survey {
	struct region_use region[KVAS_REGION_COUNT];
	struct strip strip[STRIPS];
	bool phys_base_known; /* a page of the image was met */
	__s64 phys_base; /* of the image physical = address - X86_KERNEL_MAP + this: by its first page */
	__u64 tables_read;
	__u64 changed; /* entries that changed while their table was read, and were re-read */
	__u64 unread; /* ranges that could not be read: the figures are lower bounds */
};

/* The phys_base that LEAF, of the image, tells. Below 0 where the image is in memory below the
 * place it is linked for. */
static inline __s64 survey_phys_base(const struct scan_leaf *leaf)
{
	return leaf->pa - (leaf->va - X86_KERNEL_MAP);
}

/* Bytes that U maps. */
__u64 region_use_bytes(const struct region_use *u);

/* Called for each leaf in order of address, with the region it begins in; may be NULL. */
typedef void (*survey_fn)(void *ctx, const struct scan_leaf *leaf, enum kvas_region region);

/* Look through the kernel's half of the table at PGD_VA, under the layout L (its levels
 * and page_offset known). READ and CTX as of walk_va. */
void survey_kernel(const struct layout *l, kread_fn read, void *ctx, __u64 pgd_va, survey_fn each,
		   void *each_ctx, struct survey *out);

/* What the table of user mode (KPTI) maps of the kernel, in short. */
struct user_table {
	__u64 bytes, entry_area, image;
	__u64 linear; /* pages of the direct map and of vmalloc */
	__u64 forbidden, example; /* bytes of what none may map, and where */
	__u64 unread; /* as of struct survey */
};
void survey_user_table(const struct survey *s, struct user_table *out);

#endif
