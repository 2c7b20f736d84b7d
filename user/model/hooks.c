/* SPDX-License-Identifier: GPL-2.0 */
#include "model/hooks.h"

#include <string.h>

#include "kvas/wire.h"

#define WAY(how, target, program) { how, false, target, program, 0 }
#define WAY_ARGS(how, target, program, args) { how, false, target, program, 1 + args }
#define TP(target, program) WAY(HOW_TP_BTF, target, program)
#define DERIVED(target, program) { HOW_TP_BTF, true, target, program, 0 }

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
	  { WAY(HOW_FEXIT, "pgd_alloc", "pgd_alloc_fexit"),
	    WAY(HOW_KRETPROBE, "pgd_alloc", "pgd_alloc_kretprobe"),
	    DERIVED("task_newtask", NULL) } },
	{ "pgd_free", false, "a PGD freed", "PGD frees, lifetimes",
	  { WAY(HOW_FENTRY, "pgd_free", "pgd_free_fentry"),
	    WAY(HOW_KPROBE, "pgd_free", "pgd_free_kprobe"),
	    DERIVED("mm_page_free", "pgd_free_derived") } },
	{ "tlb_flush", false, "CR3 writes by switch_mm and by TLB flushes",
	  "cr3_writes.mm_switch, tlb_flush", { TP("tlb_flush", "tlb_flush") } },
	{ "temporary_begin", false, "a temporary mm (text patching) is loaded",
	  "cr3_writes.temporary_mm: those are among mm_switch",
	  { WAY(HOW_FENTRY, "use_temporary_mm", "temporary_use_fentry"),
	    WAY(HOW_FENTRY, "__text_poke", "temporary_poke_fentry"),
	    WAY(HOW_KPROBE, "use_temporary_mm", "temporary_use_kprobe"),
	    WAY(HOW_KPROBE, "__text_poke", "temporary_poke_kprobe") } },
	{ "temporary_end", false, "a temporary mm has been left",
	  "cr3_writes.temporary_mm: those are among mm_switch",
	  { WAY(HOW_FEXIT, "unuse_temporary_mm", "temporary_unuse_fexit"),
	    WAY(HOW_FEXIT, "__text_poke", "temporary_poke_fexit"),
	    WAY(HOW_KRETPROBE, "unuse_temporary_mm", "temporary_unuse_kretprobe"),
	    WAY(HOW_KRETPROBE, "__text_poke", "temporary_poke_kretprobe") } },
	{ "page_fault_user", false, "page faults from user mode", "user page faults",
	  { TP("page_fault_user", "page_fault_user") } },
	{ "page_fault_kernel", false, "page faults from kernel mode", "kernel page faults",
	  { TP("page_fault_kernel", "page_fault_kernel") } },
	{ "syscall", false, "system call entries", "crossings.syscall",
	  { TP("sys_enter", "sys_enter") } },
	{ "syscall_refused", false, "system calls that a seccomp filter refuses",
	  "those are not among crossings.syscall",
	  { WAY_ARGS(HOW_FEXIT, "__secure_computing", "seccomp_fexit_1", 1),
	    WAY_ARGS(HOW_FEXIT, "__secure_computing", "seccomp_fexit_0", 0),
	    WAY(HOW_KRETPROBE, "__secure_computing", "seccomp_kretprobe") } },
	{ "exception", false, "exceptions other than page faults, by the signals they raise",
	  "crossings.exception", { DERIVED("signal_generate", "signal_generate") } },
	{ "nmi", false, "NMIs", "crossings.nmi", { TP("nmi_handler", "nmi_handler") } },
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
	    WAY(HOW_FEXIT, "alloc_vmap_area", "vmalloc_alloc_fexit"),
	    WAY(HOW_KRETPROBE, "alloc_vmap_area", "vmalloc_alloc_kretprobe") } },
	{ "vmalloc_free", false, "vmalloc areas freed", "vmalloc frees",
	  { TP("free_vmap_area_noflush", "vmalloc_free_tp"),
	    WAY(HOW_FENTRY, "free_vmap_area_noflush", "vmalloc_free_fentry"),
	    WAY(HOW_KPROBE, "free_vmap_area_noflush", "vmalloc_free_kprobe") } },
	{ "vmalloc_purge", false, "lazily freed vmalloc areas given back",
	  "vmalloc.purges, bytes_purged; bytes_lazy",
	  { TP("purge_vmap_area_lazy", "vmalloc_purge_tp"),
	    WAY_ARGS(HOW_FEXIT, "__purge_vmap_area_lazy", "vmalloc_purge_fexit", 2),
	    WAY(HOW_KRETPROBE, "__purge_vmap_area_lazy", "vmalloc_purge_kretprobe") } },
	{ "kernel_flush", false, "TLB flushes of kernel address ranges, on all CPUs",
	  "vmalloc.kernel_flushes but for a purge's",
	  { WAY(HOW_FENTRY, "flush_tlb_kernel_range", "kernel_flush_fentry"),
	    WAY(HOW_KPROBE, "flush_tlb_kernel_range", "kernel_flush_kprobe") } },
	/* From here on for KVAS_KIND_MEMORY alone: hooks_wanted(). */
	{ "copy_check", false, "copies of variable size to and from user memory",
	  "memory.to_user, from_user",
	  { WAY(HOW_FENTRY, "__check_object_size", "copy_check_fentry"),
	    WAY(HOW_KPROBE, "__check_object_size", "copy_check_kprobe") } },
	{ "copy_file_read", false, "pages copied from the page cache", "these copies",
	  { WAY_ARGS(HOW_FEXIT, "filemap_read", "file_read_fexit", 3),
	    WAY_ARGS(HOW_FEXIT, "generic_file_buffered_read", "file_read_old_fexit", 3) } },
	{ "copy_file_write", false, "pages copied into the page cache", "these copies",
	  { WAY_ARGS(HOW_FEXIT, "generic_perform_write", "file_write_fexit", 2),
	    WAY_ARGS(HOW_FEXIT, "generic_perform_write", "file_write_old_fexit", 3) } },
	{ "copy_iomap_write", false, "the same by iomap (xfs and others)", "these copies",
	  { WAY_ARGS(HOW_FEXIT, "iomap_file_buffered_write", "iomap_write_fexit_3", 3),
	    WAY_ARGS(HOW_FEXIT, "iomap_file_buffered_write", "iomap_write_fexit_4", 4),
	    WAY_ARGS(HOW_FEXIT, "iomap_file_buffered_write", "iomap_write_fexit_5", 5) } },
	{ "copy_shmem_read", false, "pages copied from shared memory and tmpfs", "these copies",
	  { WAY_ARGS(HOW_FEXIT, "shmem_file_read_iter", "shmem_read_fexit", 2) } },
	{ "copy_pipe_read", false, "pages copied out of pipes", "these copies",
	  { WAY_ARGS(HOW_FEXIT, "anon_pipe_read", "anon_pipe_read_fexit", 2),
	    WAY_ARGS(HOW_FEXIT, "pipe_read", "pipe_read_fexit", 2) } },
	{ "copy_pipe_write", false, "pages copied into pipes", "these copies",
	  { WAY_ARGS(HOW_FEXIT, "anon_pipe_write", "anon_pipe_write_fexit", 2),
	    WAY_ARGS(HOW_FEXIT, "pipe_write", "pipe_write_fexit", 2) } },
	{ "slab_kmalloc", false, "kmalloc", "these allocations", { TP("kmalloc", "slab_kmalloc") } },
	{ "slab_cache", false, "objects of a slab cache", "these allocations",
	  { TP("kmem_cache_alloc", "slab_cache") } },
	{ "slab_kmalloc_node", false, "kmalloc on a node", "these allocations",
	  { TP("kmalloc_node", "slab_kmalloc_node"), TP("kmalloc", NULL) } },
	{ "slab_cache_node", false, "objects of a slab cache on a node", "these allocations",
	  { TP("kmem_cache_alloc_node", "slab_cache_node"), TP("kmem_cache_alloc", NULL) } },
	{ "pages", false, "pages allocated, but for those taken in bulk", "page allocations",
	  { TP("mm_page_alloc", "pages_allocated") } },
};

const size_t hook_count = sizeof(hook_table) / sizeof(hook_table[0]);

size_t hooks_wanted(__u32 emit)
{
	size_t n = 0;

	if (emit & (1u << KVAS_KIND_MEMORY))
		return hook_count;
	while (strcmp(hook_table[n].name, "copy_check"))
		n++;
	return n;
}

bool hook_needs_thread_size(const struct hook *h)
{
	return !strncmp(h->name, "irq_", 4) || !strcmp(h->name, "nmi");
}

const char *attach_how_name(enum attach_how how)
{
	static const char *const names[] = {
		[HOW_FENTRY] = "fentry",       [HOW_FEXIT] = "fexit",
		[HOW_KPROBE] = "kprobe",       [HOW_KRETPROBE] = "kretprobe",
		[HOW_TP_BTF] = "tp_btf",
	};

	return how >= HOW_FENTRY && how <= HOW_TP_BTF ? names[how] : "none";
}
