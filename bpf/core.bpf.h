/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kvas knows of the kernel's structs: an accessor for each member, with the kernel
 * versions it was looked up in or the commit that made a branch necessary. No other file
 * names a member.
 */
#ifndef KVAS_CORE_BPF_H
#define KVAS_CORE_BPF_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "kvas/asid.h"
#include "kvas/wire.h"

#define PAGE_SIZE 4096
#define PF_EXITING 0x00000004 /* include/linux/sched.h */
#define PF_KTHREAD 0x00200000
#define CLONE_VM 0x00000100 /* include/uapi/linux/sched.h */
#define CLONE_THREAD 0x00010000

/*
 * Pointers come in two kinds. An accessor loads directly through one that the verifier knows
 * (an argument of a tp_btf, fentry, fexit or iterator program, and what such a load gave). A
 * name that ends in _read takes any pointer (bpf_get_current_task()'s, a kprobe's argument) and
 * costs a call of bpf_probe_read_kernel().
 */
#define ACCESSOR(name, type, result, member)                        \
	static __always_inline result name(const struct type *from) \
	{                                                           \
		return (result)from->member;                        \
	}
#define ACCESSOR_READ(name, type, result, member)                   \
	static __always_inline result name(const struct type *from) \
	{                                                           \
		return (result)BPF_CORE_READ(from, member);         \
	}

/* struct task_struct; these members are the same from 5.10 to 7.2. */
ACCESSOR(task_tid, task_struct, u32, pid) /* the kernel's pid is user space's tid */
ACCESSOR(task_pid, task_struct, u32, tgid)
ACCESSOR(task_flags, task_struct, u32, flags)
ACCESSOR(task_start_time, task_struct, u64, start_time) /* ns, CLOCK_MONOTONIC */
ACCESSOR(process_start_time, task_struct, u64, group_leader->start_time)
ACCESSOR(task_exit_code, task_struct, u32, exit_code)
ACCESSOR(task_mm, task_struct, struct mm_struct *, mm) /* 0: a kernel thread, or exiting */
ACCESSOR(task_active_mm, task_struct, struct mm_struct *, active_mm)
ACCESSOR(task_cred, task_struct, u64, cred)
ACCESSOR(task_signal, task_struct, u64, signal)
ACCESSOR(task_files, task_struct, u64, files)
ACCESSOR_READ(task_flags_read, task_struct, u32, flags)
ACCESSOR_READ(task_mm_read, task_struct, struct mm_struct *, mm)
/* The lowest address of the kernel stack. A member since CONFIG_THREAD_INFO_IN_TASK (4.9). */
ACCESSOR(task_stack, task_struct, u64, stack)
ACCESSOR_READ(task_stack_read, task_struct, u64, stack)
/* The vector of the last exception of user mode; arch/x86/kernel/traps.c, 5.10 to 7.2. */
ACCESSOR_READ(task_trap_nr_read, task_struct, u64, thread.trap_nr)

/* A number of a helper of BPF, by which the kernel's BTF tells whether it has the helper. */
enum bpf_func_id___current {
	BPF_FUNC_get_current_task_btf___current = 158,
};

/*
 * Members of the running task: by direct loads where bpf_get_current_task_btf() is ("bpf: Implement
 * get_current_task_btf and RET_PTR_TO_BTF_ID", 5.11), which saves 80 instructions each.
 */
#define ACCESSOR_CURRENT(name, result, accessor)                                         \
	static __always_inline result name(void)                                         \
	{                                                                                \
		if (bpf_core_enum_value_exists(enum bpf_func_id___current,               \
					       BPF_FUNC_get_current_task_btf___current)) \
			return accessor(bpf_get_current_task_btf());                     \
		return accessor##_read((struct task_struct *)bpf_get_current_task());    \
	}

/* The set of cgroups of a task; another one once it has been moved. CONFIG_CGROUPS, 5.10 to 7.2. */
ACCESSOR(task_cgroups, task_struct, u64, cgroups)
ACCESSOR_READ(task_cgroups_read, task_struct, u64, cgroups)

ACCESSOR_CURRENT(current_cgroups, u64, task_cgroups)
ACCESSOR_CURRENT(current_stack, u64, task_stack)
ACCESSOR_CURRENT(current_flags, u32, task_flags)

/* Threads of TASK's process that have not yet begun to exit; atomic_t, 5.10 to 7.2. */
static __always_inline s32 task_live_threads(const struct task_struct *task)
{
	return task->signal->live.counter;
}

