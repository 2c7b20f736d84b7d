// SPDX-License-Identifier: GPL-2.0
/* vmalloc areas allocated, freed and purged, and the TLB flushes of kernel addresses. */
#include "emit.bpf.h"

/* Areas whose allocation was seen, by address: the free tracepoint has no size, and a free belongs to the
 * filter its allocation passed. Without a filter user space adds those that were there before. */
struct MAP_MEMBERS(BPF_MAP_TYPE_HASH, KVAS_MAX_AREAS, u64, struct kvas_area) areas SEC(".maps");

/* A record with what all operations have; the rest is 0. */
static __always_inline struct kvas_rec_vmalloc *begin(void *ctx, struct kvas_cpu *c, u32 op)
{
	struct kvas_rec_vmalloc *r;

	r = RESERVE(c, struct kvas_rec_vmalloc, KVAS_KIND_VMALLOC);
	if (!r)
		return 0;
	__builtin_memset((char *)r + sizeof(r->h), 0, sizeof(*r) - sizeof(r->h));
	r->op = op;
	bpf_get_stack(ctx, r->stack, sizeof(r->stack), 0);
	return r;
}

static __always_inline int allocated(void *ctx, u64 address, u64 bytes)
{
	struct kvas_cpu *c = this_cpu();
	struct kvas_area a = { .bytes = bytes };
	struct kvas_rec_vmalloc *r;

	if (!c || !in_scope(c))
		return 0;
	a.alloc_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&areas, &address, &a, BPF_ANY))
		count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_VM, 1);
	count_nested(c, KVAS_C_VM_ALLOC, 1);
	count_nested(c, KVAS_C_VM_ALLOC_BYTES, bytes);
	r = begin(ctx, c, KVAS_VM_ALLOC);
	if (!r)
		return 0;
	r->address = address;
	r->bytes = bytes;
	r->alloc_ns = a.alloc_ns;
	submit(c, r, sizeof(*r));
	return 0;
}

/* BYTES, LAZY_BYTES 0: not told by the hook. */
static __always_inline int freed(void *ctx, u64 address, u64 bytes, u64 lazy_bytes)
{
	struct kvas_area *a = bpf_map_lookup_elem(&areas, &address);
	struct kvas_cpu *c = this_cpu();
	struct kvas_rec_vmalloc *r;
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
	r = begin(ctx, c, KVAS_VM_FREE);
	if (!r)
		return 0;
	r->address = address;
	r->bytes = bytes;
	r->alloc_ns = alloc_ns;
	r->lazy_bytes = lazy_bytes;
	submit(c, r, sizeof(*r));
	return 0;
}

/* Whose frees it takes up is not its caller's choice: no filter. START to END 0, AREAS 0:
 * not told by the hook. */
static __always_inline int purged(void *ctx, u64 start, u64 end, u64 areas)
{
	struct kvas_cpu *c = this_cpu();
	struct kvas_rec_vmalloc *r;

	if (!c)
		return 0;
	count_nested(c, KVAS_C_VM_PURGE, 1);
	if (areas) /* adding a constant 0 becomes what 5.10 has no instruction for */
		count_nested(c, KVAS_C_VM_PURGED_AREAS, areas);
	r = begin(ctx, c, KVAS_VM_PURGE);
	if (!r)
		return 0;
	r->address = start;
	r->bytes = end - start;
	r->areas = areas;
	submit(c, r, sizeof(*r));
	return 0;
}

static __always_inline int flushed(void *ctx, u64 start, u64 end)
{
	struct kvas_cpu *c = this_cpu();
	struct kvas_rec_vmalloc *r;

	if (!c)
		return 0;
	count_nested(c, KVAS_C_KERNEL_FLUSH, 1);
	r = begin(ctx, c, KVAS_VM_FLUSH);
	if (!r)
		return 0;
	r->address = start;
	r->bytes = end - start;
	submit(c, r, sizeof(*r));
	return 0;
}

/* vmalloc:* tracepoints, 6.2 and later. */
SEC("tp_btf/alloc_vmap_area")
int BPF_PROG(vmalloc_alloc_tp, unsigned long addr, unsigned long size, unsigned long align,
	     unsigned long vstart, unsigned long vend, int failed)
{
	return failed ? 0 : allocated(ctx, addr, size);
}

SEC("tp_btf/free_vmap_area_noflush")
int BPF_PROG(vmalloc_free_tp, unsigned long va_start, unsigned long nr_lazy)
{
	return freed(ctx, va_start, 0, nr_lazy * PAGE_SIZE);
}

/* At the end of each, also of one that found nothing to do. */
SEC("tp_btf/purge_vmap_area_lazy")
int BPF_PROG(vmalloc_purge_tp, unsigned long start, unsigned long end, unsigned int npurged)
{
	return npurged ? purged(ctx, start, end, npurged) : 0;
}

static __always_inline int allocated_va(void *ctx, struct vmap_area *va)
{
	u64 start;

	/* ERR_PTR */
	if (!va || (u64)va >= (u64)-4095)
		return 0;
	start = vmap_area_start_read(va);
	return allocated(ctx, start, vmap_area_end_read(va) - start);
}

static __always_inline int freed_va(void *ctx, struct vmap_area *va)
{
	u64 start = vmap_area_start_read(va);

	return freed(ctx, start, vmap_area_end_read(va) - start, 0);
}

/* Six arguments in 5.10 to 6.2, the kernels without the tracepoints. */
SEC("fexit/alloc_vmap_area")
int BPF_PROG(vmalloc_alloc_fexit, unsigned long size, unsigned long align, unsigned long vstart,
	     unsigned long vend, int node, u32 gfp_mask, struct vmap_area *ret)
{
	return allocated_va(ctx, ret);
}

SEC("kretprobe/alloc_vmap_area")
int vmalloc_alloc_kretprobe(struct pt_regs *ctx)
{
	return allocated_va(ctx, (struct vmap_area *)PT_REGS_RC(ctx));
}

SEC("fentry/free_vmap_area_noflush")
int BPF_PROG(vmalloc_free_fentry, struct vmap_area *va)
{
	return freed_va(ctx, va);
}

SEC("kprobe/free_vmap_area_noflush")
int vmalloc_free_kprobe(struct pt_regs *ctx)
{
	return freed_va(ctx, (struct vmap_area *)PT_REGS_PARM1(ctx));
}

/* bool __purge_vmap_area_lazy(start, end) of 5.10 to 6.1, which is told no more than that
 * anything goes; the upper bits of what returns a bool are undefined. */
SEC("fexit/__purge_vmap_area_lazy")
int BPF_PROG(vmalloc_purge_fexit, unsigned long start, unsigned long end, u64 ret)
{
	return ret & 0xff ? purged(ctx, 0, 0, 0) : 0;
}

SEC("kretprobe/__purge_vmap_area_lazy")
int vmalloc_purge_kretprobe(struct pt_regs *ctx)
{
	return PT_REGS_RC(ctx) & 0xff ? purged(ctx, 0, 0, 0) : 0;
}

SEC("fentry/flush_tlb_kernel_range")
int BPF_PROG(kernel_flush_fentry, unsigned long start, unsigned long end)
{
	return flushed(ctx, start, end);
}

SEC("kprobe/flush_tlb_kernel_range")
int kernel_flush_kprobe(struct pt_regs *ctx)
{
	return flushed(ctx, PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
}
