/* SPDX-License-Identifier: GPL-2.0 */
/* Sampled accesses for a reader of the long text: in words, and as parts of what they are of. */
#include <stdio.h>

#include "agg/records.h"
#include "agg/tables_accesses.h"
#include "model/regions.h"

static const struct column mode_columns[] = {
	{ "mode", "SAMPLES", -48, CELL_TEXT, ALWAYS, "what a sample stands for" },
	{ "samples", "HOW MANY", 12, CELL_COUNT, OPTIONAL, "samples" },
};

static size_t mode_rows(const struct figures *g)
{
	return records_sampler_why(g->summary->meta) ? 0 : KVAS_ACCESS_END;
}

static void mode_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	static const char *const words[KVAS_ACCESS_END] = {
		[KVAS_ACCESS_KERNEL] = "at an instruction of the kernel",
		[KVAS_ACCESS_IRQS_OFF] = "for kernel code with interrupts off",
		[KVAS_ACCESS_RETURN] = "the same, on the way back to user mode",
		[KVAS_ACCESS_USER] = "in user mode",
		[KVAS_ACCESS_IDLE] = "on an idle CPU",
		[KVAS_ACCESS_UNKNOWN] = "not decoded: no instruction",
		[KVAS_ACCESS_UNREADABLE] = "not decoded: the text there cannot be read",
		[KVAS_ACCESS_NO_SYMBOLS] = "not decoded: no function is known",
	};

	cell_text(out, words[row]);
	if (column)
		cell_nonzero(out, words[row] ? g->summary->accesses.mode[row] : 0);
}

const struct table table_sample_modes = TEXT_TABLE(
	SECTION_ACCESSES, TABLE_MAP, mode_columns, mode_rows, mode_cell, NULL,
	"samples by what they stand for");

static const struct column other_columns[] = {
	{ "why", "ACCESSES IN REGION OTHER", -48, CELL_TEXT, ALWAYS, "why no region is known" },
	{ "accesses", "HOW MANY", 12, CELL_REAL, OPTIONAL, "loads and stores" },
};

static size_t other_rows(const struct figures *g)
{
	return accesses_why(g) ? 0 : KVAS_WHY_END;
}

static void other_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	static const char *const words[KVAS_WHY_END] = {
		[KVAS_WHY_PERCPU_BASE] = "by gs, whose base is not known",
		[KVAS_WHY_FS] = "by fs, whose base is not known",
		[KVAS_WHY_VECTOR] = "of gather or scatter",
		[KVAS_WHY_NO_REGION] = "at addresses of no region",
		[KVAS_WHY_IRQS_OFF] = "expected with interrupts off",
	};

	out->real = g->summary->accesses.other[row];
	cell_text(out, words[row]);
	if (column && (!words[row] || out->real <= 1e-6))
		out->state = CELL_OMITTED;
}

const struct table table_access_other_words = TEXT_TABLE(
	SECTION_ACCESSES, TABLE_MAP, other_columns, other_rows, other_cell, NULL,
	"accesses in region other, by why");

/* Page sizes, and a last row with all. */
static const struct column size_columns[] = {
	{ "size", "ADDRESSES IN PAGES OF", -24, CELL_TEXT, ALWAYS, "page size" },
	{ "addresses", "IN KERNEL", 12, CELL_COUNT, OPTIONAL, "kernel addresses met" },
	{ "share", "SHARE", 8, CELL_SHARE, OPTIONAL, "part of all" },
	{ "direct", "IN DIRECT MAP", 14, CELL_COUNT, OPTIONAL, "of them in the direct map" },
	{ "direct_share", "SHARE", 8, CELL_SHARE, OPTIONAL, "part of all those" },
};

static size_t size_rows(const struct figures *g)
{
	return accesses_why(g) ? 0 : LEAF_COUNT + 1;
}

static __u64 leaves(const __u64 leaf[LEAF_COUNT], size_t row)
{
	__u64 all = 0;

	if (row < LEAF_COUNT)
		return leaf[row];
	for (int i = 0; i < LEAF_COUNT; i++)
		all += leaf[i];
	return all;
}

