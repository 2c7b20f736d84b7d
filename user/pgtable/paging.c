// SPDX-License-Identifier: GPL-2.0
/*
 * Intel SDM volume 3A chapter 4, and the map of Documentation/arch/x86/x86_64/mm.rst. The bases
 * of the direct map, vmalloc and vmemmap are randomised (arch/x86/mm/kaslr.c), which never moves
 * one down; the rest is fixed.
 */
#include "pgtable/paging.h"

#include <string.h>

#define GIB (1ULL << 30)
#define TIB (1ULL << 40)

#define BOTH (X86_PTE_RW | X86_PTE_US)
/* A large leaf's address bits below its size are reserved, but for PAT. */
#define LARGE(bits) { .shift = bits, .entries = X86_PTRS_PER_TABLE, .leaf = true,               \
		      .reserved = X86_PTE_PA_MASK & ((1ULL << (bits)) - 1) & ~X86_PTE_PAT_LARGE, \
		      .leaf_pa = X86_PTE_PA_MASK & ~((1ULL << (bits)) - 1),                      \
		      .pat = X86_PTE_PAT_LARGE, .rights = BOTH }
#define SMALL { .shift = 12, .entries = X86_PTRS_PER_TABLE, .leaf = true,                    \
		.leaf_pa = X86_PTE_PA_MASK, .pat = X86_PTE_PAT, .rights = BOTH }
#define TABLES(bits) { .shift = bits, .entries = X86_PTRS_PER_TABLE, .rights = BOTH }

#define LONG_MODE                                                                               \
	.entry_bytes = 8, .table_pa = X86_PTE_PA_MASK, .nx = X86_PTE_NX, .sign_extended = true, \
	.last = ~0ULL, .kernel_first = X86_PTRS_PER_TABLE / 2,                                  \
	/* LDT_PGD_ENTRY, arch/x86/include/asm/pgtable_64_types.h, 4.15 to 7.2 */               \
	.own_entry = X86_PTRS_PER_TABLE - 240,                                                  \
	/* arch/x86/include/asm/pgtable_64.h and pgtable-invert.h, 4.19 to 7.2; of 32 swap types  \
	 * at most 9 are special: include/linux/swap.h, MAX_SWAPFILES */                        \
	.absent = { .prot_none = X86_PTE_G, .inverted = true, .type_shift = 59,                 \
		    .offset_shift = 9, .offset_bits = 50, .first_special = 23 }

#define CPU_ENTRY_AREA_START 0xfffffe0000000000ULL
/* KERNEL_IMAGE_SIZE, hence the start of the modules, is 1 GiB with CONFIG_RANDOMIZE_BASE and
 * 512 MiB without. */
#define MODULES_SURE_START 0xffffffffc0000000ULL
/* FIXADDR_START floats; nothing else lies between the modules and the vsyscall page
 * (VSYSCALL_ADDR, arch/x86/include/uapi/asm/vsyscall.h). */
#define MODULES_END 0xffffffffff000000ULL
#define VSYSCALL_START 0xffffffffff600000ULL
#define FIXED(user_end, ldt_start, ldt_end)                                                      \
	.fixed = {                                                                               \
		[KVAS_REGION_USER] = { 0, user_end },                                            \
		[KVAS_REGION_LDT] = { ldt_start, ldt_end },                                      \
		[KVAS_REGION_CPU_ENTRY_AREA] = { CPU_ENTRY_AREA_START, 0xfffffe8000000000ULL },  \
		[KVAS_REGION_ESPFIX] = { 0xffffff0000000000ULL, 0xffffff8000000000ULL },         \
		[KVAS_REGION_EFI] = { 0xffffffef00000000ULL, 0xffffffff00000000ULL },            \
		[KVAS_REGION_KERNEL_IMAGE] = { X86_KERNEL_MAP, MODULES_SURE_START },             \
		[KVAS_REGION_MODULES] = { MODULES_SURE_START, MODULES_END },                     \
		[KVAS_REGION_FIXMAP] = { MODULES_END, VSYSCALL_START },                          \
		[KVAS_REGION_VSYSCALL] = { VSYSCALL_START, VSYSCALL_START + 4096 },              \
	},                                                                                       \
	.image_least_end = 0xffffffffa0000000ULL, .text = 0xffffffff81000000ULL,                 \
	.randomized_end = CPU_ENTRY_AREA_START