/* cgroup v2. Its id is that of its directory (kernfs, 5.5 and newer); the root's level is 0. */
ACCESSOR_READ(css_set_cgroup_read, css_set, struct cgroup *, dfl_cgrp)
ACCESSOR_READ(cgroup_level_read, cgroup, int, level)
ACCESSOR_READ(cgroup_kn_read, cgroup, struct kernfs_node *, kn)
ACCESSOR_READ(kernfs_id_read, kernfs_node, u64, id)

/* Is CSS_SET of the cgroup ID, which lies at LEVEL, or of one below it? A cgroup is its own ancestor at its
 * level: their ids until 6.0, they themselves since ("cgroup: Replace cgroup->ancestor_ids[] with
 * ->ancestors[]", 6.1). */
static __always_inline bool in_cgroup(u64 css_set, u64 id, u32 level)
{
	struct cgroup *cgroup = css_set_cgroup_read((struct css_set *)css_set);
	u64 ancestor = 0;

	if (!cgroup || cgroup_level_read(cgroup) < (int)level)
		return false;
	if (bpf_core_field_exists(((struct cgroup___ids *)0)->ancestor_ids)) {
		struct cgroup___ids *ids = (void *)cgroup;

		bpf_probe_read_kernel(&ancestor, sizeof(ancestor), &ids->ancestor_ids[0] + level);
		return ancestor == id;
	}
	bpf_probe_read_kernel(&ancestor, sizeof(ancestor), &cgroup->ancestors[0] + level);
	return ancestor && kernfs_id_read(cgroup_kn_read((struct cgroup *)ancestor)) == id;
}

static __always_inline void task_comm(char comm[KVAS_COMM_LEN], const struct task_struct *task)
{
	bpf_probe_read_kernel_str(comm, KVAS_COMM_LEN, task->comm);
}

/* The name of TASK's process, as ps has it: its first thread's, also when that thread has ended. */
static __always_inline void process_comm(char comm[KVAS_COMM_LEN], const struct task_struct *task)
{
	bpf_probe_read_kernel_str(comm, KVAS_COMM_LEN, task->group_leader->comm);
}

/*
 * The mm of a task at sched_process_exit; 0 a kernel thread. exit_mm() ran before this
 * tracepoint until "exit: move trace_sched_process_exit earlier" (6.16): then task->mm is gone
 * and active_mm still holds it.
 */
static __always_inline struct mm_struct *task_exit_mm(const struct task_struct *task)
{
	struct mm_struct *mm = task_mm(task);

	return mm || task_flags(task) & PF_KTHREAD ? mm : task_active_mm(task);
}

/* How long TASK has run, ns, but for a constant: what the scheduler has added up, and since
 * when it has not (update_curr(), kernel/sched/fair.c, 5.10 to 7.2). */
static __always_inline u64 task_runtime_read(const struct task_struct *task, u64 now)
{
	return BPF_CORE_READ(task, se.sum_exec_runtime) + now - BPF_CORE_READ(task, se.exec_start);
}

/*
 * THREAD_SIZE as BTF tells it; 0: this BTF does not. No type that BTF has is that of a task's
 * stack (union thread_union is in none of 5.10, 6.1, 6.12, 6.18, 7.2). struct irq_stack is in all:
 * its order, IRQ_STACK_ORDER, is defined beside THREAD_SIZE_ORDER and equal to it, both
 * 2 + KASAN_STACK_ORDER (arch/x86/include/asm/page_64_types.h, 4.0 to 7.2).
 */
static __always_inline u32 thread_size_by_btf(void)
{
	return bpf_core_type_exists(struct irq_stack) ? bpf_core_type_size(struct irq_stack) : 0;
}

/* struct mm_struct; 5.10 to 7.2. */
ACCESSOR(mm_pgd, mm_struct, u64, pgd)
ACCESSOR_READ(mm_pgd_read, mm_struct, u64, pgd)
/* Given to one mm and never again (init_new_context(), arch/x86, 4.14 on). */
ACCESSOR(mm_ctx_id, mm_struct, u64, context.ctx_id)

/* "x86/mm: Add global ASID allocation helper functions" (6.15), with
 * CONFIG_BROADCAST_TLB_FLUSH. */
struct mm_struct___global {
	struct {
		u16 global_asid;
	} context;
} __attribute__((preserve_access_index));

/* 0: MM has none; it then takes a slot of its own on each CPU. */
static __always_inline u16 mm_global_asid(const struct mm_struct *mm)
{
	const struct mm_struct___global *m = (const void *)mm;

	return bpf_core_field_exists(m->context.global_asid) ? m->context.global_asid : 0;
}

