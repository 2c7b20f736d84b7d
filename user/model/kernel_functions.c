// SPDX-License-Identifier: GPL-2.0
#include "model/kernel_functions.h"

#include <ctype.h>
#include <string.h>

#define LIST(...) (const char *const[]){ __VA_ARGS__, NULL }

/* How a set's names are compared with a function's. */
enum match {
	/* The same, whatever the compiler (.isra.0, .constprop.0, .part.0) or the allocation
	 * profiler (_noprof, 6.10 on) added. */
	MATCH_WHOLE = 0,
	MATCH_START = 1, /* a '#' at the end of a name stands for a digit */
	MATCH_WITHIN = 2, /* a '^' before a name: at the start */
};

static const struct {
	enum match match;
	const char *const *names;
} sets[KFUNC_SETS] = {
	/* mm/vmalloc.c, mm/util.c (mm/slub.c from 6.12), mm/execmem.c and module.c, 5.10 to 7.2. */
	[KFUNC_VMALLOC] = { MATCH_WHOLE, LIST(
		"alloc_vmap_area", "node_alloc", "__get_vm_area_node", "__get_vm_area_caller",
		"get_vm_area", "get_vm_area_caller", "alloc_vm_area", "__vmalloc_node_range",
		"__vmalloc_node", "__vmalloc", "vmalloc", "vzalloc", "vmalloc_node",
		"vzalloc_node", "vmalloc_user", "vmalloc_huge", "vmalloc_huge_node",
		"vmalloc_no_huge", "vmalloc_exec", "vmalloc_32", "vmalloc_32_user",
		"__vmalloc_array", "vmalloc_array", "__vcalloc", "vcalloc", "vrealloc",
		"vrealloc_node_align", "kvmalloc_node", "__kvmalloc_node", "kvrealloc",
		"kvrealloc_node_align", "vmap", "vmap_pfn", "vm_map_ram", "new_vmap_block",
		"vb_alloc", "module_alloc", "execmem_alloc", "execmem_alloc_rw", "__execmem_alloc",
		"execmem_vmalloc", "execmem_cache_alloc", "execmem_cache_populate",
		/* frees */
		"free_vmap_area_noflush", "free_unmap_vmap_area", "remove_vm_area", "free_vm_area",
		"__vunmap", "__vfree", "vfree", "vunmap", "vm_remove_mappings", "vm_unmap_ram",
		"free_vmap_block", "vb_free", "kvfree", "kvfree_sensitive", "module_memfree",
		"execmem_free",
		/* purges */
		"__purge_vmap_area_lazy", "purge_vmap_area_lazy", "try_purge_vmap_area_lazy",
		"reclaim_and_purge_vmap_areas", "_vm_unmap_aliases", "vm_unmap_aliases") },
	/* mm/page_alloc.c, mm/mempolicy.c and wrappers, 5.10 to 7.2. What takes pages for others
	 * (the slab allocator, vmalloc) is a caller and not here. */
	[KFUNC_PAGES] = { MATCH_WHOLE, LIST(
		"__alloc_pages_nodemask", "__alloc_pages", "__alloc_frozen_pages",
		"__alloc_pages_slowpath", "alloc_pages", "alloc_pages_current", "alloc_pages_vma",
		"alloc_pages_node", "alloc_pages_mpol", "alloc_frozen_pages",
		"alloc_page_interleave", "alloc_pages_preferred_many", "__folio_alloc",
		"folio_alloc", "folio_alloc_mpol", "vma_alloc_folio", "__get_free_pages",
		"get_free_pages", "get_zeroed_page", "alloc_pages_exact", "alloc_pages_nolock",
		"alloc_frozen_pages_nolock", "try_alloc_pages", "__alloc_pages_bulk",
		"alloc_pages_bulk", "alloc_pages_bulk_mempolicy") },
	/* arch/x86/mm/tlb.c, 5.10 to 7.2. */
	[KFUNC_KERNEL_FLUSH] = { MATCH_WHOLE, LIST("flush_tlb_kernel_range") },
	/* mm/usercopy.c, 5.10 to 7.2. */
	[KFUNC_COPY_CHECK] = { MATCH_WHOLE, LIST("__check_object_size") },
	/* fs/read_write.c, fs/splice.c, net/socket.c, 5.10 to 7.2; copy_page_*_iter (lib/iov_iter.c)
	 * looks at a page itself, before 6.0, for kernel memory only. */
	[KFUNC_KERNEL_COPY] = { MATCH_WHOLE, LIST(
		"kernel_read", "__kernel_read", "kernel_write", "__kernel_write",
		"__kernel_write_iter", "generic_file_splice_read", "copy_splice_read",
		"iter_file_splice_write", "kernel_sendmsg", "kernel_recvmsg", "copy_page_to_iter",
		"copy_page_from_iter") },
	/* lib/strncpy_from_user.c, 5.10 to 7.2. */
	[KFUNC_COPIES_STRING] = { MATCH_START, LIST("strncpy_from_user") },
	/* kernel/bpf, kernel/trace, include/trace, kernel/entry/common.c, 5.10 to 7.2. */
	[KFUNC_TRACING] = { MATCH_START, LIST(
		"bpf_", "__bpf_", "__traceiter_", "perf_trace_", "trace_call_bpf", "trace_event_",
		"syscall_trace_enter", "syscall_trace_exit") },
	/* include/linux/tracepoint.h, include/trace/bpf_probe.h, kernel/trace/bpf_trace.c,
	 * kernel/bpf/core.c, 5.10 to 7.2. */
	[KFUNC_CALLS_PROGRAMS] = { MATCH_START, LIST(
		"__traceiter_", "__bpf_trace_", "bpf_trace_run", "__bpf_prog_run") },
	/* arch/x86/mm/pat/set_memory.c (5.10 to 7.2; collapse_large_pages 6.16 on), and the BPF
	 * program that is hooked there, and its trampoline, whose name is a number. */
	[KFUNC_SPLITS_DIRECT_MAP] = { MATCH_START, LIST(
		"__change_page_attr_set_clr", "collapse_large_pages", "bpf_prog_",
		"bpf_trampoline_#") },
	/* mm/maccess.c: copy_from_kernel_nofault() and its like, probe_kernel_read() before 5.8;
	 * and BPF programs, which load by pointers themselves. Their faults are caught by the
	 * kernel's exception table and are how they learn. Others cannot be told by name:
	 * load_unaligned_zeropad() is inlined where strings are compared, KFENCE makes any load of
	 * a freed object fault, and a page's rights may have been widened since a CPU cached them
	 * (spurious_kernel_fault()). */
	[KFUNC_FAILS_SAFELY] = { MATCH_WITHIN, LIST("nofault", "probe_kernel", "^bpf_prog_") },
	/* arch/x86/entry, 5.8 to 7.2. */
	[KFUNC_ENTRY] = { MATCH_START, LIST("entry_", "asm_") },
	/* kernel/locking/spinlock.c, 5.10 to 7.2: _raw_spin_lock_irqsave() and its like. Their own
	 * few instructions are left out. kfunc_in() takes those that unlock away. */
	[KFUNC_TAKES_IRQS] = { MATCH_WITHIN, LIST("lock_irq") },
	/* kernel/sched/core.c, arch/x86/entry/thunk.S, 5.10 to 7.2. */
	[KFUNC_PREEMPTS] = { MATCH_START, LIST("preempt_schedule") },
	/* Words, 5.10 to 7.2: what prints, stops or waits. */
	[KFUNC_ALARM] = { MATCH_WITHIN, LIST("printk", "warn", "panic", "_bug", "dump", "debug",
					     "slowpath", "stack_chk_fail", "ubsan") },
	/* Loops that try again when what they read changed meanwhile (seqcounts): kernel/time,
	 * kernel/sched/clock.c, arch/x86/kernel/pvclock.c, 5.10 to 7.2. */
	[KFUNC_RETRIES] = { MATCH_WITHIN, LIST("sched_clock", "ktime_get", "pvclock") },
	/* copy_fpregs_to_fpstate(), save_fpregs_to_fpstate() from 5.15; its caller is
	 * arch/x86/include/asm/fpu/sched.h. */
	[KFUNC_SAVES_FPU] = { MATCH_WITHIN, LIST("fpregs_to_fpstate") },
	/* arch/x86/lib/retpoline.S; newer kernels have a second name for it,
	 * __pi___x86_indirect_thunk_rax. */
	[KFUNC_INDIRECT_THUNK] = { MATCH_WITHIN, LIST("__x86_indirect_") },
	/* kernel/fork.c, 5.10 to 7.2: whatever alloc_thread_stack_node() is inlined into. */
	[KFUNC_MAKES_STACK] = { MATCH_WHOLE, LIST(
		"alloc_thread_stack_node", "dup_task_struct", "copy_process", "kernel_clone", "fork_idle",
		"create_io_thread", "kernel_thread", "user_mode_thread") },
	/* kernel/bpf, net/core, net/xdp, arch/x86/net, 5.10 to 7.2. */
	[KFUNC_MAKES_BPF] = { MATCH_WITHIN, LIST(
		"^bpf_", "^__bpf_", "htab_", "array_map", "ringbuf", "queue_stack_map", "stack_map", "trie_",
		"dev_map", "cpu_map", "xsk_map", "sock_map", "sock_hash", "reuseport_array", "bloom_map",
		"arena_map", "lpm_") },
	/* arch/x86/kernel/module.c, mm/execmem.c, kernel/kprobes.c, arch/x86/kernel/ftrace.c, 5.10 to 7.2. */
	[KFUNC_MAKES_MODULE] = { MATCH_WITHIN, LIST(
		"module_alloc", "execmem_", "move_module", "load_module", "alloc_insn_page",
		"arch_ftrace_update_trampoline", "alloc_tramp") },
	/* mm/vmalloc.c, 5.10 to 7.2. */
	[KFUNC_MAKES_PERCPU] = { MATCH_WHOLE, LIST("pcpu_get_vm_areas") },
};

