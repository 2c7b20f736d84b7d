/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/confidential.h"

#include <cpuid.h>

#include "pgtable/paging.h"

#define LEAF_TDX 0x21
#define LEAF_PHYS 0x80000008
#define LEAF_SEV 0x8000001f
#define SME_OR_SEV 3 /* bits 0 and 1 of EAX */

/* "IntelTDX    ", in EBX, EDX and ECX (TDX module's base specification, CPUID virtualization). */
static int is_tdx(const struct cpuid_leaf *l)
{
	return l->ebx == 0x65746e49 && l->edx == 0x5844546c && l->ecx == 0x20202020;
}

__u64 confidential_bit(const struct cpuid_leaf *sev, const struct cpuid_leaf *phys, const struct cpuid_leaf *tdx,
		       const char **word)
{
	unsigned int bit = 0;

	*word = NULL;
	if (sev->eax & SME_OR_SEV) {
		bit = sev->ebx & 63;
		*word = PAGING_ENCRYPTED;
	} else if (is_tdx(tdx)) {
		/* The highest bit of a guest's physical addresses, 48 or 52 bits wide. */
		bit = (phys->eax & 255) - 1;
		*word = PAGING_SHARED;
	}
	/* What is no bit of an address is none to be taken out of it. */
	if (bit < 32 || bit > 51) {
		*word = NULL;
		return 0;
	}
	return 1ULL << bit;
}

static struct cpuid_leaf ask(unsigned int leaf)
{
	struct cpuid_leaf l = { 0 };

	if (!__get_cpuid_count(leaf, 0, &l.eax, &l.ebx, &l.ecx, &l.edx))
		return (struct cpuid_leaf){ 0 };
	return l;
}

void confidential_learn(void)
{
	struct cpuid_leaf sev = ask(LEAF_SEV), phys = ask(LEAF_PHYS), tdx = ask(LEAF_TDX);
	const char *word;
	__u64 bit = confidential_bit(&sev, &phys, &tdx, &word);

	if (bit)
		paging_confidential(bit, word);
}
