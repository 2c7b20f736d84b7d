/* SPDX-License-Identifier: GPL-2.0 */
/* What passes between the kernel reader (reader.bpf.c) and user space. */
#ifndef KVAS_READER_WIRE_H
#define KVAS_READER_WIRE_H

#define KVAS_KREAD_BYTES 4096

struct kvas_kread {
	__u64 va; /* in: where to read */
	__u32 len; /* in: bytes, at most KVAS_KREAD_BYTES */
	__s32 result; /* out: 0 or -errno */
	__u64 task; /* out, of "self": struct task_struct of the caller */
	__u64 stack;
	__u64 mm;
	__u64 pgd;
	__u32 page_size; /* sizeof(struct page) */
	__u32 pt_mm_offset; /* of the page's pointer to its mm */
	__u32 pt_mm_known;
	__u32 irq_stack_bytes; /* sizeof(struct irq_stack); 0 unknown */
	__u64 frame; /* an address in the stack that "self" ran on */
	__u8 data[KVAS_KREAD_BYTES]; /* out: of "kread" */
};

/* One task, as the iterator of reader.bpf.c hands it out. */
struct kvas_reader_task {
	__u64 task;
	__u64 stack; /* lowest address of its kernel stack */
	__u64 mm; /* 0: a kernel thread, or one that is exiting */
	__u64 pgd;
	__u64 ctx_id; /* of the mm; never given to another (init_new_context(), x86) */
	__u32 pid; /* thread group */
	__u32 tid;
	__u32 kthread; /* PF_KTHREAD */
	__u32 zero;
	__u64 cred, signal, files; /* slab objects, or static ones of the kernel image; 0 none */
	char comm[16];
};

_Static_assert(sizeof(struct kvas_reader_task) == 96, "reader task");
_Static_assert(sizeof(struct kvas_kread) == 72 + KVAS_KREAD_BYTES, "kread");

#endif
