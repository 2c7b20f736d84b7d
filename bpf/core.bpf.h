/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every CO-RE flavour and compat branch, each with what made it necessary, and
 * nowhere else.
 */
#ifndef KVAS_CORE_BPF_H
#define KVAS_CORE_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "kvas/wire.h"

#define PAGE_SIZE 4096
#define PF_EXITING 0x00000004 /* include/linux/sched.h */
#define PF_KTHREAD 0x00200000
#define CLONE_VM 0x00000100 /* include/uapi/linux/sched.h */
#define CLONE_THREAD 0x00010000

/*
 * The mm a page-table page belongs to, pgd_set_mm() in arch/x86/mm/pgtable.c.
 * struct page until "mm: remove page table members from struct page" (6.12
 * still has both), struct ptdesc from 6.6 on.
 */
struct page___pt_mm {
	struct mm_struct *pt_mm;
} __attribute__((preserve_access_index));

struct ptdesc {
	struct mm_struct *pt_mm;
} __attribute__((preserve_access_index));

static __always_inline u64 page_pt_mm(const void *page)
{
	struct mm_struct *mm = 0;

	if (bpf_core_field_exists(((struct ptdesc *)0)->pt_mm))
		bpf_core_read(&mm, sizeof(mm), &((const struct ptdesc *)page)->pt_mm);
	else if (bpf_core_field_exists(((struct page___pt_mm *)0)->pt_mm))
		bpf_core_read(&mm, sizeof(mm), &((const struct page___pt_mm *)page)->pt_mm);
	return (u64)mm;
}

/* Before 5.14: the type with the direction's bit beside it; its enumerators were bits. */
struct iov_iter___bits {
	unsigned int type;
} __attribute__((preserve_access_index));

/* The record of kmalloc's tracepoint until 6.0. This field came in 5.19, with the cache as
 * the event's third argument; both are gone in 6.1. */
struct trace_event_raw_kmem_alloc___cache {
	bool accounted;
} __attribute__((preserve_access_index));

#endif
