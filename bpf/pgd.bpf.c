// SPDX-License-Identifier: GPL-2.0
/* PGD allocation and free. */
#include "pgd.bpf.h"

static __always_inline int allocated(u64 mm, u64 pgd)
{
	struct kvas_cpu *c = this_cpu();
	struct pgd_info info = {};

	if (!c || !pgd)
		return 0;
	pgd_again(c, pgd, mm);
	info.mm = mm;
	info.alloc_ns = bpf_ktime_get_ns();
	info.in_scope = in_scope(c);
	pgd_put(c, pgd, &info, BPF_ANY);
	if (info.in_scope) {
		count(c, KVAS_C_PGD_ALLOC, 1);
		emit_pgd(c, pgd, &info, KVAS_PGD_ALLOC, KVAS_HOW_OBSERVED);
	}
	return 0;
}

static __always_inline int freed(u64 mm, u64 pgd)
{
	struct kvas_cpu *c = this_cpu();

	if (!c)
		return 0;
	pgd_freed(c, pgd, mm, KVAS_HOW_OBSERVED);
	return 0;
}

SEC("fexit/pgd_alloc")
int BPF_PROG(pgd_alloc_fexit, struct mm_struct *mm, pgd_t *ret)
{
	return allocated((u64)mm, (u64)ret);
}

/* A kretprobe has no arguments: the mm is told by the fork or exec that follows. */
SEC("kretprobe/pgd_alloc")
int pgd_alloc_kretprobe(struct pt_regs *ctx)
{
	return allocated(0, PT_REGS_RC(ctx));
}

SEC("fentry/pgd_free")
int BPF_PROG(pgd_free_fentry, struct mm_struct *mm, pgd_t *pgd)
{
	return freed((u64)mm, (u64)pgd);
}

SEC("kprobe/pgd_free")
int pgd_free_kprobe(struct pt_regs *ctx)
{
	return freed(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
}

/*
 * The PGD of MM, if MM can be an mm_struct: slab memory, so in the direct map. A
 * page that is no PGD holds anything in that field, and a read of an address that
 * is not mapped would be a page fault of kvas's own making.
 */
static __always_inline u64 pgd_if_mm(u64 mm)
{
	u64 start = cfg.region_start[KVAS_REGION_DIRECT_MAP];
	u64 end = cfg.region_end[KVAS_REGION_DIRECT_MAP];

	if ((end ? mm - start >= end - start : (s64)mm >= 0) || mm % sizeof(long))
		return 0;
	return mm_pgd_read((struct mm_struct *)mm);
}

/*
 * Where pgd_free cannot be hooked: mm_page_free of the PGD's first page, inside
 * pgd_free, while its mm_struct still stands. Recognised by the page's own
 * pointer to its mm and by kvas having met that mm.
 */
SEC("tp_btf/mm_page_free")
int BPF_PROG(pgd_free_derived, struct page *page, unsigned int order)
{
	u64 mm = page_pt_mm(page), pgd = pgd_if_mm(mm);
	struct pgd_info *info;
	struct kvas_cpu *c;

	if (!pgd)
		return 0;
	info = bpf_map_lookup_elem(&pgds, &pgd);
	c = this_cpu();
	if (!info || info->mm != mm || !c)
		return 0;
	pgd_order = order;
	pgd_freed(c, pgd, mm, KVAS_HOW_DERIVED);
	return 0;
}

/* The mm lost its last user, which need not be a task that passes the filter (a reader of /proc/PID may
 * be the last), nor still pass it: since 6.16 an exiting task is forgotten before. So the PGD decides.
 * It goes when no CPU holds it lazily any more. */
SEC("tp_btf/exit_mmap")
int BPF_PROG(exit_mmap, struct mm_struct *mm)
{
	struct kvas_cpu *c = this_cpu();
	struct pgd_info *info;
	u64 pgd = mm_pgd(mm);

	if (!c)
		return 0;
	if (cfg.filter != KVAS_FILTER_NONE) {
		info = bpf_map_lookup_elem(&pgds, &pgd);
		if (!info || !info->in_scope)
			return 0;
	}
	count(c, KVAS_C_MM_TORN_DOWN, 1);
	return 0;
}

/* The mm of kvas's own child that is about to exit; 0 disarmed. */
__u64 order_probe_mm;

/* Attached for a moment at start: tells a PGD's order, which no other hook is
 * given before the first free. */
SEC("tp_btf/mm_page_free")
int BPF_PROG(pgd_order_probe, struct page *page, unsigned int order)
{
	u64 mm = order_probe_mm;

	if (!mm || page_pt_mm(page) != mm)
		return 0;
	pgd_order = order;
	order_probe_mm = 0;
	return 0;
}