static bool matches(enum match match, const char *name, const char *plain)
{
	bool start = *plain == '^', digit;
	size_t len;

	plain += start;
	len = strlen(plain);
	digit = len && plain[len - 1] == '#';
	if (digit)
		return !strncmp(name, plain, len - 1) && isdigit((unsigned char)name[len - 1]);
	if (match == MATCH_WITHIN && !start)
		return strstr(name, plain);
	if (strncmp(name, plain, len))
		return false;
	if (start)
		return true;
	if (match == MATCH_START)
		return true;
	name += len;
	if (!strncmp(name, "_noprof", 7))
		name += 7;
	return !*name || *name == '.';
}

bool kfunc_in(enum kfunc_set set, const char *name)
{
	if (set == KFUNC_TAKES_IRQS && strstr(name, "unlock"))
		return false;
	for (const char *const *plain = sets[set].names; *plain; plain++)
		if (matches(sets[set].match, name, *plain))
			return true;
	return false;
}

const char *kfunc_tracepoint(const char *name)
{
	/* Each is followed by the tracepoint's name; of as many bytes both. */
	if (!strncmp(name, "__traceiter_", 12) || !strncmp(name, "__bpf_trace_", 12))
		return name + 12;
	return NULL;
}

const char *kfunc_of_copy(enum kvas_copy by)
{
	static const char *const names[KVAS_COPY_END] = {
		[KVAS_COPY_FILE_READ] = "filemap_read", /* generic_file_buffered_read before 5.12 */
		[KVAS_COPY_FILE_WRITE] = "generic_perform_write",
		[KVAS_COPY_IOMAP_WRITE] = "iomap_file_buffered_write",
		[KVAS_COPY_SHMEM_READ] = "shmem_file_read_iter",
		[KVAS_COPY_PIPE_READ] = "pipe_read", /* anon_pipe_read from 6.15 on */
		[KVAS_COPY_PIPE_WRITE] = "pipe_write",
	};

	return by < KVAS_COPY_END && names[by] ? names[by] : "";
}

