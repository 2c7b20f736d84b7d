/* SPDX-License-Identifier: GPL-2.0 */
/* Who called the kernel's vmalloc code, from the stack where it ran. */
#ifndef KVAS_CALLERS_H
#define KVAS_CALLERS_H

#include "kernel/symbols.h"
#include "kvas/wire.h"

/* R's stack becomes R's caller: the function that called into mm/vmalloc.c or, of a TLB
 * flush, flush_tlb_kernel_range(). What these call among themselves is passed over, with
 * the wrappers whose callers /proc/vmallocinfo names in their stead. "" when the stack does
 * not show it or S is NULL. */
void callers_name(const struct symbols *s, struct kvas_rec_vmalloc *r);

#endif
