/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types the BPF programs name: only the members they read, in no
 * particular order. CO-RE relocates every access against the running kernel's
 * BTF, so offsets here mean nothing and a full dump of one kernel is not needed.
 * Members were looked up in the BTF of Debian 5.10, 6.1, 6.12 and 7.2 and of a
 * 6.18 host (bpftool btf dump file /sys/kernel/btf/vmlinux format c).
 */
#ifndef KVAS_VMLINUX_H
#define KVAS_VMLINUX_H

/* bpf_tracing.h: struct pt_regs below has the kernel's names (di), not user space's (rdi). */
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef int pid_t;
typedef _Bool bool;
enum { false = 0, true = 1 };

/* include/uapi/linux/bpf.h; values are ABI */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};
enum {
	BPF_F_NO_PREALLOC = 1,
	BPF_F_MMAPABLE = 1024,
};
enum {
	BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};
enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};

/* What a perf_event program is called with: ABI (include/uapi/linux/bpf_perf_event.h and
 * arch/x86/include/uapi/asm/ptrace.h), so not relocated. */
struct kvas_user_regs {
	u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	u64 ip, cs, flags, sp, ss;
};
struct kvas_perf_data {
	struct kvas_user_regs regs;
	u64 sample_period;
	u64 addr;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_map {
	u32 id;
};
/* Of a per-CPU array the elements, as per-CPU pointers. */
struct bpf_array {
	struct bpf_map map;
	void *pptrs[0];
};
struct bpf_iter__bpf_map {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
};

typedef struct {
	unsigned long pgd;
} pgd_t;

typedef struct {
	u64 ctx_id;
} mm_context_t;

struct mm_struct {
	pgd_t *pgd;
	mm_context_t context;
};

struct thread_struct {
	unsigned long trap_nr;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
};

struct cred;
struct files_struct;

struct sched_entity {
	u64 exec_start;
	u64 sum_exec_runtime;
};

struct task_struct {
	unsigned int flags;
	struct sched_entity se;
	pid_t pid;
	pid_t tgid;
	u64 start_time;
	struct task_struct *group_leader;
	int exit_code;
	void *stack;
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	const struct cred *cred;
	struct signal_struct *signal;
	struct files_struct *files;
	char comm[16];
	struct css_set *cgroups;
	struct thread_struct thread;
};

struct kernfs_node {
	u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup *ancestors[]; /* 6.1 and newer */
};

struct cgroup___ids {
	int level;
	u64 ancestor_ids[]; /* until 6.0 */
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct cpa_data { /* arch/x86/mm/pat/set_memory.c */
	unsigned long *vaddr;
	unsigned long numpages;
	unsigned int flags;
};

struct tlb_context {
	u64 ctx_id;
	u64 tlb_gen;
};

struct tlb_state {
	u16 loaded_mm_asid;
	u16 next_asid;
	bool invalidate_other;
	struct tlb_context ctxs[6]; /* TLB_NR_DYN_ASIDS */
};

struct kernel_siginfo {
	int si_signo;
	int si_code;
};

struct pt_regs {
	unsigned long ip;
	unsigned long ax; /* return value: PT_REGS_RC */
	unsigned long di; /* first argument */
	unsigned long si;
	unsigned long dx;
};

struct irqaction {
	struct irqaction *next;
};

/* Its size is what is asked for. */
struct irq_stack {
	char stack[1];
};

struct list_head {
	struct list_head *next;
};

struct vm_struct {
	unsigned long size;
	unsigned long flags;
	unsigned int nr_pages;
	unsigned long phys_addr;
	const void *caller;
};

struct vmap_area {
	unsigned long va_start;
	unsigned long va_end;
	struct list_head list;
	struct vm_struct *vm; /* within a union */
};

struct rb_list {
	struct list_head head;
};

struct vmap_node {
	struct rb_list busy;
};

struct page {
	unsigned long flags;
};

struct kmem_cache {
	unsigned int size; /* of an object, with what the slab allocator adds */
};

/* 6.1 on: kmem_cache_alloc is a tracepoint of its own and has the cache. */
struct trace_event_raw_kmem_cache_alloc {
	unsigned long call_site;
};

/* ITER_UBUF: 6.0 on. */
enum iter_type {
	ITER_IOVEC = 0,
	ITER_UBUF = 6,
};

/* iter_type: 5.14 on. */
struct iov_iter {
	u8 iter_type;
};

struct linux_binprm;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

#pragma clang attribute pop

#endif
