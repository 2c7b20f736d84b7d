/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/hooks.h"

#define TP(target, program) { HOW_TP_BTF, false, target, program }

/* An interrupt vector: a tracepoint of arch/x86/include/asm/trace/irq_vectors.h. */
#define VECTOR(row, vector, words)                                              \
	{ row, false, words, "these interrupts are not among crossings.irq",    \
	  { TP(#vector "_entry", "irq_" #vector) } }

const struct hook hook_table[] = {
	{ "fork", true, "fork and clone: the new task, its mm and PGD", "forks, threads",
	  { TP("task_newtask", "task_newtask") } },
	{ "exec", true, "exec: the mm and PGD a program starts with", "execs",
	  { TP("sched_process_exec", "sched_process_exec") } },
	{ "exit", true, "exit: the mm and PGD a task ends with", "exits",
	  { TP("sched_process_exit", "sched_process_exit") } },
	{ "switch", true, "context switches and what each does to the mm", "switches",
	  { TP("sched_switch", "sched_switch") } },
	{ "pgd_alloc", false, "a PGD allocated", "PGD allocations",
	  { { HOW_FEXIT, false, "pgd_alloc", "pgd_alloc_fexit" },
	    { HOW_KRETPROBE, false, "pgd_alloc", "pgd_alloc_kretprobe" },
	    { HOW_TP_BTF, true, "task_newtask", NULL } } },
	{ "pgd_free", false, "a PGD freed", "PGD frees, lifetimes",
	  { { HOW_FENTRY, false, "pgd_free", "pgd_free_fentry" },
	    { HOW_KPROBE, false, "pgd_free", "pgd_free_kprobe" },
	    { HOW_TP_BTF, true, "mm_page_free", "pgd_free_derived" } } },
	{ "tlb_flush", false, "CR3 loads by switch_mm, with or without a flush",
	  "cr3_writes.mm_switch", { TP("tlb_flush", "tlb_flush") } },
	{ "page_fault_user", false, "page faults from user mode", "user page faults",
	  { TP("page_fault_user", "page_fault_user") } },
	{ "page_fault_kernel", false, "page faults from kernel mode", "kernel page faults",
	  { TP("page_fault_kernel", "page_fault_kernel") } },
	{ "syscall", false, "system call entries", "crossings.syscall",
	  { TP("sys_enter", "sys_enter") } },
	VECTOR("irq_timer", local_timer, "timer interrupts"),
	{ "irq_device", false, "device interrupts", "crossings.irq",
	  { TP("irq_handler_entry", "irq_device") } },
	VECTOR("irq_reschedule", reschedule, "reschedule IPIs"),
	VECTOR("irq_call_function", call_function, "function-call IPIs to several CPUs"),
	VECTOR("irq_call_function_single", call_function_single,
	       "function-call IPIs (remote TLB flushes) to one CPU"),
	VECTOR("irq_work", irq_work, "irq_work self-IPIs"),
	VECTOR("irq_platform_ipi", x86_platform_ipi, "platform IPIs"),
	VECTOR("irq_thermal", thermal_apic, "thermal interrupts"),
	VECTOR("irq_threshold", threshold_apic, "machine-check threshold interrupts"),
	VECTOR("irq_deferred_error", deferred_error_apic, "deferred-error interrupts"),
	VECTOR("irq_error", error_apic, "APIC error interrupts"),
	VECTOR("irq_spurious", spurious_apic, "spurious APIC interrupts"),
	{ "vmalloc_alloc", false, "vmalloc areas allocated", "vmalloc allocations",
	  { TP("alloc_vmap_area", "vmalloc_alloc_tp"),
	    { HOW_FEXIT, false, "alloc_vmap_area", "vmalloc_alloc_fexit" },
	    { HOW_KRETPROBE, false, "alloc_vmap_area", "vmalloc_alloc_kretprobe" } } },
	{ "vmalloc_free", false, "vmalloc areas freed", "vmalloc frees",
	  { TP("free_vmap_area_noflush", "vmalloc_free_tp"),
	    { HOW_FENTRY, false, "free_vmap_area_noflush", "vmalloc_free_fentry" },
	    { HOW_KPROBE, false, "free_vmap_area_noflush", "vmalloc_free_kprobe" } } },
};

const size_t hook_count = sizeof(hook_table) / sizeof(hook_table[0]);

const char *attach_how_name(enum attach_how how)
{
	static const char *const names[] = {
		[HOW_FENTRY] = "fentry",       [HOW_FEXIT] = "fexit",
		[HOW_KPROBE] = "kprobe",       [HOW_KRETPROBE] = "kretprobe",
		[HOW_TP_BTF] = "tp_btf",
	};

	return how >= HOW_FENTRY && how <= HOW_TP_BTF ? names[how] : "none";
}
