/* SPDX-License-Identifier: GPL-2.0 */
/* The sets of kernel functions, by names that kallsyms and BTF of Debian kernels have. */
#include "model/kernel_functions.h"
#include "test.h"

TEST(names_are_in_their_sets)
{
	static const struct {
		enum kfunc_set set;
		const char *name;
		bool in;
	} rows[] = {
		{ KFUNC_VMALLOC, "__vmalloc_node_range", true },
		{ KFUNC_VMALLOC, "__vmalloc_node_range_noprof", true },
		{ KFUNC_VMALLOC, "__get_vm_area_node.constprop.0", true },
		{ KFUNC_VMALLOC, "vrealloc_node_align_noprof.cold", true },
		{ KFUNC_VMALLOC, "vmalloc_fault", false },
		{ KFUNC_VMALLOC, "dup_task_struct", false },
		{ KFUNC_PAGES, "__alloc_frozen_pages_noprof", true },
		{ KFUNC_PAGES, "allocate_slab", false },
		{ KFUNC_SPLITS_DIRECT_MAP, "bpf_trampoline_6442496125", true },
		{ KFUNC_SPLITS_DIRECT_MAP, "bpf_trampoline_update", false },
		{ KFUNC_SPLITS_DIRECT_MAP, "bpf_prog_6deef7357e7b4530_cpa_fentry", true },
		{ KFUNC_SPLITS_DIRECT_MAP, "set_memory_rox", false },
		{ KFUNC_FAILS_SAFELY, "copy_from_kernel_nofault", true },
		{ KFUNC_FAILS_SAFELY, "bpf_prog_6deef7357e7b4530_sched_switch", true },
		{ KFUNC_FAILS_SAFELY, "__bpf_prog_enter_recur", false },
		{ KFUNC_TAKES_IRQS, "_raw_spin_lock_irqsave", true },
		{ KFUNC_TAKES_IRQS, "_raw_spin_unlock_irqrestore", false },
		{ KFUNC_ENTRY, "asm_sysvec_apic_timer_interrupt", true },
		{ KFUNC_ENTRY, "do_syscall_64", false },
		{ KFUNC_TRACING, "__bpf_trace_sched_switch", true },
		{ KFUNC_TRACING, "__schedule", false },
		{ KFUNC_INDIRECT_THUNK, "__pi___x86_indirect_thunk_rax", true },
		{ KFUNC_SAVES_FPU, "save_fpregs_to_fpstate", true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (kfunc_in(rows[i].set, rows[i].name) != rows[i].in)
			fail_msg("%s is %sin set %d", rows[i].name, rows[i].in ? "not " : "", rows[i].set);
}

TEST(tracepoints_are_named)
{
	assert_string_equal(kfunc_tracepoint("__traceiter_sched_switch"), "sched_switch");
	assert_string_equal(kfunc_tracepoint("__bpf_trace_sys_enter"), "sys_enter");
	assert_null(kfunc_tracepoint("bpf_trace_run2"));
}

TEST(pointers_lead_to_the_fair_class)
{
	int row = kfunc_usual_of("activate_task.isra.0");

	assert_true(row >= 0);
	assert_string_equal(kfunc_usual[row].targets[0], "enqueue_task_fair");
	assert_int_equal(kfunc_usual_of("activate_task_all"), -1);
	assert_string_equal(kfunc_of_copy(KVAS_COPY_END), "");
}

TESTS_RUN(NULL, NULL)
