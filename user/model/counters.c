/* SPDX-License-Identifier: GPL-2.0 */
#include "model/counters.h"

#include <stdio.h>
#include <string.h>

#include "kvas/wire.h"

static const char *const names[KVAS_C_COUNT] = {
	[KVAS_C_FORK] = "tasks.forks",
	[KVAS_C_THREAD] = "tasks.threads",
	[KVAS_C_EXEC] = "tasks.execs",
	[KVAS_C_EXIT] = "tasks.exits",
	[KVAS_C_PGD_ALLOC] = "pgd.alloc",
	[KVAS_C_PGD_FREE] = "pgd.free",
	[KVAS_C_SYSCALL] = "crossings.syscall",
	[KVAS_C_FAULT_USER] = "faults.user",
	[KVAS_C_FAULT_KERNEL] = "faults.kernel",
	[KVAS_C_IRQ_USER] = "crossings.irq",
	[KVAS_C_IRQ_KERNEL] = "interrupts.kernel",
	[KVAS_C_SWITCH] = "switches.total",
	[KVAS_C_SWITCH_MM_LOADED] = "switches.mm_loaded",
	[KVAS_C_SWITCH_SAME_MM] = "switches.same_mm",
	[KVAS_C_SWITCH_LAZY_KTHREAD] = "switches.lazy_kthread",
	[KVAS_C_SWITCH_LAZY_RETURN] = "switches.lazy_return",
	[KVAS_C_CR3_FLUSH] = "switches.flush",
	[KVAS_C_CR3_NOFLUSH] = "switches.noflush",
	[KVAS_C_VM_ALLOC] = "vmalloc.alloc",
	[KVAS_C_VM_FREE] = "vmalloc.free",
	[KVAS_C_VM_ALLOC_BYTES] = "vmalloc.bytes_alloc",
	[KVAS_C_VM_FREE_BYTES] = "vmalloc.bytes_free",
	[KVAS_C_VM_FREE_UNSIZED] = "vmalloc.free_unsized",
	[KVAS_C_VFORK] = "tasks.vforks",
	[KVAS_C_KTHREAD] = "tasks.kthreads",
	[KVAS_C_SWITCH_MISSED] = "lost.switches",
	[KVAS_C_CR3_TLB_FLUSH] = "cr3.tlb_flush",
	[KVAS_C_CR3_TEMPORARY] = "cr3.temporary_mm",
	[KVAS_C_EXCEPTION] = "crossings.exception",
	[KVAS_C_NMI_USER] = "crossings.nmi",
	[KVAS_C_NMI_KERNEL] = "nmis.kernel",
	[KVAS_C_SYSCALL_REFUSED] = "crossings.syscall_refused",
#define CODE(n) [KVAS_C_FAULT_CODE + n] = "faults.code." #n
	CODE(0), CODE(1), CODE(2), CODE(3),
	CODE(4), CODE(5), CODE(6), CODE(7),
	CODE(8), CODE(9), CODE(10), CODE(11),
	CODE(12), CODE(13), CODE(14), CODE(15),
	CODE(16), CODE(17), CODE(18), CODE(19),
	CODE(20), CODE(21), CODE(22), CODE(23),
	CODE(24), CODE(25), CODE(26), CODE(27),
	CODE(28), CODE(29), CODE(30), CODE(31),
#define REGION(value, name, word, letter, use) \
	[KVAS_C_FAULT_REGION + value] = "faults.region." word,
#include "kvas/regions.def"
#undef REGION
#define RING(name, word) [KVAS_C_LOST_RING + KVAS_KIND_##name] = "lost.ring." word
	RING(TASK, "task"),
	RING(PGD, "pgd"),
	RING(SWITCH, "switch"),
	RING(CROSSING, "crossing"),
	RING(FAULT, "fault"),
	RING(VMALLOC, "vmalloc"),
	RING(ACCESS, "access"),
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_TASK] = "lost.map.task",
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_PGD] = "lost.map.pgd",
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_VM] = "lost.map.vmalloc",
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_MEMORY] = "lost.map.memory",
	[KVAS_C_LAZY_LOADED] = "switches.lazy_loaded",
	[KVAS_C_SLOT_REUSED] = "asid.reused",
	[KVAS_C_SLOT_EVICTED] = "asid.evicted",
	[KVAS_C_SLOT_EMPTY] = "asid.empty",
	[KVAS_C_SLOT_GLOBAL] = "asid.global",
	[KVAS_C_VM_PURGE] = "vmalloc.purges",
	[KVAS_C_VM_PURGED_AREAS] = "vmalloc.purged_areas",
	[KVAS_C_KERNEL_FLUSH] = "vmalloc.kernel_flushes",
};
static const char *const tasks[KVAS_T_COUNT] = {
	[KVAS_T_SYSCALL] = "syscalls",	       [KVAS_T_FAULT_USER] = "faults_user",
	[KVAS_T_FAULT_KERNEL] = "faults_kernel", [KVAS_T_IRQ] = "interrupts",
	[KVAS_T_CR3] = "cr3_loads",	       [KVAS_T_SWITCH] = "switches",
	[KVAS_T_EXCEPTION] = "exceptions",     [KVAS_T_NMI] = "nmis",
	[KVAS_T_TLB_FLUSH] = "tlb_flushes",
};

const char *counter_name(unsigned int c)
{
	return c < KVAS_C_COUNT ? names[c] : NULL;
}

int counter_by_name(const char *s, size_t len)
{
	for (unsigned int c = 0; c < KVAS_C_COUNT; c++) {
		const char *name = counter_name(c);

		if (name && strlen(name) == len && !memcmp(name, s, len))
			return c;
	}
	return -1;
}

const char *task_counter_name(unsigned int t)
{
	return t < KVAS_T_COUNT ? tasks[t] : NULL;
}

int task_counter_by_name(const char *s, size_t len)
{
	for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
		if (strlen(tasks[t]) == len && !memcmp(tasks[t], s, len))
			return t;
	return -1;
}
