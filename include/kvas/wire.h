/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire contract between the BPF programs and user space, and nothing else.
 *
 * Included from both sides: fixed-width types only, every enum value written
 * out and never renumbered, every struct size asserted. A change that moves a
 * field or a value bumps KVAS_ABI. On the BPF side vmlinux.h comes first.
 */
#ifndef KVAS_WIRE_H
#define KVAS_WIRE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define KVAS_ABI 6

#define KVAS_COMM_LEN 16 /* TASK_COMM_LEN, include/linux/sched.h */
#define KVAS_MAX_RINGS 1024 /* one ring per CPU up to this many CPUs */

/* Kinds of ring record; also the bit numbers of kvas_config.emit. */
enum kvas_kind {
	KVAS_KIND_TASK = 1,
	KVAS_KIND_PGD = 2,
	KVAS_KIND_SWITCH = 3,
	KVAS_KIND_CROSSING = 4,
	KVAS_KIND_FAULT = 5,
	KVAS_KIND_VMALLOC = 6,
	KVAS_KIND_ACCESS = 7, /* made in user space from a struct kvas_sample */
	KVAS_KIND_MEMORY = 8, /* made in user space from the sums of memory.bpf.c */
	KVAS_KIND_END = 9, /* one past the last; not a kind */
};

/* The enums whose values have words: words.def. */
#define ENUM(id, prefix, doc) enum kvas_##id {
#define VALUE(prefix, number, name, word, doc) KVAS_##prefix##_##name = number,
#define ENUM_END(id, prefix)                         \
	KVAS_##prefix##_END, /* one past the last */ \
	};
#include "kvas/words.def"

/* Regions of the address space: regions.def. */
enum kvas_region {
#define REGION(value, name, word, letter, use) KVAS_REGION_##name = value,
#include "kvas/regions.def"
#undef REGION
	KVAS_REGION_COUNT, /* one past the last */
};

/* Per-task counts and per-CPU counters: hooks.def. */
enum kvas_task_counter {
#define TASK_COUNTER(number, name, word, doc) KVAS_T_##name = number,
#include "kvas/hooks.def"
	KVAS_T_COUNT, /* one past the last */
	KVAS_T_NONE = KVAS_T_COUNT,
};

/* What happened, whether or not a record was kept. */
enum kvas_counter {
#define COUNTER(number, name, word, hook, task, doc) KVAS_C_##name = number,
#define COUNTERS(first, count, name, words, doc) KVAS_C_##name = first,
#include "kvas/hooks.def"
	KVAS_C_COUNT = 112,
};

/* Every record begins so. pid and tid are those of current, in the initial
 * PID namespace; pid is the thread group, as user space calls it. */
struct kvas_hdr {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u16 kind; /* enum kvas_kind */
	__u16 size; /* bytes of the whole record */
	__u32 cpu;
	__u32 pid;
	__u32 tid;
	char comm[KVAS_COMM_LEN]; /* any byte may occur; not always terminated */
};

/* New tasks, exec, exit. task, stack, mm and pgd are those of the task that
 * began, goes on (exec) or ended (exit). mm is 0 for a kernel
 * thread. counts are filled at exit: what the task did while kvas watched. */
struct kvas_rec_task {
	struct kvas_hdr h;
	__u64 task; /* struct task_struct */
	__u64 stack; /* lowest address of its kernel stack */
	__u64 mm;
	__u64 pgd;
	__u64 clone_flags; /* of a new task */
	__u32 op; /* enum kvas_task_op */
	__u32 child_pid; /* the new task */
	__u32 child_tid;
	__u32 exit_code; /* exit: task->exit_code as the kernel holds it */
	__u32 group_dead; /* exit: 1 no thread of its process is left; 0 one is */
	__u32 zero;
	__u64 counts[KVAS_T_COUNT];
};

/* A top-level page table allocated or freed. owner_* is the process whose
 * address space it is, 0 when no hook told. Times are 0 when unknown. */
struct kvas_rec_pgd {
	struct kvas_hdr h;
	__u64 pgd;
	__u64 mm;
	__u64 alloc_ns; /* free: when it was allocated */
	__u64 exit_ns; /* free: when the last task seen using it exited */
	__u32 op; /* enum kvas_pgd_op */
	__u32 how; /* enum kvas_how */
	__u32 owner_pid;
	__u32 order; /* 2^order pages; KVAS_ORDER_UNKNOWN */
	char owner_comm[KVAS_COMM_LEN];
};
#define KVAS_ORDER_UNKNOWN 0xffffffffu

