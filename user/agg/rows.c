/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/rows.h"

/* Counter C counts the records of KIND whose op, mode or cause is OP (0: any), or adds up what
 * they have of it. */
static const struct {
	unsigned int c, kind, op;
	enum { ONE, BYTES, UNSIZED, AREAS } of;
} tells[] = {
	{ KVAS_C_FORK, KVAS_KIND_TASK, KVAS_TASK_FORK, ONE },
	{ KVAS_C_FORK, KVAS_KIND_TASK, KVAS_TASK_VFORK, ONE },
	{ KVAS_C_VFORK, KVAS_KIND_TASK, KVAS_TASK_VFORK, ONE },
	{ KVAS_C_THREAD, KVAS_KIND_TASK, KVAS_TASK_THREAD, ONE },
	{ KVAS_C_KTHREAD, KVAS_KIND_TASK, KVAS_TASK_KTHREAD, ONE },
	{ KVAS_C_EXEC, KVAS_KIND_TASK, KVAS_TASK_EXEC, ONE },
	{ KVAS_C_EXIT, KVAS_KIND_TASK, KVAS_TASK_EXIT, ONE },
	{ KVAS_C_PGD_ALLOC, KVAS_KIND_PGD, KVAS_PGD_ALLOC, ONE },
	{ KVAS_C_PGD_FREE, KVAS_KIND_PGD, KVAS_PGD_FREE, ONE },
	{ KVAS_C_SWITCH, KVAS_KIND_SWITCH, 0, ONE },
	{ KVAS_C_SWITCH_MM_LOADED, KVAS_KIND_SWITCH, KVAS_SWITCH_MM_LOADED, ONE },
	{ KVAS_C_SWITCH_SAME_MM, KVAS_KIND_SWITCH, KVAS_SWITCH_SAME_MM, ONE },
	{ KVAS_C_SWITCH_LAZY_KTHREAD, KVAS_KIND_SWITCH, KVAS_SWITCH_LAZY_KTHREAD, ONE },
	{ KVAS_C_SWITCH_LAZY_RETURN, KVAS_KIND_SWITCH, KVAS_SWITCH_LAZY_RETURN, ONE },
	{ KVAS_C_SYSCALL, KVAS_KIND_CROSSING, KVAS_CROSS_SYSCALL, ONE },
	{ KVAS_C_IRQ_USER, KVAS_KIND_CROSSING, KVAS_CROSS_IRQ, ONE },
	{ KVAS_C_EXCEPTION, KVAS_KIND_CROSSING, KVAS_CROSS_EXCEPTION, ONE },
	{ KVAS_C_FAULT_USER, KVAS_KIND_CROSSING, KVAS_CROSS_PAGE_FAULT, ONE },
	{ KVAS_C_FAULT_USER, KVAS_KIND_FAULT, KVAS_FAULT_USER, ONE },
	{ KVAS_C_FAULT_KERNEL, KVAS_KIND_FAULT, KVAS_FAULT_KERNEL, ONE },
	{ KVAS_C_VM_ALLOC, KVAS_KIND_VMALLOC, KVAS_VM_ALLOC, ONE },
	{ KVAS_C_VM_ALLOC_BYTES, KVAS_KIND_VMALLOC, KVAS_VM_ALLOC, BYTES },
	{ KVAS_C_VM_START, KVAS_KIND_VMALLOC, KVAS_VM_THERE, ONE },
	{ KVAS_C_VM_START_BYTES, KVAS_KIND_VMALLOC, KVAS_VM_THERE, BYTES },
	{ KVAS_C_VM_FREE, KVAS_KIND_VMALLOC, KVAS_VM_FREE, ONE },
	{ KVAS_C_VM_FREE_BYTES, KVAS_KIND_VMALLOC, KVAS_VM_FREE, BYTES },
	{ KVAS_C_VM_FREE_UNSIZED, KVAS_KIND_VMALLOC, KVAS_VM_FREE, UNSIZED },
	{ KVAS_C_VM_PURGE, KVAS_KIND_VMALLOC, KVAS_VM_PURGE, ONE },
	{ KVAS_C_VM_PURGED_AREAS, KVAS_KIND_VMALLOC, KVAS_VM_PURGE, AREAS },
	{ KVAS_C_KERNEL_FLUSH, KVAS_KIND_VMALLOC, KVAS_VM_FLUSH, ONE },
};
#define NR_TELLS (sizeof(tells) / sizeof(tells[0]))

static __u32 op_of(const union kvas_record *r)
{
	switch (r->h.kind) {
	case KVAS_KIND_TASK:
		return r->task.op;
	case KVAS_KIND_PGD:
		return r->pgd.op;
	case KVAS_KIND_SWITCH:
		return r->sw.op;
	case KVAS_KIND_CROSSING:
		return r->crossing.cause;
	case KVAS_KIND_FAULT:
		return r->fault.mode;
	case KVAS_KIND_VMALLOC:
		return r->vm.op;
	default:
		return 0;
	}
}

/* A page fault of user mode is an entry too: where both are recorded, it counts once. */
static bool told_twice(unsigned int i, __u32 emit)
{
	return tells[i].c == KVAS_C_FAULT_USER && tells[i].kind == KVAS_KIND_CROSSING &&
	       emit & (1u << KVAS_KIND_FAULT);
}

void rows_count(const union kvas_record *r, __u32 emit, enum kvas_region region,
		__u64 c[KVAS_C_COUNT])
{
	__u32 op = op_of(r);

	for (unsigned int i = 0; i < NR_TELLS; i++) {
		if (tells[i].kind != r->h.kind || (tells[i].op && tells[i].op != op) ||
		    told_twice(i, emit))
			continue;
		c[tells[i].c] += tells[i].of == ONE	? 1 :
				 tells[i].of == BYTES	? r->vm.bytes :
				 tells[i].of == UNSIZED ? !r->vm.bytes :
							  r->vm.areas;
	}
	if (r->h.kind != KVAS_KIND_FAULT)
		return;
	c[KVAS_C_FAULT_CODE + (r->fault.error_code & 31)]++;
	c[KVAS_C_FAULT_REGION + region]++;
}

bool rows_tell(__u32 emit, unsigned int c)
{
	for (unsigned int i = 0; i < NR_TELLS; i++)
		if (tells[i].c == c && emit & (1u << tells[i].kind))
			return true;
	return emit & (1u << KVAS_KIND_FAULT) &&
	       ((c >= KVAS_C_FAULT_CODE && c < KVAS_C_FAULT_CODE + 32) ||
		(c >= KVAS_C_FAULT_REGION && c < KVAS_C_FAULT_REGION + KVAS_REGION_COUNT));
}
