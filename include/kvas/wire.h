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

enum kvas_task_op {
	KVAS_TASK_FORK = 1, /* a new process with a new mm (no CLONE_VM) */
	KVAS_TASK_THREAD = 2, /* CLONE_THREAD: same process, same mm */
	KVAS_TASK_EXEC = 3,
	KVAS_TASK_EXIT = 4,
	KVAS_TASK_VFORK = 5, /* a new process in its parent's mm (CLONE_VM): vfork, posix_spawn */
	KVAS_TASK_KTHREAD = 6, /* a new kernel thread: no mm */
};

enum kvas_pgd_op {
	KVAS_PGD_ALLOC = 1,
	KVAS_PGD_FREE = 2,
};

/* How a PGD event was had: 1 a hook ran in pgd_alloc or pgd_free themselves;
 * 2 it follows from task_newtask, sched_process_exec and mm_page_free. */
enum kvas_how {
	KVAS_HOW_OBSERVED = 1,
	KVAS_HOW_DERIVED = 2,
};

/* What a context switch did to the address space. */
enum kvas_switch_op {
	KVAS_SWITCH_MM_LOADED = 1, /* next has another mm than the active one */
	KVAS_SWITCH_SAME_MM = 2, /* threads of one process */
	KVAS_SWITCH_LAZY_KTHREAD = 3, /* next is a kernel thread: borrows active_mm */
	KVAS_SWITCH_LAZY_RETURN = 4, /* from a kernel thread back to the mm it had borrowed */
};

enum kvas_cross_cause {
	KVAS_CROSS_SYSCALL = 1,
	KVAS_CROSS_PAGE_FAULT = 2,
	KVAS_CROSS_IRQ = 3,
	KVAS_CROSS_EXCEPTION = 4,
};

enum kvas_fault_mode {
	KVAS_FAULT_USER = 1, /* exceptions:page_fault_user */
	KVAS_FAULT_KERNEL = 2, /* exceptions:page_fault_kernel */
};

enum kvas_vm_op {
	KVAS_VM_ALLOC = 1,
	KVAS_VM_FREE = 2, /* lazily: its page-table entries go, its addresses wait for a purge */
	KVAS_VM_PURGE = 3, /* addresses freed lazily are given back, after one TLB flush */
	KVAS_VM_FLUSH = 4, /* a range of kernel addresses is flushed from all CPUs' TLBs */
};

/* What a sample of the access sampler stands for. */
enum kvas_access_mode {
	KVAS_ACCESS_KERNEL = 1, /* the kernel's instruction it was about to run */
	KVAS_ACCESS_IRQS_OFF = 2, /* what the kernel did before, with interrupts off */
	KVAS_ACCESS_RETURN = 3, /* the same, on the way back to user mode */
	KVAS_ACCESS_USER = 4,
	KVAS_ACCESS_IDLE = 5, /* the CPU waited for an interrupt */
	KVAS_ACCESS_UNKNOWN = 6, /* the kernel's, and no instruction */
	KVAS_ACCESS_PRECISE = 7, /* the PMU's: an instruction that ran, and its address */
	KVAS_ACCESS_NO_SYMBOLS = 8, /* the kernel's; without symbols no one knows which of those */
	KVAS_ACCESS_UNREADABLE = 9, /* the kernel's, and its text could not be read */
	KVAS_ACCESS_MODE_COUNT = 10,
};

/* What an address is made from. */
enum kvas_access_base {
	KVAS_BASE_NONE = 0, /* no access */
	KVAS_BASE_POINTER = 1, /* a general register */
	KVAS_BASE_STACK = 2, /* rsp */
	KVAS_BASE_PERCPU = 3, /* gs */
	KVAS_BASE_STATIC = 4, /* rip, or a place in the kernel image */
	KVAS_BASE_STRING = 5, /* of a string instruction: rsi, rdi */
	KVAS_BASE_COUNT = 6,
};

/* Why an access has no address, or its address no region. */
enum kvas_access_why {
	KVAS_WHY_KNOWN = 0,
	KVAS_WHY_PERCPU_BASE = 1, /* the base of gs is not known; that it is per-CPU data is */
	KVAS_WHY_FS = 2, /* through fs, whose base is not known */
	KVAS_WHY_VECTOR = 3, /* gather and scatter: an address an element */
	KVAS_WHY_NO_REGION = 4, /* the address lies in none */
	KVAS_WHY_IRQS_OFF = 5, /* not on the wire: expected of code with interrupts off */
	KVAS_WHY_COUNT = 6,
};

/* Regions of the address space: regions.def. */
enum kvas_region {
#define REGION(value, name, word, letter, use) KVAS_REGION_##name = value,
#include "kvas/regions.def"
#undef REGION
	KVAS_REGION_COUNT, /* one past the last */
};

/* Per-task counts. They are differences of the per-CPU counters taken when the
 * task leaves the CPU, so the hot hooks never look a task up. */
enum kvas_task_counter {
	KVAS_T_SYSCALL = 0,
	KVAS_T_FAULT_USER = 1,
	KVAS_T_FAULT_KERNEL = 2,
	KVAS_T_IRQ = 3, /* interrupts of user mode */
	KVAS_T_CR3 = 4, /* CR3 loads of switch_mm_irqs_off while it was current */
	KVAS_T_SWITCH = 5, /* times it left the CPU */
	KVAS_T_EXCEPTION = 6,
	KVAS_T_NMI = 7, /* NMIs that interrupted it in user mode */
	KVAS_T_TLB_FLUSH = 8, /* CR3 writes of TLB flushes while it was current */
	KVAS_T_COUNT = 9,
};

