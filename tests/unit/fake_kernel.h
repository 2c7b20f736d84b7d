/* SPDX-License-Identifier: GPL-2.0 */
/* A kernel made up in memory: what is mapped where, as Linux does it. */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include "fake_tables.h"
#include "kernel/layout.h"

#define GIB 0x40000000ULL
#define TIB 0x10000000000ULL

struct kernel {
	struct fake *f;
	__u64 page_offset, vmalloc, vmemmap, end;
	struct layout_input in;
	struct layout out;
	struct layout_proof proof;
	char how[80];
};

/* Memory as a PC has it: 24 GiB and a bit, a hole below 4 GiB. The first 2 MiB
 * are mapped by pages, the tail ends with pages. */
static inline void map_direct(struct fake *f)
{
	__u64 pa;

	for (pa = 0; pa < 0x200000; pa += 4096)
		fake_map(f, f->base + pa, pa, 1);
	for (; pa < GIB; pa += 0x200000)
		fake_map(f, f->base + pa, pa, 2);
	for (; pa < 24 * GIB; pa += GIB)
		if (pa != 3 * GIB)
			fake_map(f, f->base + pa, pa, 3);
	for (; pa < 24 * GIB + 0xa00000; pa += 0x200000)
		fake_map(f, f->base + pa, pa, 2);
	for (; pa < f->ram; pa += 4096)
		fake_map(f, f->base + pa, pa, 1);
}

/* Every top-level slot of vmalloc has its table; few have anything mapped. */
static inline void map_vmalloc(struct fake *f, __u64 base, __u64 bytes)
{
	__u64 slot = f->levels == 5 ? 256 * TIB : TIB / 2;

	for (__u64 va = base; va < base + bytes; va = (va | (slot - 1)) + 1)
		fake_table_of(f, va, f->levels - 1);
	fake_map(f, base, 0xfed00000, 1); /* a device */
	for (int i = 0; i < 4; i++)
		fake_map(f, base + 0x4000 + i * 4096, 0x5000000 + i * 4096, 1);
	fake_map(f, base + 9 * GIB, 0x380000000000, 2);
}

/* struct page is 64 bytes and names the mm 32 bytes in. The PGD is frame 0x145678,
 * so its struct page is 0x5159e00 bytes into vmemmap. */
static inline void set_mark(struct kernel *k, __u64 mm)
{
	fake_put(k->f, 0x10000000 + 0x5159000, 0xe20 / 8, mm);
}

static inline void map_rest(struct kernel *k)
{
	struct fake *f = k->f;

	for (__u64 at = 0; at < 384ULL << 20; at += 0x200000)
		fake_map(f, k->vmemmap + at, 0x10000000 + at, 2);
	/* Memory plugged in far above. */
	fake_map(f, k->vmemmap + GIB + 0x5000000, 0xa000000, 2);
	fake_map(f, 0xfffffe0000000000, 0x6000000, 1);
	fake_map(f, 0xffffffff81000000, 0x1000000, 2);
	set_mark(k, k->in.mm);
}

static inline struct kernel *build(int levels, __u64 page_offset, __u64 vmalloc, __u64 vmemmap)
{
	struct kernel *k = calloc(1, sizeof(*k));
	__u64 ram = 24 * GIB + 0xa03000;

	k->page_offset = page_offset;
	k->vmalloc = vmalloc;
	k->vmemmap = vmemmap;
	k->end = page_offset + ram;
	k->f = fake_create(page_offset, ram, levels, 0x145678000);
	k->in = (struct layout_input){
		.pgd = page_offset + 0x145678000,
		.mm = page_offset + 0x2345ab080,
		.stack = vmalloc + 0x4000,
		.max_phys = ram,
		.levels = levels,
		.text = 0xffffffff9ac00000,
		.page_struct_size = 64,
		.pt_mm_offset = 32,
		.pt_mm_known = 1,
	};
	map_direct(k->f);
	map_vmalloc(k->f, vmalloc, levels == 5 ? 12800 * TIB : 32 * TIB);
	map_rest(k);
	return k;
}

/* A 4-level kernel as KASLR may lay it out. */
static inline struct kernel *build4(void)
{
	return build(4, 0xffff9a4340000000, 0xffffb1c580000000, 0xffffee2f00000000);
}

static inline void destroy(struct kernel *k)
{
	fake_destroy(k->f);
	free(k);
}

#endif
