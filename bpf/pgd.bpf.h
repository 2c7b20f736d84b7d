/* SPDX-License-Identifier: GPL-2.0 */
/* PGDs in use, and what fork, exec and exit tell about them. */
#ifndef KVAS_PGD_BPF_H
#define KVAS_PGD_BPF_H

#include "emit.bpf.h"

struct pgd_info {
	u64 mm; /* 0: not told yet */
	u64 alloc_ns; /* 0: before kvas looked */
	u64 exit_ns; /* 0: no task using it exited yet */
	u32 owner_pid; /* 0: not told yet */
	u32 in_scope; /* passes the filter: allocated or owned by a tracked task */
	char comm[KVAS_COMM_LEN];
};

/* By PGD address. */
struct pgds_map MAP_MEMBERS(BPF_MAP_TYPE_HASH, KVAS_MAX_PGDS, u64, struct pgd_info);
extern struct pgds_map pgds SEC(".maps");

extern __u32 pgd_order;

static __always_inline void pgd_put(struct kvas_cpu *c, u64 pgd, struct pgd_info *info, u64 flags)
{
	/* -EEXIST under BPF_NOEXIST is an answer, not a loss. */
	long r = bpf_map_update_elem(&pgds, &pgd, info, flags);

	if (r && r != -17)
		count_nested(c, KVAS_C_LOST_MAP + KVAS_LOSS_MAP_PGD, 1);
}

/*
 * PGD is given to MM (0: not told yet). If kvas still has it in use by another mm, the free of that
 * one was not delivered: a kernel may run no program while some task is current (6.18 in a
 * Firecracker guest: the tasks of PID 1), and that task can be the last to let go of an mm.
 */
static __always_inline void pgd_again(struct kvas_cpu *c, u64 pgd, u64 mm)
{
	struct pgd_info *known = bpf_map_lookup_elem(&pgds, &pgd);

	if (known && known->in_scope && known->mm && known->mm != mm)
		count_nested(c, KVAS_C_PGD_FREE_MISSED, 1);
}

static __always_inline void emit_pgd(struct kvas_cpu *c, u64 pgd, const struct pgd_info *info,
				     u32 op, u32 how)
{
	struct kvas_rec_pgd *r;

	r = RESERVE(c, struct kvas_rec_pgd, KVAS_KIND_PGD);
	if (!r)
		return;
	r->pgd = pgd;
	r->mm = info->mm;
	r->alloc_ns = info->alloc_ns;
	if (op == KVAS_PGD_ALLOC)
		r->h.time_ns = info->alloc_ns; /* as its free will give it */
	r->exit_ns = info->exit_ns;
	r->op = op;
	r->how = how;
	r->owner_pid = info->owner_pid;
	r->order = pgd_order;
	__builtin_memcpy(r->owner_comm, info->comm, sizeof(r->owner_comm));
	submit(c, r, sizeof(*r));
}

/*
 * OWNER begins with its own address space (fork, exec), PGD of MM. Where no hook
 * runs in pgd_alloc this is also the allocation, derived; where one does, it
 * tells who the owner is.
 */
static __always_inline void pgd_owned(struct kvas_cpu *c, struct task_struct *owner, u64 mm,
				      u64 pgd)
{
	struct pgd_info *known, info = {};

	if (!pgd)
		return;
	known = cfg.pgd_derived ? 0 : bpf_map_lookup_elem(&pgds, &pgd);
	if (known) {
		known->mm = mm;
		known->owner_pid = task_pid(owner);
		task_comm(known->comm, owner);
		return;
	}
	pgd_again(c, pgd, mm);
	info.mm = mm;
	info.owner_pid = task_pid(owner);
	info.in_scope = in_scope(c);
	task_comm(info.comm, owner);
	if (cfg.pgd_derived) {
		info.alloc_ns = bpf_ktime_get_ns();
		if (in_scope(c)) {
			count(c, KVAS_C_PGD_ALLOC, 1);
			emit_pgd(c, pgd, &info, KVAS_PGD_ALLOC, KVAS_HOW_DERIVED);
		}
	}
	pgd_put(c, pgd, &info, BPF_ANY);
}

/* A task of this address space exited at TIME_NS; the last one stands. */
static __always_inline void pgd_exited(u64 pgd, u64 time_ns)
{
	struct pgd_info *info = bpf_map_lookup_elem(&pgds, &pgd);

	if (info)
		info->exit_ns = time_ns;
}

/* PGD is handed back. */
static __always_inline void pgd_freed(struct kvas_cpu *c, u64 pgd, u64 mm, u32 how)
{
	struct pgd_info *known = bpf_map_lookup_elem(&pgds, &pgd), info = {};

	if (known) {
		info = *known;
		bpf_map_delete_elem(&pgds, &pgd);
	} else {
		info.mm = mm;
	}
	if (cfg.filter != KVAS_FILTER_NONE && !info.in_scope)
		return;
	count(c, KVAS_C_PGD_FREE, 1);
	emit_pgd(c, pgd, &info, KVAS_PGD_FREE, how);
}

#endif
