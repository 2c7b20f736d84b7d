/* SPDX-License-Identifier: GPL-2.0 */
/* One record into the CPU's ring: reserve, head, submit, count the loss. */
#ifndef KVAS_EMIT_BPF_H
#define KVAS_EMIT_BPF_H

#include "account.bpf.h"

struct ring_inner RING_MEMBERS;

/* Ring number cpu % cfg.nr_rings; user space puts the rings in. */
struct rings_map RINGS_MEMBERS(struct ring_inner);
extern struct rings_map rings SEC(".maps");

static __always_inline bool emits(u32 kind)
{
	return cfg.emit & (1u << kind);
}

static __always_inline void *ring_reserve(struct kvas_cpu *c, u32 kind, u64 size)
{
	u32 idx = bpf_get_smp_processor_id();
	void *ring, *rec = 0;

	if (cfg.nr_rings)
		idx %= cfg.nr_rings;
	ring = bpf_map_lookup_elem(&rings, &idx);
	if (ring)
		rec = bpf_ringbuf_reserve(ring, size, 0);
	if (!rec)
		count_nested(c, KVAS_C_LOST_RING + kind, 1);
	return rec;
}

static __always_inline void head(struct kvas_hdr *h, u32 kind, u32 size)
{
	u64 id = bpf_get_current_pid_tgid();

	h->time_ns = bpf_ktime_get_ns();
	h->kind = kind;
	h->size = size;
	h->cpu = bpf_get_smp_processor_id();
	h->pid = id >> 32;
	h->tid = (u32)id;
	bpf_get_current_comm(h->comm, sizeof(h->comm));
}

/* A record of TYPE with its head filled; 0 when records of this kind are not asked for, and
 * after counting the loss. The caller sets every other field: ring memory holds old records. */
#define RESERVE(c, type, k)                                                   \
	({                                                                    \
		type *__rec = emits(k) ? ring_reserve(c, k, sizeof(type)) : 0; \
		if (__rec)                                                    \
			head(&__rec->h, k, sizeof(type));                     \
		__rec;                                                        \
	})

/*
 * Waking the reader for each record costs more than the record: wake it when
 * cfg.wakeup_bytes are queued. What is left over waits for the reader's timer.
 */
static __always_inline void submit(struct kvas_cpu *c, void *rec, u64 size)
{
	c->unflushed += size;
	if (c->unflushed >= cfg.wakeup_bytes) {
		c->unflushed = 0;
		bpf_ringbuf_submit(rec, BPF_RB_FORCE_WAKEUP);
	} else {
		bpf_ringbuf_submit(rec, BPF_RB_NO_WAKEUP);
	}
}

#endif