/* kernel/sched, 5.10 to 7.2: tasks are of the fair class, and sleepers wait for themselves to
 * be woken. */
static const char *const fair[KFUNC_TARGETS] = {
	"enqueue_task_fair",   "dequeue_task_fair",   "pick_next_task_fair",
	"put_prev_task_fair",  "set_next_task_fair",  "select_task_rq_fair",
	"check_preempt_wakeup", "wakeup_preempt_fair", "pick_task_fair",
};
static const char *const waiters[KFUNC_TARGETS] = { "autoremove_wake_function" };
const struct kfunc_usual kfunc_usual[KFUNC_USUAL] = {
	{ "__wake_up_common", waiters }, { "__schedule", fair },
	{ "__pick_next_task", fair },	 { "enqueue_task", fair },
	{ "dequeue_task", fair },	 { "activate_task", fair },
	{ "deactivate_task", fair },	 { "ttwu_do_activate", fair },
	{ "check_preempt_curr", fair },	 { "wakeup_preempt", fair },
	{ "try_to_wake_up", fair },	 { "select_task_rq", fair },
	{ "block_task", fair },		 { "try_to_block_task", fair },
};

int kfunc_usual_of(const char *name)
{
	size_t len = strcspn(name, ".");

	for (int i = 0; i < KFUNC_USUAL; i++)
		if (strlen(kfunc_usual[i].caller) == len && !strncmp(kfunc_usual[i].caller, name, len))
			return i;
	return -1;
}
