/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A paging geometry: how the tables of one kind of x86 kernel are built, and where that kernel's
 * regions lie. All that walks tables takes it from here. Tables with 4 and 5 levels are known;
 * 32-bit ones (two levels, PAE) fit the struct.
 */
#ifndef KVAS_PAGING_H
#define KVAS_PAGING_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"
#include "kvas/x86.h"

/* Read LEN bytes of kernel memory at virtual address VA; 0 or -1. */
typedef int (*kread_fn)(void *ctx, __u64 va, void *buf, size_t len);

#define PAGING_LEVELS 5 /* at most */
#define PAGING_ENTRIES 1024 /* of a table, at most: two-level ones */
#define PAGING_STRIPS 3

/* The tables of one level. Entries have the bits of kvas/x86.h, as far as they are this wide. */
struct paging_level {
	unsigned int shift; /* log2 of the bytes an entry covers */
	unsigned int entries; /* of a table */
	/* Of an entry with X86_PTE_PS above level 1. LEAF: it maps memory; else that bit is
	 * reserved. RESERVED: bits that must then be 0. */
	bool leaf;
	__u64 reserved;
	__u64 leaf_pa; /* where a leaf has its physical address */
	__u64 leaf_pa_high; /* more of it, HIGH_SHIFT bits further up (PSE-36); 0 none */
	unsigned int high_shift;
	__u64 pat; /* of a leaf */
	__u64 rights; /* X86_PTE_RW, X86_PTE_US that an entry has: clear they deny */
};

struct paging_range {
	__u64 start, end; /* end exclusive; both 0 none */
};

/* A region whose base KASLR may move: where it begins without, and the room it then has. */
struct paging_base {
	__u64 start, bytes;
};

struct paging {
	int levels;
	unsigned int entry_bytes; /* 4 or 8 */
	struct paging_level level[PAGING_LEVELS]; /* by level - 1 */
	__u64 table_pa; /* where an entry has the physical address of a table */
	__u64 nx; /* the bit that forbids execution; 0 none */
	/* Confidential computing: a bit beside the address, and the word of an entry that has it. */
	__u64 cc; /* 0 none */
	const char *cc_word;
	/* Of an entry without X86_PTE_P, which the processor ignores, in user memory. */
	struct paging_absent {
		__u64 prot_none; /* the page is in memory, and no access is allowed */
		bool inverted; /* addresses and offsets are inverted, against L1TF */
		unsigned int type_shift, offset_shift, offset_bits; /* of a page that was moved */
		unsigned int first_special; /* types below are swap areas' */
	} absent; /* all 0: not known */

	/* Addresses. */
	unsigned int va_bits; /* that tables translate */
	bool sign_extended; /* the bits above equal the highest of these; else they are 0 */
	__u64 last; /* the highest address */
	unsigned int kernel_first; /* the first top-level entry of the kernel's half */
	int own_entry; /* the one in it that is a process's own (LDT); -1 none */

	/* Regions. A range of 0, 0: it is not there, or has no fixed place. */
	struct paging_range fixed[KVAS_REGION_COUNT];
	/* The image's end where CONFIG_RANDOMIZE_BASE is not certain: the image is then smaller,
	 * and modules may begin there. */
	__u64 image_least_end;
	__u64 text; /* _text without KASLR: with CONFIG_PHYSICAL_START as all distributions have */
	struct paging_base direct_map, vmalloc, vmemmap;
	__u64 randomized_end; /* these three end below this */
	struct paging_range kasan; /* where none of them moved */
	__u64 strip_bytes[PAGING_STRIPS]; /* pictures to scale, each of so much up to LAST */
};

/* The geometry of a 64-bit kernel with LEVELS 4 or 5; NULL for any other number. */
const struct paging *paging_of(int levels);

/* What an entry with the bit of paging_confidential() is. */
#define PAGING_ENCRYPTED "ENC" /* encrypted: AMD's C-bit (SME, SEV) */
#define PAGING_SHARED "SHARED" /* with the hypervisor (TDX) */
/* From now on, BIT of entries of 64-bit tables is no part of the address; WORD, which is static, names
 * those that have it. 0, NULL: there is none, as at first. Before anything is walked. */
void paging_confidential(__u64 bit, const char *word);

static inline const struct paging_level *paging_level(const struct paging *p, int level)
{
	return &p->level[level - 1];
}

/* Bytes that an entry at LEVEL (1 to p->levels) covers. */
static inline __u64 paging_bytes(const struct paging *p, int level)
{
	return 1ULL << paging_level(p, level)->shift;
}

/* The index of the entry that translates VA in a table at LEVEL. */
static inline unsigned int paging_index(const struct paging *p, int level, __u64 va)
{
	return va >> paging_level(p, level)->shift & (paging_level(p, level)->entries - 1);
}

/* Entries of the top-level table. */
static inline unsigned int paging_top(const struct paging *p)
{
	return paging_level(p, p->levels)->entries;
}

/* Lowest address that entry INDEX of the top-level table translates. */
__u64 paging_top_va(const struct paging *p, unsigned int index);

/* Is VA in the kernel's half? */
static inline bool paging_kernel_half(const struct paging *p, __u64 va)
{
	return va >= paging_top_va(p, p->kernel_first);
}

/* Read the table of LEVEL at VA into ENTRY, widened to 64 bits, or entry INDEX of it. READ and
 * CTX as of walk_va. 0 or -1. */
int paging_read_table(const struct paging *p, kread_fn read, void *ctx, __u64 va, int level,
		      __u64 entry[PAGING_ENTRIES]);
int paging_read_entry(const struct paging *p, kread_fn read, void *ctx, __u64 va,
		      unsigned int index, __u64 *entry);

#endif
