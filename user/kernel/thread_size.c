// SPDX-License-Identifier: GPL-2.0
#include "kernel/thread_size.h"

#define SMALLEST (2U * 4096) /* x86-64's until 3.15, and 32-bit's */
#define LARGEST (64U * 1024) /* twice KASAN's */

__u32 thread_size_of(__u32 by_btf, __u64 stack, __u64 frame)
{
	__u64 used = frame - stack;
	__u32 by_frame = SMALLEST;

	if (used >= LARGEST)
		return by_btf;
	while (by_frame < used)
		by_frame *= 2;
	return by_btf && by_btf != by_frame ? 0 : by_frame;
}