static void size_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	static const char *const words[] = { [LEAF_4K] = "4K", [LEAF_2M] = "2M", [LEAF_1G] = "1G",
					     [LEAF_UNKNOWN] = "unknown", [LEAF_COUNT] = "any" };
	const __u64 *leaf = column < 3 ? g->summary->accesses.leaf : g->summary->accesses.leaf_direct;
	__u64 all = leaves(leaf, LEAF_COUNT);

	cell_text(out, words[row]);
	if (!column)
		return;
	cell_nonzero(out, leaves(leaf, row));
	out->real = all ? (double)out->n / all : 0;
}

const struct table table_page_sizes = TEXT_TABLE(
	SECTION_ACCESSES, TABLE_MAP, size_columns, size_rows, size_cell, NULL,
	"page sizes of the addresses met");

/* Where loads and stores lead by the PMU. */
static const struct column precise_load_columns[] = SHARE_COLUMNS("LOADS BY THE PMU GO TO", -24);
static const struct column precise_store_columns[] = SHARE_COLUMNS("STORES BY THE PMU GO TO", -24);

static size_t precise_rows(const struct figures *g)
{
	return g->summary->meta->precise ? KVAS_REGION_COUNT : 0;
}

static void precise_load_cell(const struct figures *g, size_t row, unsigned int column,
			      struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;

	access_share_cell(row, a->precise.load[row], a->precise_load, a->precise_load, column, out);
}

static void precise_store_cell(const struct figures *g, size_t row, unsigned int column,
			       struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;

	access_share_cell(row, a->precise.store[row], a->precise_store, a->precise_store, column, out);
}

const struct table table_precise_loads = TEXT_TABLE(
	SECTION_ACCESSES, TABLE_MAP, precise_load_columns, precise_rows, precise_load_cell,
	NULL, "loads by the PMU's addresses");
const struct table table_precise_stores = TEXT_TABLE(
	SECTION_ACCESSES, TABLE_MAP, precise_store_columns, precise_rows, precise_store_cell,
	NULL, "stores by the PMU's addresses");

static const char *precise_counts(const struct figures *g, char *buf, size_t len)
{
	const struct access_summary *a = &g->summary->accesses;

	if (!g->summary->meta->precise)
		return NULL;
	snprintf(buf, len, "The PMU (%s) gave the addresses of %llu loads and %llu stores; %llu of its "
			   "samples have no address.", g->summary->meta->precise_how, a->precise_load,
		 a->precise_store, a->precise_unknown);
	return buf;
}

const struct table table_precise_note = TEXT_NOTE(SECTION_ACCESSES, precise_counts);

static const char *tracing_part(const struct figures *g, char *buf, size_t len)
{
	const struct access_summary *a = &g->summary->accesses;
	__u64 tracing = a->tracing_load + a->tracing_store, met = a->met_load + a->met_store;

	if (accesses_why(g) || !tracing || !met)
		return NULL;
	snprintf(buf, len, "%.1f %% of the accesses met are in BPF and tracing functions.",
		 100.0 * tracing / met);
	return buf;
}

const struct table table_tracing_note = TEXT_NOTE(SECTION_ACCESSES, tracing_part);

static const char *met_only(const struct figures *g, char *buf, size_t len)
{
	return accesses_why(g) || !g->summary->accesses.nr_functions ? NULL :
	       "Functions and processes have the accesses met; those expected with interrupts "
	       "off are not in them.";
}

const struct table table_met_note = TEXT_NOTE(SECTION_ACCESSES, met_only);

static const char *folded(__u64 n, const char *what, char *buf, size_t len)
{
	if (!n)
		return NULL;
	snprintf(buf, len, "The %llu %s with the fewest accesses are in (others).", n, what);
	return buf;
}

static const char *functions_folded(const struct figures *g, char *buf, size_t len)
{
	return folded(g->summary->accesses.functions_folded, "functions", buf, len);
}

static const char *processes_folded(const struct figures *g, char *buf, size_t len)
{
	return folded(g->summary->accesses.processes_folded, "processes", buf, len);
}

const struct table table_functions_folded_note = TEXT_NOTE(SECTION_ACCESSES, functions_folded);
const struct table table_processes_folded_note = TEXT_NOTE(SECTION_ACCESSES, processes_folded);
