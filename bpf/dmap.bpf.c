// SPDX-License-Identifier: GPL-2.0
/*
 * Who splits the direct map, and who collapses it: an object of its own. Around each
 * call of __change_page_attr_set_clr() (every set_memory_*() and set_direct_map_*() goes
 * through it, arch/x86/mm/pat/set_memory.c, 5.10 to 7.2) and collapse_large_pages()
 * (6.16 on) the kernel's own counters, direct_pages_count[], are read. The first calls
 * itself for the same memory's other mappings, so what changed is put down to the
 * innermost call it changed in.
 */
#include "maps.bpf.h"
#include "kvas/dmap.h"

#define DEPTH 4 /* one mapping, its alias in the direct map, its alias in the image */
#define LEVELS 4 /* enum pg_level: none, 4K, 2M, 1G */

/* Address of direct_pages_count, which is static: from kallsyms. */
const volatile __u64 counts_at;

struct call {
	u64 count[LEVELS];
	u64 address[DEPTH];
	u64 pages[DEPTH];
	u64 entered; /* value of the counter when the outermost call began */
	u32 depth;
	u32 shared;
	u32 stack_bytes;
	u32 zero;
	u64 stack[KVAS_DMAP_FRAMES];
};

static const struct call no_call;

struct MAP_MEMBERS(BPF_MAP_TYPE_HASH, 1024, u32, struct call) calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

__u64 entered; /* calls begun, nested ones aside */
__u64 inside; /* of those not ended */
__u64 lost;

static __always_inline void read_counts(u64 count[LEVELS])
{
	bpf_probe_read_kernel(count, LEVELS * sizeof(*count), (void *)counts_at);
}

/* What changed since the last look is the doing of the call at DEPTH_NOW. */
static __always_inline void tell(struct call *c, u32 depth_now)
{
	struct kvas_dmap_event *e;
	u64 now[LEVELS] = {};

	read_counts(now);
	if (now[1] == c->count[1] && now[2] == c->count[2] && now[3] == c->count[3])
		return;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&lost, 1);
	} else {
		u64 id = bpf_get_current_pid_tgid();

		e->time_ns = bpf_ktime_get_ns();
		e->pid = id >> 32;
		e->tid = id;
		bpf_get_current_comm(e->comm, sizeof(e->comm));
		e->address = c->address[depth_now & (DEPTH - 1)];
		e->pages = c->pages[depth_now & (DEPTH - 1)];
		e->delta_4k = now[1] - c->count[1];
		e->delta_2m = now[2] - c->count[2];
		e->delta_1g = now[3] - c->count[3];
		e->end_4k = now[1];
		e->end_1g = now[3];
		e->shared = c->shared || inside > 1 || entered != c->entered;
		e->frames = c->stack_bytes / 8;
		__builtin_memcpy(e->stack, c->stack, sizeof(e->stack));
		bpf_ringbuf_submit(e, 0);
	}
	__builtin_memcpy(c->count, now, sizeof(now));
}

static __always_inline int enter(void *ctx, u64 address, u64 pages)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct call *c = bpf_map_lookup_elem(&calls, &tid);
	long bytes;

	if (!c) {
		if (bpf_map_update_elem(&calls, &tid, &no_call, BPF_NOEXIST)) {
			__sync_fetch_and_add(&lost, 1);
			return 0;
		}
		c = bpf_map_lookup_elem(&calls, &tid);
		if (!c)
			return 0;
		/* 5.10 has no atomic that returns a value: who comes at the same time sees
		 * the other inside. */
		__sync_fetch_and_add(&entered, 1);
		__sync_fetch_and_add(&inside, 1);
		c->entered = entered;
		c->shared = inside > 1;
		bytes = bpf_get_stack(ctx, c->stack, sizeof(c->stack), 0);
		c->stack_bytes = bytes > 0 ? bytes : 0;
		read_counts(c->count);
	} else {
		tell(c, c->depth - 1);
	}
	c->address[c->depth & (DEPTH - 1)] = address;
	c->pages[c->depth & (DEPTH - 1)] = pages;
	c->depth++;
	return 0;
}

static __always_inline int leave(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct call *c = bpf_map_lookup_elem(&calls, &tid);

	if (!c)
		return 0;
	c->depth--;
	tell(c, c->depth);
	if (c->depth)
		return 0;
	__sync_fetch_and_add(&inside, -1);
	bpf_map_delete_elem(&calls, &tid);
	return 0;
}

static __always_inline int enter_cpa(void *ctx, struct cpa_data *cpa)
{
	u64 address, pages;

	cpa_range_read(cpa, &address, &pages);
	return enter(ctx, address, pages);
}

#define CPA "__change_page_attr_set_clr"
PROGRAM("fentry/" CPA, (cpa_fentry, struct cpa_data *cpa), enter_cpa(ctx, cpa))
PROGRAM("fexit/" CPA, (cpa_fexit), leave())
PROGRAM_OF(struct pt_regs, "kprobe/" CPA, cpa_kprobe,
	   enter_cpa(ctx, (struct cpa_data *)PT_REGS_PARM1(ctx)))
PROGRAM_OF(struct pt_regs, "kretprobe/" CPA, cpa_kretprobe, leave())

#define PAGES_OF_PUD (512 * 512) /* it may collapse up to a page of 1G */

#define COLLAPSE "collapse_large_pages"
PROGRAM("fentry/" COLLAPSE, (collapse_fentry, unsigned long address),
	enter(ctx, address, PAGES_OF_PUD))
PROGRAM("fexit/" COLLAPSE, (collapse_fexit), leave())
PROGRAM_OF(struct pt_regs, "kprobe/" COLLAPSE, collapse_kprobe,
	   enter(ctx, PT_REGS_PARM1(ctx), PAGES_OF_PUD))
PROGRAM_OF(struct pt_regs, "kretprobe/" COLLAPSE, collapse_kretprobe, leave())

char LICENSE[] SEC("license") = "GPL";