/*
 * The mm a page-table page belongs to, pgd_set_mm() in arch/x86/mm/pgtable.c.
 * struct page until "mm: remove page table members from struct page" (6.12
 * still has both), struct ptdesc from 6.6 on.
 */
struct page___pt_mm {
	struct mm_struct *pt_mm;
} __attribute__((preserve_access_index));

struct ptdesc {
	struct mm_struct *pt_mm;
} __attribute__((preserve_access_index));

static __always_inline u32 page_struct_size(void)
{
	return bpf_core_type_size(struct page);
}

/* Where that pointer is in a struct page; -1: it has none. */
static __always_inline s32 page_pt_mm_offset(void)
{
	if (bpf_core_field_exists(((struct ptdesc *)0)->pt_mm))
		return bpf_core_field_offset(((struct ptdesc *)0)->pt_mm);
	if (bpf_core_field_exists(((struct page___pt_mm *)0)->pt_mm))
		return bpf_core_field_offset(((struct page___pt_mm *)0)->pt_mm);
	return -1;
}

static __always_inline u64 page_pt_mm(const void *page)
{
	s32 offset = page_pt_mm_offset();
	u64 mm = 0;

	if (offset >= 0)
		bpf_probe_read_kernel(&mm, sizeof(mm), page + offset);
	return mm;
}

/* Before 5.14: the type with the direction's bit beside it; its enumerators were bits. */
struct iov_iter___bits {
	unsigned int type;
} __attribute__((preserve_access_index));

/* Is what I goes over user memory? There are iterators of kernel memory and of pages. */
static __always_inline bool iov_iter_of_user_read(const struct iov_iter *i)
{
	u32 type;

	if (!bpf_core_field_exists(i->iter_type)) {
		type = BPF_CORE_READ((const struct iov_iter___bits *)i, type);
		return type & bpf_core_enum_value(enum iter_type, ITER_IOVEC);
	}
	type = BPF_CORE_READ(i, iter_type);
	/* ITER_UBUF: 6.0 on. */
	if (bpf_core_enum_value_exists(enum iter_type, ITER_UBUF) &&
	    type == bpf_core_enum_value(enum iter_type, ITER_UBUF))
		return true;
	return type == bpf_core_enum_value(enum iter_type, ITER_IOVEC);
}

/* The record of kmalloc's tracepoint until 6.0. This field came in 5.19, with the cache as
 * the event's third argument; both are gone in 6.1. */
struct trace_event_raw_kmem_alloc___cache {
	bool accounted;
} __attribute__((preserve_access_index));

/* Bytes that a slab event gave, of its arguments A: call site, object, bytes asked for, bytes;
 * in 5.19 and 6.0 with the cache before the sizes. */
static __always_inline u64 slab_event_bytes(const u64 a[5])
{
	bool cache = bpf_core_field_exists(struct trace_event_raw_kmem_alloc___cache, accounted);

	return cache ? a[4] : a[3];
}

/* Has kmem_cache_alloc's event the cache, and no sizes? From 6.1 on, where it is a tracepoint
 * of its own: call site, object, cache. */
static __always_inline bool slab_event_has_cache(void)
{
	return bpf_core_type_exists(struct trace_event_raw_kmem_cache_alloc);
}

/* Bytes of an object of a cache, with what the allocator adds; 5.10 to 7.2. */
ACCESSOR_READ(kmem_cache_size_read, kmem_cache, u32, size)

/* Where a signal comes from: above 0, from the kernel. 5.10 to 7.2. */
ACCESSOR_READ(siginfo_code_read, kernel_siginfo, int, si_code)

/* The next handler of one interrupt line; 5.10 to 7.2. */
ACCESSOR_READ(irqaction_next_read, irqaction, u64, next)

/* 5.10 to 7.2. */
ACCESSOR_READ(vmap_area_start_read, vmap_area, u64, va_start)
ACCESSOR_READ(vmap_area_end_read, vmap_area, u64, va_end)

ACCESSOR_READ(vmap_area_vm_read, vmap_area, const struct vm_struct *, vm) /* 0: vm_map_ram, or freed */
ACCESSOR_READ(vm_flags_read, vm_struct, u64, flags)
ACCESSOR_READ(vm_pages_read, vm_struct, u32, nr_pages)
ACCESSOR_READ(vm_phys_read, vm_struct, u64, phys_addr)
ACCESSOR_READ(vm_caller_read, vm_struct, u64, caller)
ACCESSOR_READ(list_next_read, list_head, u64, next)

