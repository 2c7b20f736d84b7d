/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/records.h"

const char *records_met_why(const struct summary *s, enum object_hook hook)
{
	static const struct {
		unsigned int kind;
		enum hook_id hook;
		const char *why;
	} from[MET_COUNT] = {
		[MET_PGD_ALLOC] = { KVAS_KIND_PGD, HOOK_pgd_alloc, "pgd is not recorded" },
		[MET_PGD_FREE] = { KVAS_KIND_PGD, HOOK_pgd_free, "pgd is not recorded" },
		[MET_SWITCH] = { KVAS_KIND_SWITCH, HOOK_switch, "switch is not recorded" },
	};
	bool task = hook < MET_PGD_ALLOC;
	enum hook_id of = hook == MET_TASK + KVAS_TASK_EXEC - 1 ? HOOK_exec :
			  hook == MET_TASK + KVAS_TASK_EXIT - 1 ? HOOK_exit : HOOK_fork;

	if (!(s->meta->emit & (1u << (task ? KVAS_KIND_TASK : from[hook].kind))))
		return task ? "task is not recorded" : from[hook].why;
	return meta_attached(s->meta, task ? of : from[hook].hook) ? NULL : "its hook is missing here";
}

__u64 records_happened(const struct summary *s, unsigned int kind)
{
	const __u64 *c = s->c;

	switch (kind) {
	case KVAS_KIND_TASK:
		return c[KVAS_C_FORK] + c[KVAS_C_THREAD] + c[KVAS_C_KTHREAD] + c[KVAS_C_EXEC] +
		       c[KVAS_C_EXIT];
	case KVAS_KIND_PGD:
		return c[KVAS_C_PGD_ALLOC] + c[KVAS_C_PGD_FREE];
	case KVAS_KIND_SWITCH:
		return c[KVAS_C_SWITCH];
	case KVAS_KIND_CROSSING:
		return c[KVAS_C_SYSCALL] + c[KVAS_C_FAULT_USER] + c[KVAS_C_IRQ_USER] +
		       c[KVAS_C_EXCEPTION];
	case KVAS_KIND_FAULT:
		return c[KVAS_C_FAULT_USER] + c[KVAS_C_FAULT_KERNEL];
	case KVAS_KIND_VMALLOC:
		return c[KVAS_C_VM_START] + c[KVAS_C_VM_ALLOC] + c[KVAS_C_VM_FREE] + c[KVAS_C_VM_PURGE] +
		       c[KVAS_C_KERNEL_FLUSH];
	case KVAS_KIND_MEMORY: /* sums */
	case KVAS_KIND_ACCESS: /* nothing counts the ticks but the sampler itself */
		return s->seen[kind] + c[KVAS_C_LOST_RING + kind];
	default:
		return 0;
	}
}

/* A recording may hold an empty reason. */
static const char *reason_or_none(const char *why)
{
	return *why ? why : "no reason is recorded";
}

const char *records_sampler_why(const struct meta *m)
{
	return m->sample_hz ? NULL : reason_or_none(m->sample_why);
}

const char *records_precise_why(const struct meta *m)
{
	return m->precise ? NULL : reason_or_none(m->precise_how);
}
