/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of the summary that are no figures. */
#include "model/json_rows.h"

#define COUNTS(at, sets) { at "." sets, ROW_INTEGER, ROW_ALWAYS, NULL, NULL }
#define WRITES(at)                                                                               \
	{ at ".cr3_writes.kpti", ROW_INTEGER, ROW_ALWAYS, NULL, "entries and exits" },               \
	{ at ".cr3_writes.mm_switch", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                         \
	{ at ".cr3_writes.tlb_flush", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                         \
	{ at ".cr3_writes.temporary_mm", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                      \
	{ at ".cr3_writes.total", ROW_INTEGER, ROW_ALWAYS, NULL, NULL }
#define LEAVES(at)                                                                               \
	{ at ".4k", ROW_INTEGER, ROW_ALWAYS, NULL, NULL }, { at ".2m", ROW_INTEGER, ROW_ALWAYS, NULL, NULL }, \
	{ at ".1g", ROW_INTEGER, ROW_ALWAYS, NULL, NULL }, { at ".unknown", ROW_INTEGER, ROW_ALWAYS, NULL, NULL }
#define LOAD_AND_STORE(at) COUNTS(at ".load", "<region>"), COUNTS(at ".store", "<region>")

static const struct json_row summary[] = {
	{ "schema", ROW_INTEGER, ROW_ALWAYS, NULL, "the version of the document's keys: 1" },
	{ "kvas", ROW_STRING, ROW_ALWAYS, NULL, "the version of kvas that traced" },

	{ "host.kernel", ROW_STRING, ROW_ALWAYS, NULL, "the kernel's release, as uname -r has it" },
	{ "host.arch", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "host.cpus", ROW_INTEGER, ROW_ALWAYS, NULL, "possible CPUs" },
	{ "host.paging_levels", ROW_INTEGER, ROW_NULLABLE, NULL, "levels of page tables: 4 or 5" },
	{ "host.kpti", ROW_BOOLEAN, ROW_NULLABLE, NULL, "is page-table isolation on?" },
	{ "host.pcid", ROW_BOOLEAN, ROW_NULLABLE, NULL, "are address spaces tagged in the TLB?" },
	{ "host.kaslr", ROW_BOOLEAN, ROW_NULLABLE, NULL, "does the kernel randomise its addresses?" },
	{ "host.page_offset", ROW_ADDRESS, ROW_NULLABLE, NULL, "where the direct map begins" },
	{ "host.vmalloc_base", ROW_ADDRESS, ROW_NULLABLE, NULL, "where vmalloc begins" },
	{ "host.vmemmap_base", ROW_ADDRESS, ROW_NULLABLE, NULL, "where the struct pages begin" },
	{ "host.kpti_how", ROW_STRING, ROW_ALWAYS, NULL, "how KPTI is known, or why it is not" },
	{ "host.layout_how", ROW_STRING, ROW_ALWAYS, NULL, "how the bases are known, or why they are not" },

	{ "command", ROW_STRING, ROW_NULLABLE, NULL, "the command that was traced" },
	{ "filter", ROW_STRING, ROW_NULLABLE, NULL, "whose events were counted" },
	{ "window_ns", ROW_INTEGER, ROW_ALWAYS, NULL, "how long was traced" },
	{ "complete", ROW_BOOLEAN, ROW_ALWAYS, NULL, "false: of a recording that was cut short" },

	COUNTS("lost.ring_full", "<kind>"),
	{ "lost.*.*", ROW_INTEGER, ROW_ALWAYS, NULL, "losses by cause, and by what they struck" },
	{ "events.<kind>.seen", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "events.<kind>.lost", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "events.<kind>.happened", ROW_INTEGER, ROW_ALWAYS, NULL, "by the counters, which lose nothing" },
	{ "hooks.*.how", ROW_STRING, ROW_NULLABLE, NULL, "the way it was attached" },
	{ "hooks.*.provenance", ROW_WORD, ROW_NULLABLE, "observed|derived", NULL },
	{ "hooks.*.why", ROW_STRING, ROW_NULLABLE, NULL, "why a better way is missing" },

	COUNTS("faults.by_region", "<region>"),
	{ "faults.by_code.*", ROW_INTEGER, ROW_ALWAYS, NULL, "by the error code's bits in words" },

	{ "accesses.load", ROW_OBJECT, ROW_NULLABLE, NULL, "loads met, by region" },
	COUNTS("accesses.load", "<region>"),
	{ "accesses.store", ROW_OBJECT, ROW_NULLABLE, NULL, "stores met, by region" },
	COUNTS("accesses.store", "<region>"),
	{ "accesses.sample_hz", ROW_INTEGER, ROW_OPTIONAL, NULL, "samples a second and CPU" },
	{ "accesses.provenance", ROW_WORD, ROW_OPTIONAL, "sampled", NULL },
	{ "accesses.shares", ROW_OBJECT, ROW_OPTIONAL, NULL, NULL },
	{ "accesses.shares.load.<region>", ROW_SHARE, ROW_ALWAYS, NULL, NULL },
	{ "accesses.shares.store.<region>", ROW_SHARE, ROW_ALWAYS, NULL, NULL },
	{ "accesses.modes", ROW_OBJECT, ROW_OPTIONAL, NULL, "samples by what the CPU did" },
	{ "accesses.modes.{sample_mode}", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "accesses.met", ROW_OBJECT, ROW_OPTIONAL, NULL, "accesses that were about to happen" },
	{ "accesses.met.load", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.met.store", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.expected", ROW_OBJECT, ROW_OPTIONAL, NULL,
	  "accesses expected of code that ran with interrupts off" },
	{ "accesses.expected.load", ROW_NUMBER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.expected.store", ROW_NUMBER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.functions_folded", ROW_INTEGER, ROW_OPTIONAL, NULL,
	  "samples of functions that have no row of their own" },
	{ "accesses.processes_folded", ROW_INTEGER, ROW_OPTIONAL, NULL,
	  "samples of processes that have no row of their own" },
	{ "accesses.tracing", ROW_OBJECT, ROW_OPTIONAL, NULL, "accesses of tracing itself" },
	{ "accesses.tracing.load", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.tracing.store", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.other", ROW_OBJECT, ROW_OPTIONAL, NULL, "accesses in the region other, by why" },
	{ "accesses.other.<access_why>", ROW_NUMBER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.leaf", ROW_OBJECT, ROW_OPTIONAL, NULL, "accesses by the size of the page" },
	LEAVES("accesses.leaf"),
	{ "accesses.leaf_direct_map", ROW_OBJECT, ROW_OPTIONAL, NULL, "the same of the direct map" },
	LEAVES("accesses.leaf_direct_map"),
	{ "accesses.large_pages", ROW_SHARE, ROW_OPTIONAL_NULLABLE, NULL, "accesses to pages of 2M or 1G" },
	{ "accesses.large_pages_direct_map", ROW_SHARE, ROW_OPTIONAL_NULLABLE, NULL, NULL },
	{ "accesses.functions", ROW_LIST, ROW_OPTIONAL, NULL, NULL },
	{ "accesses.functions[].function", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "accesses.functions[].samples", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	LOAD_AND_STORE("accesses.functions[]"),
	{ "accesses.processes", ROW_LIST, ROW_OPTIONAL, NULL, NULL },
	{ "accesses.processes[].comm", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "accesses.processes[].samples", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	LOAD_AND_STORE("accesses.processes[]"),
	{ "accesses.processes[].pid", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "accesses.precise", ROW_OBJECT, ROW_NULLABLE, NULL, "what the PMU sampled, with addresses" },
	{ "accesses.precise.events", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	LOAD_AND_STORE("accesses.precise"),
	{ "accesses.precise.without_address", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "accesses.precise.shares.load.<region>", ROW_SHARE, ROW_ALWAYS, NULL, NULL },
	{ "accesses.precise.shares.store.<region>", ROW_SHARE, ROW_ALWAYS, NULL, NULL },

	{ "vmalloc.callers[].caller", ROW_STRING, ROW_ALWAYS, NULL, "\"\" where it is not known" },
	{ "vmalloc.callers[].alloc", ROW_INTEGER, ROW_ALWAYS, NULL, "areas" },
	{ "vmalloc.callers[].bytes_alloc", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "vmalloc.callers[].free", ROW_INTEGER, ROW_NULLABLE, NULL, "areas of these that were freed" },
	{ "vmalloc.callers[].bytes_live", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "vmalloc.callers[].bytes_leaked", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "vmalloc.callers[].bytes_lazy", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "vmalloc.callers[].bytes_purged", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "vmalloc.callers[].purges", ROW_NUMBER, ROW_NULLABLE, NULL, "its part of the purges" },
	{ "vmalloc.callers[].kernel_flushes", ROW_NUMBER, ROW_NULLABLE, NULL, NULL },
	{ "vmalloc.purges_by[].caller", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "vmalloc.purges_by[].count", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "vmalloc.purges_by[].bytes", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "vmalloc.kernel_flushes_by[].caller", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "vmalloc.kernel_flushes_by[].count", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "vmalloc.kernel_flushes_by[].bytes", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },

	{ "memory", ROW_OBJECT, ROW_NULLABLE, NULL, "copies and allocations, by where the memory is" },
	{ "memory.{memory_use}.count", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "memory.{memory_use}.bytes", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "memory.{memory_use}.unknown", ROW_STRING, ROW_NULLABLE, NULL, "why the sums are not known" },
	{ "memory.{memory_use}.lower_bound", ROW_STRING, ROW_NULLABLE, NULL,
	  "why the sums are no more than a lower bound" },
	{ "memory.{memory_use}.by_region.<region>.count", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "memory.{memory_use}.by_region.<region>.bytes", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "memory.rows[].use", ROW_WORD, ROW_ALWAYS, "<memory_use>", NULL },
	{ "memory.rows[].region", ROW_WORD, ROW_ALWAYS, "<region>", NULL },
	{ "memory.rows[].size_most", ROW_INTEGER, ROW_NULLABLE, NULL, "the largest size in this row" },
	{ "memory.rows[].function", ROW_STRING, ROW_ALWAYS, NULL, "\"\" where it is not known" },
	{ "memory.rows[].count", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "memory.rows[].bytes", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },

	{ "objects.{object}", ROW_OBJECT, ROW_NULLABLE, NULL, "those that began, by region" },
	COUNTS("objects.{object}", "<region>"),
	{ "objects_by_hook.{met}", ROW_OBJECT, ROW_NULLABLE, NULL, "objects met at the hook, by region" },
	COUNTS("objects_by_hook.{met}.<object>", "<region>"),

	{ "processes_folded", ROW_INTEGER, ROW_ALWAYS, NULL, "processes that have no row of their own" },
	{ "cpus[].cpu", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "cpus[].syscall", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "cpus[].page_fault", ROW_INTEGER, ROW_ALWAYS, NULL, "of user mode" },
	{ "cpus[].irq", ROW_INTEGER, ROW_ALWAYS, NULL, "of user mode" },
	{ "cpus[].exception", ROW_INTEGER, ROW_ALWAYS, NULL, "of user mode" },
	{ "cpus[].nmi", ROW_INTEGER, ROW_ALWAYS, NULL, "of user mode" },
	{ "cpus[].switches", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "cpus[].flush", ROW_INTEGER, ROW_ALWAYS, NULL, "loads of CR3 that flushed the TLB" },
	WRITES("cpus[]"),
	{ "processes[].pid", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "processes[].comm", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "processes[].{task_counter}", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	WRITES("processes[]"),
};

const struct json_rows json_rows_summary = {
	"summary", "stat, record and report: the summary of a run", summary,
	sizeof(summary) / sizeof(summary[0])
};