static const struct paging four = {
	.levels = 4,
	.level = { SMALL, LARGE(21), LARGE(30), TABLES(39) },
	LONG_MODE,
	.va_bits = 48,
	FIXED(1ULL << 47, 0xffff880000000000ULL, 0xffff888000000000ULL),
	.direct_map = { 0xffff888000000000ULL, 64 * TIB },
	.vmalloc = { 0xffffc90000000000ULL, 32 * TIB },
	.vmemmap = { 0xffffea0000000000ULL, TIB },
	.kasan = { 0xffffec0000000000ULL, 0xfffffc0000000000ULL },
	.strip_bytes = { 128 * TIB, 512 * GIB, 2 * GIB },
};

static const struct paging five = {
	.levels = 5,
	.level = { SMALL, LARGE(21), LARGE(30), TABLES(39), TABLES(48) },
	LONG_MODE,
	.va_bits = 57,
	FIXED(1ULL << 56, 0xff10000000000000ULL, 0xff11000000000000ULL),
	.direct_map = { 0xff11000000000000ULL, 32 * 1024 * TIB },
	.vmalloc = { 0xffa0000000000000ULL, 12800 * TIB },
	.vmemmap = { 0xffd4000000000000ULL, 512 * TIB },
	.kasan = { 0xffdf000000000000ULL, 0xfffffc0000000000ULL },
	.strip_bytes = { 64 * 1024 * TIB, 512 * GIB, 2 * GIB },
};

/* Those of 4 and 5 levels of a machine that has such a bit; levels 0: it has none. */
static struct paging confidential[2];

const struct paging *paging_of(int levels)
{
	if (levels != 4 && levels != 5)
		return NULL;
	if (confidential[levels - 4].levels)
		return &confidential[levels - 4];
	return levels == 4 ? &four : &five;
}

void paging_confidential(__u64 bit, const char *word)
{
	confidential[0] = four;
	confidential[1] = five;
	for (int i = 0; i < 2; i++) {
		struct paging *p = &confidential[i];

		p->cc = bit;
		p->cc_word = word;
		p->table_pa &= ~bit;
		for (int level = 0; level < p->levels; level++)
			p->level[level].leaf_pa &= ~bit;
		if (!bit)
			p->levels = 0;
	}
}

__u64 paging_top_va(const struct paging *p, unsigned int index)
{
	int unused = 64 - p->va_bits;
	__u64 va = (__u64)index << paging_level(p, p->levels)->shift;

	return p->sign_extended ? (__u64)((__s64)(va << unused) >> unused) : va;
}

int paging_read_table(const struct paging *p, kread_fn read, void *ctx, __u64 va, int level,
		      __u64 entry[PAGING_ENTRIES])
{
	unsigned int n = paging_level(p, level)->entries;
	__u32 narrow;

	if (read(ctx, va, entry, (size_t)n * p->entry_bytes))
		return -1;
	/* In place, from the last on: none is written over before it was read. */
	for (unsigned int i = n; p->entry_bytes == sizeof(narrow) && i--;) {
		memcpy(&narrow, (char *)entry + i * sizeof(narrow), sizeof(narrow));
		entry[i] = narrow;
	}
	return 0;
}

int paging_read_entry(const struct paging *p, kread_fn read, void *ctx, __u64 va,
		      unsigned int index, __u64 *entry)
{
	*entry = 0; /* x86 is little-endian: a narrow entry is the lower half */
	return read(ctx, va + index * p->entry_bytes, entry, p->entry_bytes);
}
