/* SPDX-License-Identifier: GPL-2.0 */
/* Confidential computing, as the processor tells of it. */
#ifndef KVAS_CONFIDENTIAL_H
#define KVAS_CONFIDENTIAL_H

#include <linux/types.h>

/* What CPUID says, leaf by leaf. */
struct cpuid_leaf {
	__u32 eax, ebx, ecx, edx;
};

/* The bit of page-table entries that SEV (AMD's manual, volume 3, Fn8000_001F) is leaf 0x8000001f, PHYS
 * 0x80000008 and TDX 0x21, all 0 where there is none; WORD as of paging_confidential(). 0 none. SME that
 * is not switched on is taken for it: no address is as high as its bit. */
__u64 confidential_bit(const struct cpuid_leaf *sev, const struct cpuid_leaf *phys, const struct cpuid_leaf *tdx,
		       const char **word);

/* Tell paging_confidential() of this machine's. */
void confidential_learn(void);

#endif
