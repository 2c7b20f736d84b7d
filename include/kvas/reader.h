/* SPDX-License-Identifier: GPL-2.0 */
/* What passes between the kernel reader (reader.bpf.c) and user space. */
#ifndef KVAS_READER_WIRE_H
#define KVAS_READER_WIRE_H

#define KVAS_KREAD_BYTES 4096

/* An area of vmalloc addresses, as "areas" of reader.bpf.c hands it out. */
struct kvas_reader_area {
	__u64 start;
	__u64 end;
	__u64 flags; /* of its struct vm_struct: KVAS_VMFLAG_* and others */
	__u64 pages; /* that it has of its own */
	__u64 phys; /* of ioremap; 0 none */
	__u64 caller; /* an address in the function that asked for it; 0 not told */
	__u64 has_vm; /* 0: it has no vm_struct */
};

#define KVAS_READER_AREAS (KVAS_KREAD_BYTES / 64)
/* include/linux/vmalloc.h, 5.10 to 7.2 */
#define KVAS_VMFLAG_IOREMAP 0x1
#define KVAS_VMFLAG_ALLOC 0x2
#define KVAS_VMFLAG_MAP 0x4

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
	__u64 node; /* in and out, of "areas": the next node of the list at va; 0 in: the first, out: none */
	__u32 areas; /* out: how many stand in data */
	__u32 vmap_node_size; /* out, of "self": sizeof(struct vmap_node), and where its list of busy areas */
	__u32 vmap_node_list; /* is; 0: this kernel has one list */
	__u32 zero;
	__u8 data[KVAS_KREAD_BYTES]; /* out: of "kread" and "areas" */
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
_Static_assert(sizeof(struct kvas_reader_area) <= 64, "reader area");
_Static_assert(sizeof(struct kvas_kread) == 96 + KVAS_KREAD_BYTES, "kread");

#endif