/* The area whose node in a list is at NODE. */
static __always_inline const struct vmap_area *vmap_area_of(u64 node)
{
	return (void *)(node - bpf_core_field_offset(((struct vmap_area *)0)->list));
}

/*
 * Where the list of busy areas is: vmap_area_list until "mm: vmalloc: Remove global
 * vmap_area_root rb-tree" (6.9), then one in each of vmap_nodes. 0: the former.
 */
static __always_inline u32 vmap_node_size(void)
{
	return bpf_core_type_exists(struct vmap_node) ? bpf_core_type_size(struct vmap_node) : 0;
}

static __always_inline u32 vmap_node_list(void)
{
	return bpf_core_type_exists(struct vmap_node) ?
		       bpf_core_field_offset(((struct vmap_node *)0)->busy) +
			       bpf_core_field_offset(((struct rb_list *)0)->head) :
		       0;
}

#define CPA_ARRAY 2 /* cpa_data.flags, arch/x86/mm/pat/set_memory.c, 5.10 to 7.2 */
#define CPA_PAGES_ARRAY 4

/* What a call of __change_page_attr_set_clr() is to change: the first ADDRESS, 0 not told, and
 * how many PAGES. Of an array it tells the first alone: the others are anywhere. */
static __always_inline void cpa_range_read(const struct cpa_data *cpa, u64 *address, u64 *pages)
{
	unsigned int flags = BPF_CORE_READ(cpa, flags);
	unsigned long *vaddr = BPF_CORE_READ(cpa, vaddr);

	*address = 0;
	*pages = flags & (CPA_ARRAY | CPA_PAGES_ARRAY) ? 1 : BPF_CORE_READ(cpa, numpages);
	if (!(flags & CPA_PAGES_ARRAY))
		bpf_probe_read_kernel(address, sizeof(*address), vaddr);
}

/* A map's number; 5.10 to 7.2. */
ACCESSOR(map_id, bpf_map, u32, id)

/* The per-CPU pointer of the first element of MAP, a per-CPU array; 0 not read. 5.10 to 7.2. */
static __always_inline u64 array_pptr_read(const struct bpf_map *map)
{
	void *element = 0;

	bpf_core_read(&element, sizeof(element), &((const struct bpf_array *)map)->pptrs[0]);
	return (u64)element;
}

/*
 * The ASID slots of a CPU, whose struct tlb_state is at STATE: false they cannot be read.
 * loaded_mm_asid, next_asid and invalidate_other stand within eight bytes (5.10 to 7.2) and are
 * read at once. TLB_NR_DYN_ASIDS is 6, arch/x86/include/asm/tlbflush.h, 4.15 to 7.2.
 */
static __always_inline bool tlb_state_slots_read(u64 state, struct kvas_asid_slots *out)
{
	const struct tlb_state *t = (const struct tlb_state *)state;
	u32 at = bpf_core_field_offset(t->loaded_mm_asid);
	u32 next = bpf_core_field_offset(t->next_asid) - at;
	u32 other = bpf_core_field_offset(t->invalidate_other) - at;
	u64 word = 0;

	if (next > 6 || other > 7 || bpf_probe_read_kernel(&word, sizeof(word), (void *)state + at) ||
	    bpf_core_read(out->slot, sizeof(out->slot), &t->ctxs))
		return false;
	out->loaded = word;
	out->next = word >> 8 * next;
	out->invalidate_other = word >> 8 * other & 0xff;
	return true;
}

/* The kernel's per-CPU variable; address 0 where its BTF has none of that name. A program that names it
 * is refused (ENOENT) where kallsyms lacks data (CONFIG_KALLSYMS_ALL off). */
extern const struct tlb_state cpu_tlbstate __ksym __weak;

/*
 * The slots of this CPU by direct loads, which cost a tenth of the reads above: false where BTF does not
 * tell of the variable. bpf_this_cpu_ptr() is in 5.10 to 7.2. The caller has preemption off.
 */
static __always_inline bool tlb_state_slots(struct kvas_asid_slots *out)
{
	const struct tlb_state *t;

	if (!&cpu_tlbstate)
		return false;
	t = bpf_this_cpu_ptr(&cpu_tlbstate);
	out->loaded = t->loaded_mm_asid;
	out->next = t->next_asid;
	out->invalidate_other = t->invalidate_other;
	for (int i = 0; i < KVAS_ASID_SLOTS; i++)
		out->slot[i].ctx_id = t->ctxs[i].ctx_id;
	return true;
}

#endif
