/* SPDX-License-Identifier: GPL-2.0 */
/* Functions and processes that were sampled. */
#include <math.h>

#include "agg/tables_accesses.h"

/* Functions and processes: how often they were met, and where their accesses led. */
enum { R_NAME, R_PID, R_SAMPLES, R_ALL, R_DIRECT, R_USER, R_VMALLOC, R_LOADS,
       R_STORES = R_LOADS + KVAS_REGION_COUNT, R_END = R_STORES + KVAS_REGION_COUNT };
#define ROW_COLUMNS_FROM(first, head, width, doc, pid)                                              \
	[R_NAME] = { first, head, width, CELL_TEXT, ALWAYS, doc },                                  \
	[R_PID] = { "pid", pid, 7, CELL_ID, OPTIONAL, "process" },                               \
	[R_SAMPLES] = { "samples", "SAMPLES", 8, CELL_COUNT, ALWAYS, "samples in the kernel" },     \
	[R_ALL] = { "accesses", "ACCESSES", 8, CELL_COUNT, ALWAYS, "loads and stores met" },        \
	[R_DIRECT] = { "direct_map_share", "DIRECT", 7, CELL_SHARE, OPTIONAL, "part in the direct map" }, \
	[R_USER] = { "user_share", "USER", 7, CELL_SHARE, OPTIONAL, "part in user memory" },        \
	[R_VMALLOC] = { "vmalloc_share", "VMALLOC", 7, CELL_SHARE, OPTIONAL, "part in vmalloc" }
#define REGION(value, name, word, letter, use)                                                      \
	[R_LOADS + value] = { "load." word, NULL, 0, CELL_COUNT, ENTRY, "loads met in " word },  \
	[R_STORES + value] = { "store." word, NULL, 0, CELL_COUNT, ENTRY, "stores met in " word },

static const struct column function_columns[] = {
	ROW_COLUMNS_FROM("function", "FUNCTIONS, BY ACCESSES MET", -38, "the kernel's function", NULL),
#include "kvas/regions.def"
};
static const struct column access_process_columns[] = {
	ROW_COLUMNS_FROM("comm", "PROCESSES, BY ACCESSES MET", -30, "the process's name", "PID"),
#include "kvas/regions.def"
};
#undef REGION

static double row_region(const struct access_row *r, int region)
{
	return r->by.load[region] + r->by.store[region];
}

static void access_row_cell(const struct access_row *r, unsigned int column, struct cell *out)
{
	static const enum kvas_region share_of[] = { [R_DIRECT] = KVAS_REGION_DIRECT_MAP,
						     [R_USER] = KVAS_REGION_USER,
						     [R_VMALLOC] = KVAS_REGION_VMALLOC };
	double all = 0;

	for (int i = 0; i < KVAS_REGION_COUNT; i++)
		all += row_region(r, i);
	if (column == R_NAME) {
		out->text = r->name;
		out->max = sizeof(r->name);
	} else if (column == R_SAMPLES) {
		out->n = r->samples;
	} else if (column == R_ALL) {
		out->n = llround(all);
	} else if (column >= R_STORES) {
		cell_some(out, r->by.store[column - R_STORES]);
	} else if (column >= R_LOADS) {
		cell_some(out, r->by.load[column - R_LOADS]);
	} else if (column != R_PID) {
		out->state = all > 0 ? CELL_KNOWN : CELL_OMITTED;
		out->real = all > 0 ? row_region(r, share_of[column]) / all : 0;
	}
}

static size_t function_rows(const struct figures *g)
{
	return accesses_why(g) ? 0 : g->summary->accesses.nr_functions;
}

static void function_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	if (column == R_PID)
		out->state = CELL_OMITTED;
	else
		access_row_cell(&g->summary->accesses.functions[row], column, out);
}

static size_t access_process_rows(const struct figures *g)
{
	return accesses_why(g) ? 0 : g->summary->accesses.nr_processes;
}

static void access_process_cell(const struct figures *g, size_t row, unsigned int column,
				struct cell *out)
{
	const struct access_row *r = &g->summary->accesses.processes[row];

	access_row_cell(r, column, out);
	if (column != R_PID)
		return;
	out->n = r->pid;
	if (r->folded)
		cell_unknown(out, "the row (others) stands for many processes");
}

/* The functions that touch vmalloc, the most often first. */
static const struct column vmalloc_function_columns[] = {
	[R_NAME] = { "function", "FUNCTIONS THAT TOUCH VMALLOC MOST", -39, CELL_TEXT, ALWAYS,
		     "the kernel's function" },
	[R_PID] = { "accesses_vmalloc", "IN VMALLOC", 10, CELL_COUNT, ALWAYS, "accesses met in vmalloc" },
	[R_SAMPLES] = { "samples", "SAMPLES", 8, CELL_COUNT, ALWAYS, "samples in the kernel" },
	[R_ALL] = { "accesses", "ACCESSES", 8, CELL_COUNT, ALWAYS, "loads and stores met" },
};

static size_t vmalloc_function_rows(const struct figures *g)
{
	return accesses_why(g) ? 0 : g->summary->accesses.nr_vmalloc_functions;
}

static void vmalloc_function_cell(const struct figures *g, size_t row, unsigned int column,
				  struct cell *out)
{
	const struct access_row *r = g->summary->accesses.vmalloc_functions[row];

	if (column == R_PID)
		out->n = llround(row_region(r, KVAS_REGION_VMALLOC));
	else
		access_row_cell(r, column, out);
}

const struct table table_vmalloc_functions = TEXT_TABLE(
	SECTION_ACCESSES, TABLE_LIST, vmalloc_function_columns, vmalloc_function_rows,
	vmalloc_function_cell, NULL, "functions by accesses in vmalloc");

const struct table table_access_functions = {
	"accesses.functions", NULL, SECTION_ACCESSES, SHOWN_DETAIL, TABLE_LIST,
	COLUMNS(function_columns), function_rows, function_cell, accesses_why, NULL,
	"functions that were sampled, most accesses first", NULL,
};
const struct table table_access_processes = {
	"accesses.processes", NULL, SECTION_ACCESSES, SHOWN_DETAIL, TABLE_LIST,
	COLUMNS(access_process_columns), access_process_rows, access_process_cell, accesses_why, NULL,
	"processes that were sampled, most accesses first", NULL,
};
