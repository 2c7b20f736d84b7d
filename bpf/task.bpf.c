// SPDX-License-Identifier: GPL-2.0
/* fork, thread, exec, exit; the task iterator. */
#include "pgd.bpf.h"
#include "account.bpf.h"

/* A record with what all operations have; 0 as of RESERVE(). */
static __always_inline struct kvas_rec_task *begin_task(struct kvas_cpu *c,
							struct task_struct *task, u64 mm, u64 pgd,
							u32 op)
{
	struct kvas_rec_task *r = RESERVE(c, struct kvas_rec_task, KVAS_KIND_TASK);

	if (!r)
		return 0;
	r->task = (u64)task;
	r->stack = task_stack(task);
	r->mm = mm;
	r->pgd = pgd;
	r->clone_flags = 0;
	r->op = op;
	r->child_pid = 0;
	r->child_tid = 0;
	r->exit_code = 0;
	r->group_dead = 0;
	r->zero = 0;
	r->start_ns = task_start_time(task);
	r->process_start_ns = process_start_time(task);
	__builtin_memset(r->process_comm, 0, sizeof(r->process_comm));
	__builtin_memset(r->counts, 0, sizeof(r->counts));
	return r;
}

static __always_inline u64 pgd_of(struct mm_struct *mm)
{
	return mm ? mm_pgd(mm) : 0;
}

static __always_inline u32 new_task_op(u64 clone_flags, bool has_mm)
{
	if (!has_mm)
		return KVAS_TASK_KTHREAD;
	if (clone_flags & CLONE_THREAD)
		return KVAS_TASK_THREAD;
	return clone_flags & CLONE_VM ? KVAS_TASK_VFORK : KVAS_TASK_FORK;
}

static __always_inline void count_new_task(struct kvas_cpu *c, u32 op)
{
	if (op == KVAS_TASK_KTHREAD)
		count(c, KVAS_C_KTHREAD, 1);
	else if (op == KVAS_TASK_THREAD)
		count(c, KVAS_C_THREAD, 1);
	else
		count(c, KVAS_C_FORK, 1);
	if (op == KVAS_TASK_VFORK)
		count(c, KVAS_C_VFORK, 1);
}

SEC("tp_btf/task_newtask")
int BPF_PROG(task_newtask, struct task_struct *task, u64 clone_flags)
{
	struct kvas_cpu *c = this_cpu();
	struct mm_struct *mm = task_mm(task);
	u64 pgd = pgd_of(mm);
	struct kvas_rec_task *r;
	struct kvas_task *t;
	u32 op;

	if (!c)
		return 0;
	t = wants_state(c->tracked) ? task_state_make(c, task, BPF_ANY) : 0;
	if (t)
		t->tracked = c->tracked;
	op = new_task_op(clone_flags, mm);
	if (op == KVAS_TASK_FORK)
		pgd_owned(c, task, (u64)mm, pgd);
	if (!in_scope(c))
		return 0;
	count_new_task(c, op);
	r = begin_task(c, task, (u64)mm, pgd, op);
	if (!r)
		return 0;
	r->clone_flags = clone_flags;
	r->child_pid = task_pid(task);
	r->child_tid = task_tid(task);
	submit(c, r, sizeof(*r));
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task)
{
	struct kvas_cpu *c = this_cpu();
	struct mm_struct *mm = task_mm(task);
	u64 pgd = pgd_of(mm);
	struct kvas_rec_task *r;

	if (!c)
		return 0;
	if (cfg.filter == KVAS_FILTER_COMM)
		rescope(c, task);
	pgd_owned(c, task, (u64)mm, pgd);
	if (!in_scope(c))
		return 0;
	count(c, KVAS_C_EXEC, 1);
	r = begin_task(c, task, (u64)mm, pgd, KVAS_TASK_EXEC);
	if (r)
		submit(c, r, sizeof(*r));
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	struct kvas_cpu *c = this_cpu();
	struct mm_struct *mm = task_exit_mm(task);
	struct kvas_rec_task *r;
	struct kvas_task *t;
	u64 pgd = 0;

	if (!c)
		return 0;
	if (mm) {
		pgd = mm_pgd(mm);
		pgd_exited(pgd, bpf_ktime_get_ns());
	}
	t = in_scope(c) ? settle(c, task) : 0;
	if (in_scope(c)) {
		count(c, KVAS_C_EXIT, 1);
		r = begin_task(c, task, (u64)mm, pgd, KVAS_TASK_EXIT);
		if (r) {
			r->exit_code = task_exit_code(task);
			/* do_exit() took this thread off before the tracepoint; of threads that
			 * exit at once more than one may find none left. */
			r->group_dead = !task_live_threads(task);
			process_comm(r->process_comm, task);
			if (t) {
				r->start_ns = t->start_ns;
				__builtin_memcpy(r->counts, t->c, sizeof(r->counts));
			}
			submit(c, r, sizeof(*r));
		}
	}
	task_forget(task);
	return 0;
}

/* What user space asks of the iterator. */
__u32 iter_seed; /* note the PGDs in use */
__u32 iter_track; /* mark the tasks of this process as tracked */
/* What it answers: PGDs in use that no hook had told of. */
__u32 iter_seeded;

static __always_inline void seed_pgd(struct kvas_cpu *c, struct task_struct *task)
{
	struct mm_struct *mm = task_mm(task);
	struct pgd_info info = {};
	u64 pgd;

	if (!mm)
		return;
	pgd = mm_pgd(mm);
	info.mm = (u64)mm;
	info.owner_pid = task_pid(task);
	info.in_scope = cfg.filter == KVAS_FILTER_NONE || task_pid(task) == iter_track;
	task_comm(info.comm, task);
	if (bpf_map_lookup_elem(&pgds, &pgd))
		return;
	pgd_put(c, pgd, &info, BPF_NOEXIST);
	/* Freed meanwhile: its free came before the entry, so take it back. */
	if (task_mm(task) != mm)
		bpf_map_delete_elem(&pgds, &pgd);
	else if (info.in_scope)
		iter_seeded++;
}

SEC("iter/task")
int task_iter(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct kvas_cpu *c = cpu_state();
	struct kvas_iter_task row = {};
	struct mm_struct *mm;
	struct kvas_task *t;
	bool track;

	if (!task || !c)
		return 0;
	track = iter_track && task_pid(task) == iter_track;
	t = iter_seed && wants_state(track) ? task_state_make(c, task, BPF_NOEXIST) :
					      task_state((u64)task);
	if (t && track)
		t->tracked = 1;
	if (iter_seed)
		seed_pgd(c, task);
	mm = task_mm(task);
	row.task = (u64)task;
	row.stack = task_stack(task);
	row.mm = (u64)mm;
	row.pgd = pgd_of(mm);
	row.start_ns = task_start_time(task);
	barrier(); /* not one load of either pointer, which the verifier refuses */
	row.process_start_ns = process_start_time(task);
	if (t) {
		row.start_ns = t->start_ns;
		row.tracked = t->tracked;
		__builtin_memcpy(row.c, t->c, sizeof(row.c));
	}
	row.pid = task_pid(task);
	row.tid = task_tid(task);
	process_comm(row.comm, task);
	bpf_seq_write(ctx->meta->seq, &row, sizeof(row));
	return 0;
}
