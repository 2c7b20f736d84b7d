// SPDX-License-Identifier: GPL-2.0
/*
 * Bounded kernel reader, an object of its own. Run by user space through
 * BPF_PROG_TEST_RUN: a raw tracepoint program, because SEC("syscall") came with
 * 5.14 and raw_tp test runs with 5.10 (1b4d60ec162f).
 */
#include "core.bpf.h"
#include "kvas/reader.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct kvas_kread);
} kread_buffer SEC(".maps");

static __always_inline struct kvas_kread *buffer(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&kread_buffer, &zero);
}

/* Read m->len bytes, at most a page, at m->va to m->data. */
SEC("raw_tp")
int kread(void *ctx)
{
	struct kvas_kread *m = buffer();
	u32 len;

	if (!m)
		return 0;
	len = m->len;
	if (len > KVAS_KREAD_BYTES)
		len = KVAS_KREAD_BYTES;
	m->result = bpf_probe_read_kernel(m->data, len, (void *)m->va);
	return 0;
}

/* Tell about the calling task, and about this kernel's types. */
SEC("raw_tp")
int self(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct kvas_kread *m = buffer();
	struct mm_struct *mm;

	if (!m)
		return 0;
	mm = task_mm_read(task);
	m->task = (u64)task;
	m->stack = task_stack_read(task);
	m->mm = (u64)mm;
	m->pgd = mm_pgd_read(mm);
	m->page_size = page_struct_size();
	m->pt_mm_offset = page_pt_mm_offset();
	m->pt_mm_known = page_pt_mm_offset() >= 0;
	m->irq_stack_bytes = thread_size_by_btf();
	m->vmap_node_size = vmap_node_size();
	m->vmap_node_list = vmap_node_list();
	/* The verifier gives a frame pointer's value only by way of memory. */
	asm volatile("*(u64 *)(%0 + 0) = r10" : : "r"(&m->frame) : "memory");
	return 0;
}

/* The areas of the list at m->va, from m->node on, as many as m->data holds. The list is read without
 * its lock: a node that goes meanwhile leads anywhere, or nowhere. */
SEC("raw_tp")
int areas(void *ctx)
{
	struct kvas_kread *m = buffer();
	u64 node, head;
	u32 i;

	if (!m)
		return 0;
	head = m->va;
	node = m->node ?: list_next_read((struct list_head *)head);
	m->result = 0;
	for (i = 0; i < KVAS_READER_AREAS && node && node != head; i++) {
		struct kvas_reader_area *a = (void *)&m->data[i * sizeof(*a)];
		const struct vmap_area *va = vmap_area_of(node);
		const struct vm_struct *vm = vmap_area_vm_read(va);

		a->start = vmap_area_start_read(va);
		a->end = vmap_area_end_read(va);
		a->has_vm = vm != 0;
		a->flags = vm ? vm_flags_read(vm) : 0;
		a->pages = vm ? vm_pages_read(vm) : 0;
		a->phys = vm ? vm_phys_read(vm) : 0;
		a->caller = vm ? vm_caller_read(vm) : 0;
		node = list_next_read((struct list_head *)node);
	}
	m->areas = i;
	m->node = node == head ? 0 : node;
	if (!node)
		m->result = -14; /* -EFAULT: no list ends so */
	return 0;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct kvas_reader_task row = {};
	struct mm_struct *mm;

	if (!task)
		return 0;
	mm = task_mm(task);
	row.task = (u64)task;
	row.stack = task_stack(task);
	row.mm = (u64)mm;
	row.pgd = mm ? mm_pgd(mm) : 0;
	/* After the mm: should that be freed and given out again in between, this tells. */
	row.ctx_id = mm ? mm_ctx_id(mm) : 0;
	row.pid = task_pid(task);
	row.tid = task_tid(task);
	row.cred = task_cred(task);
	row.signal = task_signal(task);
	row.files = task_files(task);
	row.kthread = !!(task_flags(task) & PF_KTHREAD);
	task_comm(row.comm, task);
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
