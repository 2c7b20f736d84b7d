// SPDX-License-Identifier: GPL-2.0
/* Context switches. The CR3 loads they cause are in cr3.bpf.c. */
#include "account.bpf.h"
#include "asid.bpf.h"
#include "emit.bpf.h"

/*
 * What switching from PREV to NEXT does to the address space, as
 * context_switch() in kernel/sched/core.c decides it (5.10 to 7.2). A dying task
 * has given up its mm and still has it active: it is no kernel thread.
 */
static __always_inline u32 classify(struct task_struct *prev, struct task_struct *next)
{
	struct mm_struct *mm = task_mm(next);

	if (!mm)
		return KVAS_SWITCH_LAZY_KTHREAD;
	if (task_active_mm(prev) != mm)
		return KVAS_SWITCH_MM_LOADED;
	if (!task_mm(prev) && (task_flags(prev) & PF_KTHREAD))
		return KVAS_SWITCH_LAZY_RETURN;
	return KVAS_SWITCH_SAME_MM;
}

/* Its exit record has gone out, with its counts, and its state is forgotten. A task
 * that is exiting may leave the CPU before that too (exit_mm() before 6.16). */
static __always_inline bool exited(struct task_struct *task)
{
	return task_flags(task) & PF_EXITING && !task_state((u64)task);
}

static __always_inline void emit_switch(struct kvas_cpu *c, struct task_struct *prev,
					struct task_struct *next, u32 op, bool preempt)
{
	struct kvas_rec_switch *r = RESERVE(c, struct kvas_rec_switch, KVAS_KIND_SWITCH);

	if (!r)
		return;
	r->prev_mm = (u64)task_active_mm(prev);
	r->next_mm = (u64)task_mm(next);
	r->op = op;
	r->next_pid = task_pid(next);
	r->next_tid = task_tid(next);
	r->zero = 0;
	r->preempt = preempt;
	r->zero2 = 0;
	__builtin_memset(r->next_comm, 0, sizeof(r->next_comm));
	task_comm(r->next_comm, next);
	submit(c, r, sizeof(*r));
}

/* DIRECT: see slots_of(). */
static __always_inline int switched(bool preempt, struct task_struct *prev, struct task_struct *next,
				    bool direct)
{
	struct kvas_cpu *c = this_cpu();
	u32 op = classify(prev, next);
	struct kvas_task *t = 0;
	bool scope;

	if (!c)
		return 0;
	/* Idle tasks share tid 0. Before the first switch, and after one that was not
	 * delivered, it is not known when the task came on. */
	if (c->seen && c->tid != task_tid(prev)) {
		count(c, KVAS_C_SWITCH_MISSED, 1);
		c->seen = 0;
	}
	scope = in_scope(c);
	if (scope && task_tid(prev) && c->seen && !exited(prev))
		t = settle(c, prev);
	else
		kvas_totals(c, c->base);
	if (t)
		t->c[KVAS_T_SWITCH]++;
	c->pid = task_pid(next);
	c->tid = task_tid(next);
	c->seen = 1;
	c->op = op;
	c->temporary = 0; /* the task that had it did not finish here */
	rescope(c, next);
	if (!scope && !in_scope(c))
		return 0;
	count(c, KVAS_C_SWITCH, 1);
	count(c, KVAS_C_SWITCH + op, 1);
	if (op == KVAS_SWITCH_MM_LOADED)
		count_slot(c, next, direct);
	emit_switch(c, prev, next, op, preempt);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return switched(preempt, prev, next, false);
}

/* The same, cheaper, where kallsyms tells of cpu_tlbstate: session.c takes it for sched_switch. */
SEC("tp_btf/sched_switch")
int BPF_PROG(sched_switch_direct, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return switched(preempt, prev, next, true);
}