/* A context switch; the header is the task that left the CPU. */
struct kvas_rec_switch {
	struct kvas_hdr h;
	__u64 prev_mm; /* the address space that was active, borrowed or own */
	__u64 next_mm; /* 0: kernel thread */
	__u32 op; /* enum kvas_switch_op */
	__u32 next_pid;
	__u32 next_tid;
	__u32 zero;
	char next_comm[KVAS_COMM_LEN];
};

struct kvas_rec_crossing {
	struct kvas_hdr h;
	__u32 cause; /* enum kvas_cross_cause */
	__s32 nr; /* system call number, interrupt or exception vector; -1 none */
};

struct kvas_rec_fault {
	struct kvas_hdr h;
	__u64 address; /* CR2 */
	__u64 ip;
	__u64 error_code; /* X86_PF_*, arch/x86/include/asm/trap_pf.h */
	__u32 mode; /* enum kvas_fault_mode */
	__u32 zero;
};

#define KVAS_FUNCTION_LEN 48
#define KVAS_VM_STACK 16

/* A purge or flush is the whole system's, whatever the filter. */
struct kvas_rec_vmalloc {
	struct kvas_hdr h;
	__u64 address; /* of a purge or flush the lowest; 0 unknown */
	__u64 bytes; /* of the area, guard page included, or the range; 0 unknown */
	__u64 alloc_ns; /* free: when it was allocated; 0 unknown */
	__u64 areas; /* purge: given back; 0 unknown */
	__u64 lazy_bytes; /* free: freed lazily in the whole system, this included; 0 unknown */
	__u32 op; /* enum kvas_vm_op */
	__u32 zero;
	union {
		__u64 stack[KVAS_VM_STACK]; /* on the ring: return addresses, then 0s */
		char caller[KVAS_FUNCTION_LEN]; /* from then on; "" not known */
	};
};

/* One memory operand, or two that are one after the other of the same kind. */
struct kvas_access {
	__u64 address; /* 0 not known */
	__u32 from; /* enum kvas_access_base */
	__u32 region; /* enum kvas_region; KVAS_REGION_COUNT no access */
	__u32 bytes; /* of one access */
	__u32 times; /* accesses */
	__u32 leaf_kb; /* page size it is mapped by; 0 not known */
	__u32 why; /* enum kvas_access_why */
};

/* A sample of the access sampler, decoded. */
struct kvas_rec_access {
	struct kvas_hdr h;
	__u64 ip;
	__u32 mode; /* enum kvas_access_mode */
	__u32 stack_region; /* enum kvas_region: where rsp pointed; KVAS_REGION_COUNT not taken */
	struct kvas_access load;
	struct kvas_access store;
	/* With interrupts off: accesses to be expected of a million instructions, by
	 * enum kvas_access_base. */
	__u32 expect_load[KVAS_BASE_END];
	__u32 expect_store[KVAS_BASE_END];
	char function[KVAS_FUNCTION_LEN]; /* ip is in it; "" not known */
};

/* Functions that copy whole pages, which they reach through the direct map. */
enum kvas_copy {
	KVAS_COPY_FILE_READ = 1, /* from the page cache */
	KVAS_COPY_FILE_WRITE = 2,
	KVAS_COPY_IOMAP_WRITE = 3, /* the same, xfs and others */
	KVAS_COPY_SHMEM_READ = 4,
	KVAS_COPY_PIPE_READ = 5,
	KVAS_COPY_PIPE_WRITE = 6,
	KVAS_COPY_END = 7,
};

/* Key and value of the sums, a map entry per CPU. */
struct kvas_memory_key {
	__u64 who; /* slab: the return address; pages that are copied: enum kvas_copy; else
		    * the key of the stack, which has KVAS_WHO_STACK set, or 0: it is not known */
	__u16 use; /* enum kvas_memory_use */
	__u16 region; /* enum kvas_region: of the kernel's side */
	__u32 order; /* 2^order bytes at most, and more than half of it */
};
#define KVAS_WHO_STACK (1ULL << 63)
struct kvas_memory_sum {
	__u64 count;
	__u64 bytes;
};
#define KVAS_MEMORY_SUMS 8192 /* entries */
#define KVAS_MEMORY_STACK 16 /* return addresses of one */

/* What one key grew by in an interval; the header has its end and nothing more. */
struct kvas_rec_memory {
	struct kvas_hdr h;
	__u64 count;
	__u64 bytes;
	__u32 use; /* enum kvas_memory_use */
	__u32 region; /* enum kvas_region */
	__u32 order;
	__u32 zero;
	char function[KVAS_FUNCTION_LEN]; /* who copies or allocates; "" not known */
};

