/* SPDX-License-Identifier: GPL-2.0 */
/* How large a kernel stack is: THREAD_SIZE. No I/O. */
#ifndef KVAS_THREAD_SIZE_H
#define KVAS_THREAD_SIZE_H

#include <linux/types.h>

/* From two sources that know nothing of each other: BY_BTF, the size of struct irq_stack (0
 * unknown), which is built to be the same; and FRAME, an address that a system call reached on
 * the stack whose lowest address is STACK. A system call's frames are near the top, so the
 * stack is the least power of two of pages that holds FRAME: 16 KiB, or 32 KiB under KASAN.
 * A FRAME that is not on that stack says nothing (BPF programs may have stacks of their own).
 * Either source alone is enough. 0: neither tells, or the two do not agree. */
__u32 thread_size_of(__u32 by_btf, __u64 stack, __u64 frame);

#endif
