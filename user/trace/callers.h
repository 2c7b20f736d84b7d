/* SPDX-License-Identifier: GPL-2.0 */
/* Who called the kernel's code that is hooked, from the stack where it ran. */
#ifndef KVAS_CALLERS_H
#define KVAS_CALLERS_H

#include "kernel/symbols.h"
#include "kvas/wire.h"

/* R's stack becomes R's caller: the function that called into mm/vmalloc.c or, of a TLB
 * flush, flush_tlb_kernel_range(). What these call among themselves is passed over, with
 * the wrappers whose callers /proc/vmallocinfo names in their stead. "" when the stack does
 * not show it or S is NULL. */
void callers_name(const struct symbols *s, struct kvas_rec_vmalloc *r);

/* The same of STACK, KVAS_MEMORY_STACK return addresses or fewer and 0s, where memory is
 * put to USE (enum kvas_memory_use): of pages who called into mm/page_alloc.c,
 * mm/mempolicy.c or their wrappers; of copies who had __check_object_size() called, NULL
 * when it was no copy from or to user memory after all: the iterator was one of kernel
 * memory. */
const char *callers_of_memory(const struct symbols *s, const __u64 *stack, __u32 use);

#endif
