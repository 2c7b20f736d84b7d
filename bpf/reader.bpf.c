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
	mm = BPF_CORE_READ(task, mm);
	m->task = (u64)task;
	m->stack = (u64)BPF_CORE_READ(task, stack);
	m->mm = (u64)mm;
	m->pgd = (u64)BPF_CORE_READ(mm, pgd);
	m->page_size = bpf_core_type_size(struct page);
	m->pt_mm_known = 1;
	if (bpf_core_field_exists(((struct ptdesc *)0)->pt_mm))
		m->pt_mm_offset = bpf_core_field_offset(((struct ptdesc *)0)->pt_mm);
	else if (bpf_core_field_exists(((struct page___pt_mm *)0)->pt_mm))
		m->pt_mm_offset = bpf_core_field_offset(((struct page___pt_mm *)0)->pt_mm);
	else
		m->pt_mm_known = 0;
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
	mm = task->mm;
	row.task = (u64)task;
	row.stack = (u64)task->stack;
	row.mm = (u64)mm;
	row.pgd = mm ? (u64)mm->pgd : 0;
	/* After the mm: should that be freed and given out again in between, this tells. */
	row.ctx_id = mm ? mm->context.ctx_id : 0;
	row.pid = task->tgid;
	row.tid = task->pid;
	row.cred = (u64)task->cred;
	row.signal = (u64)task->signal;
	row.files = (u64)task->files;
	row.kthread = !!(task->flags & PF_KTHREAD);
	bpf_probe_read_kernel_str(row.comm, sizeof(row.comm), task->comm);
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
