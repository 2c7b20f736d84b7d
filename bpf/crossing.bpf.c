// SPDX-License-Identifier: GPL-2.0
/* Kernel entries from user mode: system calls and interrupts. Page faults are in
 * fault.bpf.c. */
#include "crossing.bpf.h"

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long nr)
{
	struct kvas_cpu *c = this_cpu();

	if (!c || !in_scope(c))
		return 0;
	count(c, KVAS_C_SYSCALL, 1);
	if (emits(KVAS_KIND_CROSSING))
		emit_crossing(c, KVAS_CROSS_SYSCALL, nr);
	return 0;
}

/* Distance by which a frame under a second pt_regs must be further from the
 * stack's top: sizeof(struct pt_regs), arch/x86/include/asm/ptrace.h. */
#define PT_REGS_BYTES 168

/*
 * Did this interrupt come from user mode? Since 5.8 (run_sysvec_on_irqstack_cond,
 * arch/x86/include/asm/irq_stack.h) a handler that interrupted user mode stays on
 * the task's stack, one that interrupted the kernel runs on the IRQ stack. So it
 * is told by where this program's own frame is.
 *
 * Handlers that never change stacks (SIMPLE: reschedule) are told by depth: an
 * entry from user mode is as near the top as other handlers' are, an entry from
 * the kernel has at least one more pt_regs above it.
 */
static __always_inline bool from_user(struct kvas_cpu *c, bool simple)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	u64 stack = (u64)BPF_CORE_READ(task, stack), dist;

	asm volatile("*(u64 *)(%0 + 0) = r10" : : "r"(&c->fp) : "memory");
	dist = stack + cfg.thread_size - *(volatile u64 *)&c->fp;
	if (dist >= cfg.thread_size)
		return false;
	if (simple)
		return c->user_dist && dist < c->user_dist + PT_REGS_BYTES;
	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return false;
	if (!c->user_dist || dist < c->user_dist)
		c->user_dist = dist;
	return true;
}

static __always_inline int interrupt(bool simple, int vector)
{
	struct kvas_cpu *c = this_cpu();

	if (!c || !in_scope(c))
		return 0;
	if (!from_user(c, simple)) {
		count(c, KVAS_C_IRQ_KERNEL, 1);
		return 0;
	}
	count(c, KVAS_C_IRQ_USER, 1);
	if (emits(KVAS_KIND_CROSSING))
		emit_crossing(c, KVAS_CROSS_IRQ, vector);
	return 0;
}

/* One program per tracepoint of arch/x86/include/asm/trace/irq_vectors.h. */
#define VECTOR(name, simple)                                 \
	SEC("tp_btf/" #name "_entry")                        \
	int BPF_PROG(irq_##name, int vector)                 \
	{                                                    \
		return interrupt(simple, vector);            \
	}

VECTOR(local_timer, false)
VECTOR(reschedule, true)
VECTOR(call_function, false)
VECTOR(call_function_single, false)
VECTOR(irq_work, false)
VECTOR(x86_platform_ipi, false)
VECTOR(thermal_apic, false)
VECTOR(threshold_apic, false)
VECTOR(deferred_error_apic, false)
VECTOR(error_apic, false)
VECTOR(spurious_apic, false)

/* Device interrupts. Handlers that share a line each fire once for the same
 * interrupt: only the first of the chain is an entry. */
SEC("tp_btf/irq_handler_entry")
int BPF_PROG(irq_device, int irq, struct irqaction *action)
{
	struct kvas_cpu *c = this_cpu();
	u64 last;

	if (!c)
		return 0;
	last = c->last_action;
	c->last_action = (u64)action;
	if (last && (u64)BPF_CORE_READ((struct irqaction *)last, next) == (u64)action)
		return 0;
	return interrupt(false, irq);
}
