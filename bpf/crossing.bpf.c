// SPDX-License-Identifier: GPL-2.0
/* Kernel entries from user mode: system calls, interrupts, NMIs and exceptions. Page
 * faults are in fault.bpf.c. */
#include "crossing.bpf.h"

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long nr)
{
	struct kvas_cpu *c = this_cpu_in_scope();

	if (!c)
		return 0;
	count(c, KVAS_C_SYSCALL, 1);
	emit_crossing(c, KVAS_CROSS_SYSCALL, nr);
	return 0;
}

/* sys_enter does not fire for a call that a seccomp filter refuses: the syscall
 * work runs the filter first (syscall_trace_enter, kernel/entry/common.c). */
static __always_inline int call_refused(bool is)
{
	struct kvas_cpu *c = is ? this_cpu_in_scope() : 0;

	if (!c)
		return 0;
	count(c, KVAS_C_SYSCALL, 1);
	count(c, KVAS_C_SYSCALL_REFUSED, 1);
	emit_crossing(c, KVAS_CROSS_SYSCALL, -1);
	return 0;
}

/* It has an argument in 5.10 to 6.12, none in 6.18 and 7.2 (their BTF). */
SEC("fexit/__secure_computing")
int BPF_PROG(seccomp_fexit_1, void *sd, int ret)
{
	return call_refused(ret == -1);
}

SEC("fexit/__secure_computing")
int BPF_PROG(seccomp_fexit_0, int ret)
{
	return call_refused(ret == -1);
}

SEC("kretprobe/__secure_computing")
int seccomp_kretprobe(struct pt_regs *ctx)
{
	return call_refused((int)PT_REGS_RC(ctx) == -1);
}

/* 7.3 and newer: true where the call may go on. */
SEC("fexit/__seccomp_permit_syscall")
int BPF_PROG(seccomp_permit_fexit, bool ret)
{
	return call_refused(!ret);
}

SEC("kretprobe/__seccomp_permit_syscall")
int seccomp_permit_kretprobe(struct pt_regs *ctx)
{
	return call_refused(!(bool)PT_REGS_RC(ctx));
}

/* Distance by which a frame under a second pt_regs must be further from the
 * stack's top: sizeof(struct pt_regs), arch/x86/include/asm/ptrace.h. */
#define PT_REGS_BYTES 168

/* Bytes from the top of the running task's stack down to this program's frame; huge when it
 * runs on another stack. The verifier gives a frame pointer's value only by way of
 * memory: SCRATCH. */
static __always_inline u64 below_stack_top(u64 *scratch)
{
	u64 stack = current_stack();

	asm volatile("*(u64 *)(%0 + 0) = r10" : : "r"(scratch) : "memory");
	return stack + cfg.thread_size - *(volatile u64 *)scratch;
}

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
	u64 dist = below_stack_top(&c->fp);

	if (dist >= cfg.thread_size)
		return false;
	if (simple)
		return c->user_dist && dist < c->user_dist + PT_REGS_BYTES;
	if (current_flags() & PF_KTHREAD)
		return false;
	if (!c->user_dist || dist < c->user_dist)
		c->user_dist = dist;
	return true;
}

static __always_inline int interrupt(bool simple, int vector)
{
	struct kvas_cpu *c = this_cpu_in_scope();

	if (!c)
		return 0;
	if (!from_user(c, simple)) {
		count(c, KVAS_C_IRQ_KERNEL, 1);
		return 0;
	}
	count(c, KVAS_C_IRQ_USER, 1);
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
	if (last && irqaction_next_read((struct irqaction *)last) == (u64)action)
		return 0;
	return interrupt(false, irq);
}

/*
 * One NMI calls every handler of its list, and the tracepoint fires after each:
 * the first that this CPU was ever seen to call stands for the NMI. An NMI of user
 * mode is handled on the task's stack (asm_exc_nmi, 5.8 to 7.2), one of the kernel
 * on its own. No record: a ring is not for NMIs.
 */
SEC("tp_btf/nmi_handler")
int BPF_PROG(nmi_handler, void *handler)
{
	struct kvas_cpu *c = this_cpu_unchecked();
	bool user;

	if (!c)
		return 0;
	if (!c->nmi_first)
		c->nmi_first = (u64)handler;
	if (c->nmi_first != (u64)handler || !in_scope(c))
		return 0;
	user = below_stack_top(&c->nmi_fp) < cfg.thread_size;
	count(c, user ? KVAS_C_NMI_USER : KVAS_C_NMI_KERNEL, 1);
	return 0;
}

