/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bits of x86-64 page-table entries and of CR3 as Linux uses them: Intel SDM
 * volume 3A chapter 4, arch/x86/include/asm/{pgtable_types,processor-flags}.h.
 * Usable from BPF and user space: no types, no libc.
 */
#ifndef KVAS_X86_H
#define KVAS_X86_H

/* Page-table entries, all levels unless noted. */
#define X86_PTE_P (1ULL << 0) /* present: without it no other bit means anything */
#define X86_PTE_RW (1ULL << 1)
#define X86_PTE_US (1ULL << 2)
#define X86_PTE_PWT (1ULL << 3)
#define X86_PTE_PCD (1ULL << 4)
#define X86_PTE_A (1ULL << 5)
#define X86_PTE_D (1ULL << 6) /* leaves only */
#define X86_PTE_PS (1ULL << 7) /* levels 3 and 2: a leaf; level 1: PAT; above 3: reserved */
#define X86_PTE_G (1ULL << 8) /* leaves only */
#define X86_PTE_PAT (1ULL << 7) /* leaves of level 1 */
#define X86_PTE_PAT_LARGE (1ULL << 12) /* leaves of levels 3 and 2 */
#define X86_PTE_SOFT_DIRTY (1ULL << 11) /* Linux's, leaves of user memory (_PAGE_BIT_SOFT_DIRTY) */
#define X86_PTE_PKEY_SHIFT 59 /* 4 bits, leaves of user memory */
#define X86_PTE_NX (1ULL << 63)
#define X86_PTE_PA_MASK 0x000ffffffffff000ULL /* physical address, bits 12 to 51 */

/* Of 64-bit tables: entries a table. What else depends on the geometry is in pgtable/paging.h. */
#define X86_PTRS_PER_TABLE 512
#define X86_TABLE_BYTES 4096 /* and of a page */

/* __START_KERNEL_map: an image at its address less this would be in memory at phys_base 0. */
#define X86_KERNEL_MAP 0xffffffff80000000ULL

/* CR3. */
#define X86_CR3_PCID_MASK 0xfffULL /* with CR4.PCIDE */
#define X86_CR3_PTI_PCID_USER (1ULL << 11) /* KPTI: the user half of a PCID pair */
#define X86_CR3_PTI_PGTABLE_USER (1ULL << 12) /* KPTI: the user table, PGD page + 4096 */
#define X86_CR3_PCID_NOFLUSH (1ULL << 63)

#endif
