/* SPDX-License-Identifier: GPL-2.0 */
#include "view/schema.h"

/* The figures, until user/model/figures.def has a row for each. */
static const struct json_row rows[] = {
#define KNOWN(path) { path, ROW_INTEGER, ROW_ALWAYS, NULL, NULL }
#define FIGURE(path) { path, ROW_INTEGER, ROW_NULLABLE, NULL, NULL }
#define FLAG(path) { path, ROW_BOOLEAN, ROW_ALWAYS, NULL, NULL }
#define QUANTILES(path) { path, ROW_QUANTILES, ROW_NULLABLE, NULL, NULL }
	FIGURE("tasks.forks"), FIGURE("tasks.threads"), FIGURE("tasks.execs"), FIGURE("tasks.exits"),
	FIGURE("tasks.vforks"), FIGURE("tasks.kthreads"), FIGURE("pgd.alloc"), FIGURE("pgd.free"),
	FIGURE("pgd.live"), FIGURE("pgd.bytes_each"), FLAG("pgd.derived"), QUANTILES("pgd.lifetime_ns"),
	QUANTILES("pgd.exit_to_free_ns"), FIGURE("crossings.syscall"), FIGURE("crossings.page_fault"),
	FIGURE("crossings.irq"), FIGURE("crossings.exception"), FIGURE("crossings.nmi"),
	FIGURE("crossings.syscall_refused"), FIGURE("interrupts_of_kernel"), FIGURE("nmis_of_kernel"),
	FIGURE("cr3_writes.kpti_entry.syscall"), FIGURE("cr3_writes.kpti_entry.page_fault"),
	FIGURE("cr3_writes.kpti_entry.irq"), FIGURE("cr3_writes.kpti_entry.exception"),
	FIGURE("cr3_writes.kpti_entry.nmi"), FIGURE("cr3_writes.kpti_exit"),
	FIGURE("cr3_writes.mm_switch"), FIGURE("cr3_writes.tlb_flush"),
	FIGURE("cr3_writes.temporary_mm"), FIGURE("cr3_writes.total"),
	FLAG("cr3_writes.total_is_lower_bound"), FIGURE("cr3_writes.kpti_would_be"),
	FIGURE("cr3_writes.kpti_ns"), FIGURE("switches.total"), FIGURE("switches.mm_loaded"),
	FIGURE("switches.same_mm"), FIGURE("switches.lazy_kthread"), FIGURE("switches.lazy_return"),
	FIGURE("switches.flush"), FIGURE("switches.noflush"), FIGURE("switches.lazy_avoided"),
	FIGURE("asid.reused"), FIGURE("asid.evicted"), FIGURE("asid.empty"), FIGURE("asid.global"), FIGURE("faults.user"),
	FIGURE("faults.kernel"), FIGURE("vmalloc.alloc"), FIGURE("vmalloc.free"),
	FIGURE("vmalloc.bytes_alloc"), FIGURE("vmalloc.bytes_free"), KNOWN("vmalloc.free_unsized"),
	QUANTILES("vmalloc.area_bytes"), QUANTILES("vmalloc.lifetime_ns"), FIGURE("vmalloc.live"),
	FIGURE("vmalloc.bytes_live"), FIGURE("vmalloc.leaked"), FIGURE("vmalloc.bytes_leaked"),
	FIGURE("vmalloc.lazy"), FIGURE("vmalloc.bytes_lazy"), FIGURE("vmalloc.bytes_purged"),
	FIGURE("vmalloc.purges"), FIGURE("vmalloc.purged_areas"), FIGURE("vmalloc.bytes_lazy_system"),
	FIGURE("vmalloc.kernel_flushes"), FLAG("vmalloc.kernel_flushes_derived"),
	FIGURE("accesses.samples"), KNOWN("lost.events"),
};

void schema_add_figures(json_t *def)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		schema_add_row(def, &rows[i]);
}