/* arch/x86/include/asm/trapnr.h, as bits */
#define TRAPS_FPE (1u << 0 | 1u << 16 | 1u << 19) /* #DE #MF #XM */
#define TRAPS_TRAP (1u << 1 | 1u << 3) /* #DB #BP */
#define TRAPS_ILL (1u << 6) /* #UD */
#define TRAPS_SEGV (1u << 4 | 1u << 5 | 1u << 9 | 1u << 10 | 1u << 13 | 1u << 21)
#define TRAPS_BUS (1u << 11 | 1u << 12 | 1u << 17) /* #NP #SS #AC */

/* The vectors that raise signal SIG, as bits; include/uapi/asm-generic/signal.h. */
static __always_inline u32 traps_of(int sig)
{
	switch (sig) {
	case 4:
		return TRAPS_ILL;
	case 5:
		return TRAPS_TRAP;
	case 7:
		return TRAPS_BUS;
	case 8:
		return TRAPS_FPE;
	case 11:
		return TRAPS_SEGV;
	default:
		return 0;
	}
}

/* The end of struct pt_regs, arch/x86/include/asm/ptrace.h. */
struct frame {
	u64 orig_ax, ip, cs, flags, sp, ss;
};

/* Does FRAME lie AT, as user mode left it? The selectors' low bits are its privilege level; the upper
 * ones of the words have other uses with FRED (6.9 and newer). */
static __always_inline bool user_frame(struct frame *f, u64 at)
{
	return !bpf_probe_read_kernel(f, sizeof(*f), (void *)at) && ((u16)f->cs == 0x33 || (u16)f->cs == 0x23) &&
	       (u16)f->ss == 0x2b;
}

/* Did current enter the kernel by a system call? Its frame lies at the top of its stack, or
 * TOP_OF_KERNEL_STACK_PADDING below (16 with CONFIG_X86_FRED). False where that is not known. */
static __always_inline bool in_system_call(void)
{
	u64 top = current_stack() + cfg.thread_size - sizeof(struct frame);
	struct frame f;

	return cfg.thread_size && (user_frame(&f, top) || user_frame(&f, top - 16)) && (s64)f.orig_ax >= 0;
}

#define TRAP_DB 1 /* X86_TRAP_DB */
#define TRAP_BRKPT 1 /* uapi/asm-generic/siginfo.h */

/*
 * Exceptions other than page faults have no tracepoint, and their handlers are
 * noinstr. One of user mode ends in a signal that the kernel sends to current
 * (si_code above 0), with the vector left in thread.trap_nr: derived from that.
 */
SEC("tp_btf/signal_generate")
int BPF_PROG(signal_generate, int sig, struct kernel_siginfo *info, struct task_struct *task)
{
	u32 traps = traps_of(sig);
	struct kvas_cpu *c;
	u64 trap;
	int code;

	/* SEND_SIG_NOINFO and SEND_SIG_PRIV are 0 and 1 (include/linux/signal.h). */
	if (!traps || (u64)info <= 1 || task != (void *)bpf_get_current_task())
		return 0;
	code = siginfo_code_read(info);
	trap = task_trap_nr_read(task);
	if (code <= 0 || trap >= 32 || !(traps & (1u << trap)))
		return 0;
	/* At the end of a call that is single-stepped no #DB happens: user_single_step_report(),
	 * arch/x86/kernel/ptrace.c, 5.10 to 7.2, raises the signal by itself. */
	if (trap == TRAP_DB && code == TRAP_BRKPT && in_system_call())
		return 0;
	c = this_cpu_in_scope();
	if (!c)
		return 0;
	count(c, KVAS_C_EXCEPTION, 1);
	emit_crossing(c, KVAS_CROSS_EXCEPTION, trap);
	return 0;
}

#define TRAP_GP 13 /* X86_TRAP_GP */

/* SGDT, SIDT and SMSW of user mode are a #GP that the kernel answers without a signal. */
static __always_inline int emulated(bool done)
{
	struct kvas_cpu *c = done ? this_cpu_in_scope() : 0;

	if (!c)
		return 0;
	count(c, KVAS_C_EXCEPTION, 1);
	emit_crossing(c, KVAS_CROSS_EXCEPTION, TRAP_GP);
	return 0;
}

SEC("fexit/fixup_umip_exception")
int BPF_PROG(umip_fexit, struct pt_regs *regs, bool ret)
{
	return emulated(ret);
}

SEC("kretprobe/fixup_umip_exception")
int umip_kretprobe(struct pt_regs *ctx)
{
	return emulated((bool)PT_REGS_RC(ctx));
}
