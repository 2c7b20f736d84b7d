/* SPDX-License-Identifier: GPL-2.0 */
/* Who did it and where: processes, CPUs, addresses, kernel objects. */
#include <string.h>

#include "agg/records.h"
#include "agg/tables.h"
#include "model/counters.h"
#include "model/regions.h"

enum { BY_KEY, BY_NAME, BY_CROSSINGS, BY_KPTI, BY_MM_SWITCH, BY_TLB_FLUSH, BY_TEMPORARY, BY_TOTAL,
       BY_PERCENT, BY_COUNTERS };

#define WRITES_COLUMNS                                                                              \
	[BY_CROSSINGS] = { "crossings", "ENTRIES", 9, CELL_COUNT, ALWAYS,                            \
			   "entries from user mode to the kernel" },                                \
	[BY_KPTI] = { "cr3_writes.kpti", NULL, 0, CELL_COUNT, NULLABLE, "CR3 writes of KPTI" },      \
	[BY_MM_SWITCH] = { "cr3_writes.mm_switch", "SWITCH_MM", 9, CELL_COUNT, NULLABLE,               \
			   "CR3 loads by switch_mm" },                                              \
	[BY_TLB_FLUSH] = { "cr3_writes.tlb_flush", "TLBFLUSH", 9, CELL_COUNT, NULLABLE,              \
			   "CR3 writes of TLB flushes" },                                           \
	[BY_TEMPORARY] = { "cr3_writes.temporary_mm", NULL, 0, CELL_COUNT, ALWAYS,                   \
			   "CR3 loads of temporary mms" },                                          \
	[BY_TOTAL] = { "cr3_writes.total", "CR3", 9, CELL_COUNT, NULLABLE, "CR3 writes in all" },      \
	[BY_PERCENT] = { "cr3_writes.share", "SHARE", 7, CELL_SHARE, OPTIONAL,                          \
			 "part of the run's CR3 writes" }

static void writes_cell(const struct figures *g, const struct writes *w, unsigned int column,
			struct cell *out)
{
	const struct figure *all = &g->f[FIGURE_CR3_TOTAL];
	const struct host_info *h = &g->summary->meta->host;
	const char *why = column == BY_MM_SWITCH || column == BY_TLB_FLUSH || column == BY_TOTAL ?
				  figures_hook_why(g->summary, HOOK_tlb_flush) : NULL;

	if (meta_kpti_writes(h) == ANSWER_UNKNOWN && (column == BY_KPTI || column == BY_TOTAL))
		why = meta_kpti_writes_why(h);
	switch (column) {
	case BY_CROSSINGS:
		out->n = w->crossings;
		break;
	case BY_KPTI:
		out->n = w->kpti;
		break;
	case BY_MM_SWITCH:
		out->n = w->mm_switch;
		break;
	case BY_TLB_FLUSH:
		out->n = w->tlb_flush;
		break;
	case BY_TEMPORARY:
		out->n = w->temporary_mm;
		break;
	case BY_TOTAL:
		out->n = w->total;
		break;
	case BY_PERCENT:
		out->state = all->value ? CELL_KNOWN : CELL_OMITTED;
		out->real = all->value ? (double)w->total / all->value : 0;
		/* Tasks are read after the CPUs: of a short interval one may have more than all. */
		if (out->real > 1)
			out->real = 1;
		break;
	}
	if (why)
		cell_unknown(out, why);
}

static const struct column process_columns[] = {
	[BY_KEY] = { "pid", "PID", 7, CELL_ID, NULLABLE, "process, in the first PID namespace" },
	[BY_NAME] = { "comm", "COMM", -15, CELL_TEXT, ALWAYS, "its name" },
	WRITES_COLUMNS,
#define TASK_COUNTER(number, name, word, doc) \
	[BY_COUNTERS + number] = { word, number == KVAS_T_SWITCH ? "SWITCHES" : NULL, 8, CELL_COUNT, NULLABLE, doc },
#include "kvas/hooks.def"
};

static size_t process_rows(const struct figures *g)
{
	return g->summary->nr_processes;
}

static void process_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct process_sum *p = &g->summary->processes[row];
	struct writes w;
	const char *why;

	if (column == BY_KEY) {
		out->n = p->id.pid;
		if (p->folded)
			cell_unknown(out, "the row (others) stands for many processes");
	} else if (column == BY_NAME) {
		out->text = p->comm;
		out->max = KVAS_COMM_LEN;
	} else if (column >= BY_COUNTERS) {
		why = figures_hook_why(g->summary, task_counter_hook(column - BY_COUNTERS));
		out->n = p->c[column - BY_COUNTERS];
		if (why)
			cell_unknown(out, why);
	} else {
		w = figures_process(g->summary, p);
		writes_cell(g, &w, column, out);
	}
}

/* Their counts, and those of CPUs, are of intervals alone. */
static const char *processes_why(const struct figures *g)
{
	return g->summary->nr_processes ? NULL : figures_uncounted_why(g->summary);
}

static const char *cpus_why(const struct figures *g)
{
	return g->summary->nr_cpus ? NULL : figures_uncounted_why(g->summary);
}

const struct table table_processes = {
	"processes", "By process", SECTION_WHO, SHOWN_DIGEST, TABLE_LIST, COLUMNS(process_columns),
	process_rows, process_cell, processes_why, NULL, "what each process did, the most active first", NULL,
};