union kvas_record {
	struct kvas_hdr h;
	struct kvas_rec_task task;
	struct kvas_rec_pgd pgd;
	struct kvas_rec_switch sw;
	struct kvas_rec_crossing crossing;
	struct kvas_rec_fault fault;
	struct kvas_rec_vmalloc vm;
	struct kvas_rec_access access;
	struct kvas_rec_memory memory;
};

/* Read by user space from the per-CPU map; one per possible CPU. */
struct kvas_cpu {
	__u64 c[KVAS_C_COUNT]; /* enum kvas_counter */
	__u64 base[KVAS_T_COUNT]; /* totals when the current task came on */
	__u64 last_action; /* struct irqaction seen last: shared lines count once */
	__u64 fp; /* scratch: where this CPU's program runs */
	__u64 user_dist; /* bytes from stack top to fp in an interrupt of user mode; 0 not met */
	__u64 unflushed; /* record bytes since the reader was woken */
	__u64 nmi_first; /* the handler called first in every NMI: one call of it is one NMI */
	__u64 nmi_fp; /* as fp; an NMI may come between another program's use of fp */
	__u64 percpu; /* this CPU's per-CPU offset; 0 not read yet */
	__u32 pid; /* who is current, once a switch was seen */
	__u32 tid;
	__u32 tracked; /* current passes the filter */
	__u32 seen; /* a switch was seen: pid, tid, tracked, base hold */
	__u32 op; /* enum kvas_switch_op of the last switch */
	__u32 temporary; /* between the load of a temporary mm and the way back */
};

/* Per-task state, in task storage or (before 5.12) a hash by tid. */
struct kvas_task {
	__u64 c[KVAS_T_COUNT];
	__u32 tracked;
	__u32 zero;
};

/* One task, as the task iterator hands it to user space. */
struct kvas_iter_task {
	__u64 task;
	__u64 stack;
	__u64 mm;
	__u64 pgd;
	__u64 c[KVAS_T_COUNT];
	__u32 pid;
	__u32 tid;
	char comm[KVAS_COMM_LEN];
};

enum kvas_filter {
	KVAS_FILTER_NONE = 0,
	KVAS_FILTER_TREE = 1, /* marked tasks and what they create from now on */
	KVAS_FILTER_COMM = 2, /* tasks whose comm equals config.comm */
};

/* Constant once loaded: the verifier removes what it switches off. */
struct kvas_config {
	__u64 region_start[KVAS_REGION_COUNT]; /* [start, end); 0, 0 = not known here */
	__u64 region_end[KVAS_REGION_COUNT];
	__u32 emit; /* bit per enum kvas_kind */
	__u32 filter; /* enum kvas_filter */
	__u32 nr_rings;
	__u32 wakeup_bytes; /* wake the reader after this many queued bytes */
	__u32 use_task_storage;
	__u32 pgd_derived; /* no hook on pgd_alloc/pgd_free */
	__u32 thread_size; /* bytes of a kernel stack */
	__u32 pcid; /* the kernel uses PCIDs: more than one ASID slot */
	__u64 tlbstate; /* per-CPU symbol cpu_tlbstate; 0 not known here */
	__u64 percpu_offsets; /* the array __per_cpu_offset; 0 not known here */
	char comm[KVAS_COMM_LEN];
};

_Static_assert(sizeof(struct kvas_hdr) == 40, "wire");
_Static_assert(sizeof(struct kvas_rec_task) == 176, "wire");
_Static_assert(sizeof(struct kvas_rec_pgd) == 104, "wire");
_Static_assert(sizeof(struct kvas_rec_switch) == 88, "wire");
_Static_assert(sizeof(struct kvas_rec_crossing) == 48, "wire");
_Static_assert(sizeof(struct kvas_rec_fault) == 72, "wire");
_Static_assert(sizeof(struct kvas_rec_vmalloc) == 216, "wire");
_Static_assert(sizeof(struct kvas_rec_access) == 216, "wire");
_Static_assert(sizeof(struct kvas_rec_memory) == 120, "wire");
_Static_assert(sizeof(struct kvas_memory_key) == 16, "wire");
_Static_assert(sizeof(struct kvas_cpu) == 1048, "wire");
_Static_assert(sizeof(struct kvas_task) == 80, "wire");
_Static_assert(sizeof(struct kvas_iter_task) == 128, "wire");

#endif
