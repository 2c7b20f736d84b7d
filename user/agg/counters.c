/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/counters.h"

#include <stdio.h>
#include <string.h>

#include "kvas/wire.h"

#define FAULT_CODES 32

static const char *const single[KVAS_C_FAULT_CODE] = {
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
};
static const char *const codes[FAULT_CODES] = {
	"faults.code.0",  "faults.code.1",  "faults.code.2",  "faults.code.3",
	"faults.code.4",  "faults.code.5",  "faults.code.6",  "faults.code.7",
	"faults.code.8",  "faults.code.9",  "faults.code.10", "faults.code.11",
	"faults.code.12", "faults.code.13", "faults.code.14", "faults.code.15",
	"faults.code.16", "faults.code.17", "faults.code.18", "faults.code.19",
	"faults.code.20", "faults.code.21", "faults.code.22", "faults.code.23",
	"faults.code.24", "faults.code.25", "faults.code.26", "faults.code.27",
	"faults.code.28", "faults.code.29", "faults.code.30", "faults.code.31",
};
static const char *const regions[KVAS_REGION_COUNT] = {
	[KVAS_REGION_USER] = "faults.region.user",
	[KVAS_REGION_DIRECT_MAP] = "faults.region.direct_map",
	[KVAS_REGION_VMALLOC] = "faults.region.vmalloc",
	[KVAS_REGION_VMEMMAP] = "faults.region.vmemmap",
	[KVAS_REGION_PERCPU] = "faults.region.percpu",
	[KVAS_REGION_KERNEL_IMAGE] = "faults.region.kernel_image",
	[KVAS_REGION_MODULES] = "faults.region.modules",
	[KVAS_REGION_CPU_ENTRY_AREA] = "faults.region.cpu_entry_area",
	[KVAS_REGION_FIXMAP] = "faults.region.fixmap",
	[KVAS_REGION_ESPFIX] = "faults.region.espfix",
	[KVAS_REGION_LDT] = "faults.region.ldt",
	[KVAS_REGION_EFI] = "faults.region.efi",
	[KVAS_REGION_KASAN] = "faults.region.kasan",
	[KVAS_REGION_OTHER] = "faults.region.other",
};
static const char *const rings[KVAS_KIND_END] = {
	[KVAS_KIND_TASK] = "lost.ring.task",   [KVAS_KIND_PGD] = "lost.ring.pgd",
	[KVAS_KIND_SWITCH] = "lost.ring.switch", [KVAS_KIND_CROSSING] = "lost.ring.crossing",
	[KVAS_KIND_FAULT] = "lost.ring.fault", [KVAS_KIND_VMALLOC] = "lost.ring.vmalloc",
	[KVAS_KIND_ACCESS] = "lost.ring.access",
};
static const char *const maps[KVAS_LOSS_MAP_COUNT] = {
	[KVAS_LOSS_MAP_TASK] = "lost.map.task",
	[KVAS_LOSS_MAP_PGD] = "lost.map.pgd",
	[KVAS_LOSS_MAP_VM] = "lost.map.vmalloc",
};
static const char *const more[KVAS_C_COUNT - KVAS_C_LAZY_LOADED] = {
	[KVAS_C_LAZY_LOADED - KVAS_C_LAZY_LOADED] = "switches.lazy_loaded",
	[KVAS_C_SLOT_REUSED - KVAS_C_LAZY_LOADED] = "asid.reused",
	[KVAS_C_SLOT_EVICTED - KVAS_C_LAZY_LOADED] = "asid.evicted",
	[KVAS_C_SLOT_EMPTY - KVAS_C_LAZY_LOADED] = "asid.empty",
	[KVAS_C_VM_PURGE - KVAS_C_LAZY_LOADED] = "vmalloc.purges",
	[KVAS_C_VM_PURGED_AREAS - KVAS_C_LAZY_LOADED] = "vmalloc.purged_areas",
	[KVAS_C_KERNEL_FLUSH - KVAS_C_LAZY_LOADED] = "vmalloc.kernel_flushes",
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
	if (c < KVAS_C_FAULT_CODE)
		return single[c];
	if (c < KVAS_C_FAULT_CODE + FAULT_CODES)
		return codes[c - KVAS_C_FAULT_CODE];
	if (c < KVAS_C_LOST_RING)
		return c - KVAS_C_FAULT_REGION < KVAS_REGION_COUNT ?
			       regions[c - KVAS_C_FAULT_REGION] :
			       NULL;
	if (c < KVAS_C_LOST_MAP)
		return c - KVAS_C_LOST_RING < KVAS_KIND_END ? rings[c - KVAS_C_LOST_RING] : NULL;
	if (c < KVAS_C_LAZY_LOADED)
		return maps[c - KVAS_C_LOST_MAP];
	return c < KVAS_C_COUNT ? more[c - KVAS_C_LAZY_LOADED] : NULL;
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