/* The counters of a CPU that its row has beside the writes. */
static const unsigned int cpu_counters[] = {
	KVAS_C_SWITCH, KVAS_C_SYSCALL, KVAS_C_FAULT_USER, KVAS_C_IRQ_USER, KVAS_C_EXCEPTION,
	KVAS_C_NMI_USER,
};

static const struct column cpu_columns[] = {
	[BY_KEY] = { "cpu", "CPU", 7, CELL_ID, ALWAYS, "CPU" },
	[BY_NAME] = { "flush", NULL, 0, CELL_COUNT, NULLABLE, "CR3 loads that flushed the TLB" },
	WRITES_COLUMNS,
	[BY_COUNTERS] = { "switches", "SWITCHES", 8, CELL_COUNT, NULLABLE, "context switches" },
	{ "syscall", NULL, 0, CELL_COUNT, NULLABLE, "system calls" },
	{ "page_fault", NULL, 0, CELL_COUNT, NULLABLE, "page faults from user mode" },
	{ "irq", NULL, 0, CELL_COUNT, NULLABLE, "interrupts of user mode" },
	{ "exception", NULL, 0, CELL_COUNT, NULLABLE, "other exceptions" },
	{ "nmi", NULL, 0, CELL_COUNT, NULLABLE, "NMIs of user mode" },
};

static size_t cpu_rows(const struct figures *g)
{
	return g->summary->nr_cpus;
}

static void cpu_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	unsigned int counter = column == BY_NAME ? KVAS_C_CR3_FLUSH :
			       column >= BY_COUNTERS ? cpu_counters[column - BY_COUNTERS] : 0;
	const char *why = figures_counter_why(g->summary, counter);
	struct writes w;

	if (column == BY_KEY) {
		out->n = row;
	} else if (column == BY_NAME || column >= BY_COUNTERS) {
		out->n = g->summary->cpu[row][counter];
		if (why)
			cell_unknown(out, why);
	} else {
		w = figures_cpu(g->summary, row);
		writes_cell(g, &w, column, out);
	}
}

const struct table table_cpus = {
	"cpus", "By CPU", SECTION_WHO, SHOWN_DETAIL, TABLE_LIST, COLUMNS(cpu_columns), cpu_rows,
	cpu_cell, cpus_why, NULL, "what happened on each CPU", NULL,
};

static const struct column object_columns[] = {
	{ "object", "OBJECT", -8, CELL_TEXT, ALWAYS, "kind of kernel object" },
#define REGION(value, name, word, letter, use) \
	[1 + value] = { word, word, -14, CELL_COUNT, OPTIONAL, "objects in " word },
#include "kvas/regions.def"
#undef REGION
};

static size_t object_rows(const struct figures *g)
{
	return OBJECT_COUNT;
}

static void object_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cell_text(out, object_name(row));
	if (column)
		cell_nonzero(out, g->summary->objects[row][column - 1]);
}

static const char *object_why(const struct figures *g, size_t row)
{
	return records_met_why(g->summary, row == OBJECT_PGD ? MET_PGD_ALLOC : MET_TASK);
}

const struct table table_objects = {
	"objects", "Kernel objects met, each once, by region", SECTION_WHO, SHOWN_DETAIL, TABLE_MAP,
	COLUMNS(object_columns), object_rows, object_cell, NULL, object_why,
	"kernel objects by region, each once, when it begins", NULL,
};

static const struct column met_columns[] = {
	{ "hook", "MET AT", -10, CELL_TEXT, ALWAYS, "kind of record" },
#define REGION(value, name, word, letter, use)                                                       \
	[1 + OBJECT_TASK * KVAS_REGION_COUNT + value] = { "task." word, "TASK." word, -14, CELL_COUNT, \
							  OPTIONAL, "tasks in " word },                   \
	[1 + OBJECT_STACK * KVAS_REGION_COUNT + value] = { "stack." word, "STACK." word, -14,         \
							   CELL_COUNT, OPTIONAL, "stacks in " word },      \
	[1 + OBJECT_MM * KVAS_REGION_COUNT + value] = { "mm." word, "MM." word, -14, CELL_COUNT, OPTIONAL, \
							"mms in " word },                              \
	[1 + OBJECT_PGD * KVAS_REGION_COUNT + value] = { "pgd." word, "PGD." word, -14, CELL_COUNT,   \
							 OPTIONAL, "PGDs in " word },
#include "kvas/regions.def"
#undef REGION
};

static size_t met_rows(const struct figures *g)
{
	return MET_COUNT;
}

static void met_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cell_text(out, object_hook_name(row));
	if (column)
		cell_nonzero(out, g->summary->met[row][(column - 1) / KVAS_REGION_COUNT]
						[(column - 1) % KVAS_REGION_COUNT]);
}

static const char *met_why(const struct figures *g, size_t row)
{
	return records_met_why(g->summary, row);
}

const struct table table_objects_by_hook = {
	"objects_by_hook", "Kernel objects met, as often as a hook meets them", SECTION_WHO,
	SHOWN_DETAIL, TABLE_MAP, COLUMNS(met_columns), met_rows, met_cell, NULL, met_why,
	"kernel objects by region, as often as a hook meets them", NULL,
};
