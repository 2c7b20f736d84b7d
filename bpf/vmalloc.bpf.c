// SPDX-License-Identifier: GPL-2.0
/* vmalloc areas allocated and freed. */
#include "emit.bpf.h"

struct area {
	u64 bytes;
	u64 alloc_ns;
};

/* Areas whose allocation was seen, by address: the free tracepoint has no size,
 * and a free belongs to the filter its allocation passed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, u64);
	__type(value, struct area);
} areas SEC(".maps");

static __always_inline void emit_area(struct kvas_cpu *c, u64 address, u64 bytes, u64 alloc_ns,
				      u32 op)
{
	struct kvas_rec_vmalloc *r;

	if (!emits(KVAS_KIND_VMALLOC))
		return;
	r = RESERVE(c, struct kvas_rec_vmalloc, KVAS_KIND_VMALLOC);
	if (!r)
		return;
	r->address = address;
	r->bytes = bytes;
	r->alloc_ns = alloc_ns ? alloc_ns : op == KVAS_VM_ALLOC ? r->h.time_ns : 0;
	r->op = op;
	r->zero = 0;
	submit(c, r, sizeof(*r));
}

static __always_inline int allocated(u64 address, u64 bytes)
{
	struct kvas_cpu *c = this_cpu();
	struct area a = { .bytes = bytes };

	if (!c || !in_scope(c))
		return 0;
	a.alloc_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&areas, &address, &a, BPF_ANY))
		count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_VM, 1);
	count_nested(c, KVAS_C_VM_ALLOC, 1);
	count_nested(c, KVAS_C_VM_ALLOC_BYTES, bytes);
	emit_area(c, address, bytes, a.alloc_ns, KVAS_VM_ALLOC);
	return 0;
}

/* BYTES 0: not told by the hook. */
static __always_inline int freed(u64 address, u64 bytes)
{
	struct area *a = bpf_map_lookup_elem(&areas, &address);
	struct kvas_cpu *c = this_cpu();
	u64 alloc_ns = 0;

	if (!c)
		return 0;
	if (a) {
		bytes = a->bytes;
		alloc_ns = a->alloc_ns;
		bpf_map_delete_elem(&areas, &address);
	} else if (cfg.filter != KVAS_FILTER_NONE) {
		return 0;
	}
	count_nested(c, KVAS_C_VM_FREE, 1);
	if (bytes)
		count_nested(c, KVAS_C_VM_FREE_BYTES, bytes);
	else
		count_nested(c, KVAS_C_VM_FREE_UNSIZED, 1);
	emit_area(c, address, bytes, alloc_ns, KVAS_VM_FREE);
	return 0;
}

/* vmalloc:* tracepoints, 6.2 and later. */
SEC("tp_btf/alloc_vmap_area")
int BPF_PROG(vmalloc_alloc_tp, unsigned long addr, unsigned long size, unsigned long align,
	     unsigned long vstart, unsigned long vend, int failed)
{
	return failed ? 0 : allocated(addr, size);
}

SEC("tp_btf/free_vmap_area_noflush")
int BPF_PROG(vmalloc_free_tp, unsigned long va_start)
{
	return freed(va_start, 0);
}

static __always_inline int allocated_va(struct vmap_area *va)
{
	u64 start;

	/* ERR_PTR */
	if (!va || (u64)va >= (u64)-4095)
		return 0;
	start = BPF_CORE_READ(va, va_start);
	return allocated(start, BPF_CORE_READ(va, va_end) - start);
}

static __always_inline int freed_va(struct vmap_area *va)
{
	u64 start = BPF_CORE_READ(va, va_start);

	return freed(start, BPF_CORE_READ(va, va_end) - start);
}

/* Six arguments in 5.10 to 6.2, the kernels without the tracepoints. */
SEC("fexit/alloc_vmap_area")
int BPF_PROG(vmalloc_alloc_fexit, unsigned long size, unsigned long align, unsigned long vstart,
	     unsigned long vend, int node, u32 gfp_mask, struct vmap_area *ret)
{
	return allocated_va(ret);
}

SEC("kretprobe/alloc_vmap_area")
int vmalloc_alloc_kretprobe(struct pt_regs *ctx)
{
	return allocated_va((struct vmap_area *)ctx->ax);
}

SEC("fentry/free_vmap_area_noflush")
int BPF_PROG(vmalloc_free_fentry, struct vmap_area *va)
{
	return freed_va(va);
}

SEC("kprobe/free_vmap_area_noflush")
int vmalloc_free_kprobe(struct pt_regs *ctx)
{
	return freed_va((struct vmap_area *)ctx->di);
}
