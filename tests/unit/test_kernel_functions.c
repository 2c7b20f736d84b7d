/* SPDX-License-Identifier: GPL-2.0 */
/* The sets of kernel functions, by names that kallsyms and BTF of Debian kernels have. */
#include "model/kernel_functions.h"
#include "test.h"

TEST(names_are_met_as_the_compiler_left_them)
{
	assert_true(kfunc_in(KFUNC_VMALLOC, "__vmalloc_node_range"));
	assert_true(kfunc_in(KFUNC_VMALLOC, "__vmalloc_node_range_noprof"));
	assert_true(kfunc_in(KFUNC_VMALLOC, "__get_vm_area_node.constprop.0"));
	assert_true(kfunc_in(KFUNC_VMALLOC, "vrealloc_node_align_noprof.cold"));
	assert_false(kfunc_in(KFUNC_VMALLOC, "vmalloc_fault"));
	assert_false(kfunc_in(KFUNC_VMALLOC, "dup_task_struct"));
	assert_true(kfunc_in(KFUNC_PAGES, "__alloc_frozen_pages_noprof"));
	assert_false(kfunc_in(KFUNC_PAGES, "allocate_slab"));
}

TEST(attaching_is_not_the_hook)
{
	assert_true(kfunc_in(KFUNC_SPLITS_DIRECT_MAP, "bpf_trampoline_6442496125"));
	assert_false(kfunc_in(KFUNC_SPLITS_DIRECT_MAP, "bpf_trampoline_update"));
	assert_true(kfunc_in(KFUNC_SPLITS_DIRECT_MAP, "bpf_prog_6deef7357e7b4530_cpa_fentry"));
	assert_false(kfunc_in(KFUNC_SPLITS_DIRECT_MAP, "set_memory_rox"));
}

TEST(words_and_starts)
{
	assert_true(kfunc_in(KFUNC_FAILS_SAFELY, "copy_from_kernel_nofault"));
	assert_true(kfunc_in(KFUNC_FAILS_SAFELY, "bpf_prog_6deef7357e7b4530_sched_switch"));
	assert_false(kfunc_in(KFUNC_FAILS_SAFELY, "__bpf_prog_enter_recur"));
	assert_true(kfunc_in(KFUNC_TAKES_IRQS, "_raw_spin_lock_irqsave"));
	assert_false(kfunc_in(KFUNC_TAKES_IRQS, "_raw_spin_unlock_irqrestore"));
	assert_true(kfunc_in(KFUNC_ENTRY, "asm_sysvec_apic_timer_interrupt"));
	assert_false(kfunc_in(KFUNC_ENTRY, "do_syscall_64"));
	assert_true(kfunc_in(KFUNC_TRACING, "__bpf_trace_sched_switch"));
	assert_false(kfunc_in(KFUNC_TRACING, "__schedule"));
	assert_true(kfunc_in(KFUNC_INDIRECT_THUNK, "__pi___x86_indirect_thunk_rax"));
	assert_true(kfunc_in(KFUNC_SAVES_FPU, "save_fpregs_to_fpstate"));
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
