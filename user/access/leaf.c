/* SPDX-License-Identifier: GPL-2.0 */
#include "access/leaf.h"

#include <stdlib.h>

#define SLOTS 4096 /* a power of two */
#define SLOT_SHIFT 21
#define GOOD_NS 1000000000ULL

struct slot {
	__u64 key; /* address by 2M; 0 empty */
	__u64 until_ns;
	__u32 kb;
};

struct leaf_cache {
	kread_fn read;
	void *ctx;
	__u64 pgd_va;
	__u64 page_offset;
	const struct paging *paging;
	struct slot slot[SLOTS];
};

struct leaf_cache *leaf_cache_create(kread_fn read, void *ctx, __u64 pgd_va, const struct paging *p,
				     __u64 page_offset)
{
	struct leaf_cache *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->read = read;
	c->ctx = ctx;
	c->pgd_va = pgd_va;
	c->paging = p;
	c->page_offset = page_offset;
	return c;
}

void leaf_cache_destroy(struct leaf_cache *c)
{
	free(c);
}

__u32 leaf_kb(struct leaf_cache *c, __u64 va, __u64 now_ns)
{
	__u64 key = va >> SLOT_SHIFT;
	struct slot *s = &c->slot[(key * 0x9e3779b97f4a7c15ULL) >> 52];
	struct walk w;

	if (!c->paging || !c->pgd_va || !paging_kernel_half(c->paging, va))
		return 0;
	if (s->key == key && now_ns < s->until_ns)
		return s->kb;
	if (walk_va(c->read, c->ctx, c->pgd_va, c->paging, c->page_offset, va, &w) ||
	    !w.leaf_level)
		return 0; /* the page next to it may be mapped: not remembered */
	*s = (struct slot){ key, now_ns + GOOD_NS, w.leaf_bytes >> 10 };
	return s->kb;
}
