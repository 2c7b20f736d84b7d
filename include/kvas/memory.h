/* SPDX-License-Identifier: GPL-2.0 */
/* What passes between the kernel reader (memory.bpf.c) and user space. */
#ifndef KVAS_MEMORY_H
#define KVAS_MEMORY_H

#define KVAS_MEMORY_PAGE 4096

struct kvas_memory {
	__u64 va; /* in: where to read */
	__u32 len; /* in: bytes, at most KVAS_MEMORY_PAGE */
	__s32 result; /* out: 0 or -errno */
	__u64 task; /* out, of "self": struct task_struct of the caller */
	__u64 stack;
	__u64 mm;
	__u64 pgd;
	__u32 page_size; /* sizeof(struct page) */
	__u32 pt_mm_offset; /* of the page's pointer to its mm */
	__u32 pt_mm_known;
	__u32 zero;
	__u8 data[KVAS_MEMORY_PAGE]; /* out: of "kread" */
};

_Static_assert(sizeof(struct kvas_memory) == 64 + KVAS_MEMORY_PAGE, "memory");

#endif