/* Per-CPU counters: what happened, whether or not a record was kept. */
enum kvas_counter {
	KVAS_C_FORK = 0, /* new processes: ops FORK and VFORK */
	KVAS_C_THREAD = 1,
	KVAS_C_EXEC = 2,
	KVAS_C_EXIT = 3,
	KVAS_C_PGD_ALLOC = 4,
	KVAS_C_PGD_FREE = 5,
	KVAS_C_SYSCALL = 6,
	KVAS_C_FAULT_USER = 7,
	KVAS_C_FAULT_KERNEL = 8,
	KVAS_C_IRQ_USER = 9,
	KVAS_C_IRQ_KERNEL = 10,
	KVAS_C_SWITCH = 11,
	KVAS_C_SWITCH_MM_LOADED = 12,
	KVAS_C_SWITCH_SAME_MM = 13,
	KVAS_C_SWITCH_LAZY_KTHREAD = 14,
	KVAS_C_SWITCH_LAZY_RETURN = 15,
	KVAS_C_CR3_FLUSH = 16, /* tlb:tlb_flush reason 0, pages = -1 */
	KVAS_C_CR3_NOFLUSH = 17, /* tlb:tlb_flush reason 0, pages = 0 */
	KVAS_C_VM_ALLOC = 18,
	KVAS_C_VM_FREE = 19,
	KVAS_C_VM_ALLOC_BYTES = 20,
	KVAS_C_VM_FREE_BYTES = 21,
	KVAS_C_VM_FREE_UNSIZED = 22, /* freed areas whose allocation was not seen */
	KVAS_C_VFORK = 23, /* those of KVAS_C_FORK that share their parent's mm */
	KVAS_C_KTHREAD = 24,
	KVAS_C_SWITCH_MISSED = 25, /* a CPU was found running another task than its last
				    * sched_switch said: at least one event was not delivered */
	KVAS_C_CR3_TLB_FLUSH = 26, /* tlb:tlb_flush reasons 1 to 3, pages = -1 */
	KVAS_C_CR3_TEMPORARY = 27, /* loads of and back from a temporary mm */
	KVAS_C_EXCEPTION = 28, /* of user mode, other than page faults, that raised a signal */
	KVAS_C_NMI_USER = 29,
	KVAS_C_NMI_KERNEL = 30,
	KVAS_C_SYSCALL_REFUSED = 31, /* those of KVAS_C_SYSCALL that seccomp refused */
	KVAS_C_FAULT_CODE = 32, /* 32 counters: error code bits 0 to 4 */
	KVAS_C_FAULT_REGION = 64, /* 16 counters: enum kvas_region */
	KVAS_C_VM_PURGE = 80,
	KVAS_C_VM_PURGED_AREAS = 81, /* of purges that told how many */
	KVAS_C_KERNEL_FLUSH = 82,
	KVAS_C_SLOT_GLOBAL = 83, /* next's mm has a global ASID and takes no slot (INVLPGB) */
	KVAS_C_LOST_MAP = 88, /* 4 counters: enum kvas_map_loss */
	KVAS_C_LAZY_LOADED = 92, /* those of LAZY_RETURN that had to load CR3 all the same */
	KVAS_C_SLOT_REUSED = 93, /* next's mm had an ASID slot on this CPU */
	KVAS_C_SLOT_EVICTED = 94, /* it had none and takes that of another mm */
	KVAS_C_SLOT_EMPTY = 95, /* it had none and takes a free one */
	KVAS_C_LOST_RING = 96, /* 16 counters: records refused by a full ring, by kind */
	KVAS_C_COUNT = 112,
};

/* Which map had no room (or was busy under an interrupt). */
enum kvas_map_loss {
	KVAS_LOSS_MAP_TASK = 0,
	KVAS_LOSS_MAP_PGD = 1,
	KVAS_LOSS_MAP_VM = 2,
	KVAS_LOSS_MAP_MEMORY = 3,
	KVAS_LOSS_MAP_COUNT = 4,
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
	__u32 expect_load[KVAS_BASE_COUNT];
	__u32 expect_store[KVAS_BASE_COUNT];
	char function[KVAS_FUNCTION_LEN]; /* ip is in it; "" not known */
};

/* Uses of memory that are counted and not recorded one by one. */
enum kvas_memory_use {
	KVAS_MEMORY_TO_USER = 1, /* copied from kernel to user memory */
	KVAS_MEMORY_FROM_USER = 2,
	KVAS_MEMORY_SLAB = 3, /* slab objects, kmalloc included */
	KVAS_MEMORY_PAGES = 4, /* of the page allocator */
	KVAS_MEMORY_STRINGS = 5, /* copied from user memory; their bytes are not known, so 0 */
	KVAS_MEMORY_VMALLOC = 6, /* not on the wire: from its records */
	KVAS_MEMORY_END = 7,
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
	__u64 who; /* slab: the return address; else 1 + stack number, 0 none; or of pages that
		    * are copied KVAS_WHO_COPY + enum kvas_copy */
	__u16 use; /* enum kvas_memory_use */
	__u16 region; /* enum kvas_region: of the kernel's side */
	__u32 order; /* 2^order bytes at most, and more than half of it */
};
#define KVAS_WHO_COPY (1ULL << 32)
struct kvas_memory_sum {
	__u64 count;
	__u64 bytes;
};
#define KVAS_MEMORY_SUMS 8192 /* entries */
#define KVAS_MEMORY_STACKS 16384
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
