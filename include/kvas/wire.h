/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire contract between the BPF programs and user space, and nothing else.
 *
 * Included from both sides: fixed-width types only, every enum value written
 * out and never renumbered, every struct size asserted. Both sides are built together, so
 * that they have the same structs. On the BPF side vmlinux.h comes first.
 */
#ifndef KVAS_WIRE_H
#define KVAS_WIRE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define KVAS_COMM_LEN 16 /* TASK_COMM_LEN, include/linux/sched.h */
#define KVAS_MAX_RINGS 1024 /* one ring per CPU up to this many CPUs */

/* Kinds of ring record; also the bit numbers of kvas_config.emit. */
enum kvas_kind {
#define RECORD(value, name, id, member, word, head, title) KVAS_KIND_##name = value,
#include "kvas/records.def"
	KVAS_KIND_END, /* one past the last; not a kind */
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
#define COUNTERS(first, count, name, prefix, words, doc) KVAS_C_##name = first,
#include "kvas/hooks.def"
	KVAS_C_COUNT = 112,
};

#define KVAS_ORDER_UNKNOWN 0xffffffffu /* of a field that is an ORDER */
#define KVAS_FUNCTION_LEN 48
#define KVAS_VM_STACK 16

/* The records: records.def. */
#define HDR_NUMBER(type, field, kind, doc) type field;
#define HDR_WIRE(type, field, array, doc) type field;
#define HDR_COMM(field, doc) char field[KVAS_COMM_LEN]; /* not always terminated */
struct kvas_hdr {
	KVAS_HDR_FIELDS(HDR_NUMBER, HDR_WIRE, HDR_COMM)
};
#undef HDR_NUMBER
#undef HDR_WIRE
#undef HDR_COMM

#define ACCESS_U32(part, field, ...) __u32 field;
#define ACCESS_U64(part, field, ...) __u64 field;
struct kvas_access {
	KVAS_ACCESS_FIELDS(, ACCESS_U32, ACCESS_U32, ACCESS_U32, ACCESS_U64)
};
#undef ACCESS_U32
#undef ACCESS_U64

#define RECORD(value, name, id, member, word, head, title) \
	struct kvas_rec_##id {                             \
		struct kvas_hdr h;
#define RECORD_END(id, bytes) \
	}                     \
	;                     \
	_Static_assert(sizeof(struct kvas_rec_##id) == (bytes), "wire");
#define NUMBER(type, field, kind, doc) type field;
#define WORD(field, id, doc) __u32 field;
#define PLACE(field, doc) __u32 field;
#define ADDR(field, doc) __u64 field;
#define ADDR_IN(field, column, doc) __u64 field;
#define COMM(field, doc) char field[KVAS_COMM_LEN];
#define NAME(field, doc) char field[KVAS_FUNCTION_LEN];
#define ORDER(field, doc) __u32 field;
#define FLAGS(field, doc) __u64 field;
#define ACCESS(part) struct kvas_access part;
#define EXPECT(part, doc) __u32 expect_##part[KVAS_BASE_END];
#define COUNTS(field, doc) __u64 field[KVAS_T_COUNT];
#define WIRE(type, field, array, doc) type field array;
#define UNION() union {
#define UNION_END() \
	}           \
	;
#include "kvas/records.def"

union kvas_record {
	struct kvas_hdr h;
#define RECORD(value, name, id, member, word, head, title) struct kvas_rec_##id member;
#include "kvas/records.def"
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
	__u64 cgroups; /* those of current, by which TRACKED was decided */
	__u64 percpu; /* this CPU's per-CPU offset; 0 not read yet */
	__u32 pid; /* who is current, once a switch was seen */
	__u32 tid;
	__u32 tracked; /* current passes the filter */
	__u32 seen; /* a switch was seen: pid, tid, tracked, base hold */
	__u32 op; /* enum kvas_switch_op of the last switch */
	__u32 temporary; /* between the load of a temporary mm and the way back */
};

/* What kvas keeps a note of at one time; --map-size sets them. */
#define KVAS_MAX_TASKS 32768
#define KVAS_MAX_PGDS 16384
#define KVAS_MAX_AREAS 32768

/* A vmalloc area that is in use. */
struct kvas_area {
	__u64 bytes; /* guard page included */
	__u64 alloc_ns; /* 0: before the window */
};

/* Per-task state. */
struct kvas_task {
	__u64 c[KVAS_T_COUNT];
	__u64 start_ns; /* when the task began; exec by a thread changes the kernel's own */
	__u32 tracked;
	__u32 zero;
};

/* One task, as the task iterator hands it to user space. */
struct kvas_iter_task {
	__u64 task;
	__u64 stack;
	__u64 mm;
	__u64 pgd;
	__u64 start_ns; /* of the task, as of kvas_task */
	__u64 process_start_ns;
	__u64 c[KVAS_T_COUNT];
	__u32 pid;
	__u32 tid;
	__u32 tracked; /* passes KVAS_FILTER_TREE */
	__u32 zero;
	char comm[KVAS_COMM_LEN]; /* of its process */
};

enum kvas_filter {
	KVAS_FILTER_NONE = 0,
	KVAS_FILTER_TREE = 1, /* marked tasks and what they create from now on */
	KVAS_FILTER_COMM = 2, /* tasks whose comm equals config.comm */
	KVAS_FILTER_CGROUP = 3, /* tasks in config.cgroup, or in one below it */
};

/* Constant once loaded: the verifier removes what it switches off. */
struct kvas_config {
	__u64 region_start[KVAS_REGION_COUNT]; /* [start, end); 0, 0 = not known here */
	__u64 region_end[KVAS_REGION_COUNT];
	__u32 emit; /* bit per enum kvas_kind */
	__u32 filter; /* enum kvas_filter */
	__u32 nr_rings;
	__u32 wakeup_bytes; /* wake the reader after this many queued bytes */
	__u32 pgd_derived; /* no hook on pgd_alloc/pgd_free */
	__u32 thread_size; /* bytes of a kernel stack */
	__u32 pcid; /* the kernel uses PCIDs: more than one ASID slot */
	__u64 tlbstate; /* per-CPU symbol cpu_tlbstate; 0 not known here */
	__u64 percpu_offsets; /* the array __per_cpu_offset; 0 not known here */
	__u64 cgroup; /* its id */
	__u32 cgroup_level; /* 0: the root */
	__u32 zero;
	char comm[KVAS_COMM_LEN];
};

_Static_assert(sizeof(struct kvas_hdr) == 40, "wire");
_Static_assert(sizeof(struct kvas_memory_key) == 16, "wire");
_Static_assert(sizeof(struct kvas_cpu) == 1056, "wire");
_Static_assert(sizeof(struct kvas_task) == 88, "wire");
_Static_assert(sizeof(struct kvas_iter_task) == 152, "wire");

#endif
