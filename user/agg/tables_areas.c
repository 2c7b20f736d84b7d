/* SPDX-License-Identifier: GPL-2.0 */
/* vmalloc by caller; who purges and who flushes kernel addresses. */
#include "agg/tables.h"

#define PURGES_DOC "its part of the purges; each is one TLB flush of kernel addresses on all CPUs"

enum { CALLER, START_BYTES, START_FREED_BYTES, ALLOCATED, ALLOCATED_BYTES, FREED, LIVE_BYTES, LEAKED_BYTES, LAZY_BYTES, PURGED_BYTES,
       PURGES, FLUSHES };
static const struct column caller_columns[] = {
	[CALLER] = { "caller", "VMALLOC BY CALLER", -23, CELL_TEXT, ALWAYS,
		     "the function that called the vmalloc code; empty: not known. Of areas that were there at the "
		     "start, the one that /proc/vmallocinfo names" },
	[START_BYTES] = { "bytes_start", "START", 9, CELL_BYTES, NULLABLE,
			  "bytes of the areas that were there at the start" },
	[START_FREED_BYTES] = { "bytes_start_freed", NULL, 0, CELL_BYTES, NULLABLE,
				"bytes of them that were freed since" },
	[ALLOCATED] = { "alloc", NULL, 0, CELL_COUNT, ALWAYS, "areas allocated" },
	[ALLOCATED_BYTES] = { "bytes_alloc", "ALLOC", 9, CELL_BYTES, ALWAYS, "bytes of these areas" },
	[FREED] = { "free", NULL, 0, CELL_COUNT, NULLABLE, "how many of these areas were freed" },
	[LIVE_BYTES] = { "bytes_live", "LIVE", 9, CELL_BYTES, NULLABLE, "bytes of the areas that are live" },
	[LEAKED_BYTES] = { "bytes_leaked", "LEAKED", 9, CELL_BYTES, NULLABLE,
			   "bytes of live areas whose process ended" },
	[LAZY_BYTES] = { "bytes_lazy", "LAZY", 9, CELL_BYTES, NULLABLE,
			 "bytes freed whose addresses wait for a purge" },
	[PURGED_BYTES] = { "bytes_purged", NULL, 0, CELL_BYTES, NULLABLE,
			   "bytes whose addresses purges returned" },
	[PURGES] = { "purges", "PURGES", 6, CELL_REAL, NULLABLE, PURGES_DOC },
	[FLUSHES] = { "kernel_flushes", NULL, 0, CELL_REAL, NULLABLE,
		      "the TLB flushes of kernel addresses that its part of the purges made" },
};

static const char *callers_why(const struct figures *g)
{
	return figures_areas_why(g->summary);
}

/* Why nobody knows who purges; NULL somebody does. */
static const char *purges_why(const struct figures *g)
{
	return g->summary->meta->emit & (1u << KVAS_KIND_VMALLOC) ?
		       figures_hook_why(g->summary, HOOK_vmalloc_purge) :
		       "vmalloc is not recorded";
}

/* Flushes are seen by a hook of their own, or those of purges are taken for them. */
static const char *flushes_why(const struct figures *g)
{
	const char *why = figures_hook_why(g->summary, HOOK_kernel_flush);

	return why || !(g->summary->meta->emit & (1u << KVAS_KIND_VMALLOC)) ? purges_why(g) : NULL;
}

static size_t caller_rows(const struct figures *g)
{
	return g->summary->areas.nr_rows;
}

static void caller_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct area_row *r = &g->summary->areas.rows[row];
	/* A row's part is known as far as the figure it is part of. */
	static const enum figure_id of[] = {
		[CALLER] = FIGURE_NONE,		[ALLOCATED] = FIGURE_NONE,
		[START_BYTES] = FIGURE_VM_BYTES_START, [START_FREED_BYTES] = FIGURE_VM_BYTES_START_FREED,
		[ALLOCATED_BYTES] = FIGURE_NONE,	[FREED] = FIGURE_VM_LIVE,
		[LIVE_BYTES] = FIGURE_VM_BYTES_LIVE,	[LEAKED_BYTES] = FIGURE_VM_BYTES_LEAKED,
		[LAZY_BYTES] = FIGURE_VM_BYTES_LAZY, [PURGED_BYTES] = FIGURE_VM_BYTES_PURGED,
		[PURGES] = FIGURE_VM_PURGES,	[FLUSHES] = FIGURE_VM_PURGES,
	};
	const __u64 value[] = {
		[START_BYTES] = r->start.bytes,	 [START_FREED_BYTES] = r->start_freed.bytes,
		[ALLOCATED] = r->alloc.areas,	 [ALLOCATED_BYTES] = r->alloc.bytes,
		[FREED] = r->freed.areas,	 [LIVE_BYTES] = r->live.bytes,
		[LEAKED_BYTES] = r->leaked.bytes, [LAZY_BYTES] = r->lazy.bytes,
		[PURGED_BYTES] = r->purged.bytes, [FLUSHES] = 0,
	};

	cell_text(out, r->caller);
	out->n = value[column];
	out->real = r->purges;
	if (of[column] != FIGURE_NONE && !g->f[of[column]].known)
		cell_unknown(out, g->f[of[column]].why);
}

const struct table table_callers = {
	"vmalloc.callers", NULL, SECTION_VMALLOC, SHOWN_DETAIL, TABLE_LIST, COLUMNS(caller_columns),
	caller_rows, caller_cell, callers_why, NULL, "who allocates vmalloc areas, the most bytes allocated first", NULL,
};

#define CAUSE_COLUMNS(head)                                                                      \
	{                                                                                        \
		{ "caller", head, -48, CELL_TEXT, ALWAYS, "the function; empty: not known" },    \
		{ "count", "TIMES", 8, CELL_COUNT, ALWAYS, "how often" },                        \
		{ "bytes", "BYTES OF RANGES", 16, CELL_BYTES, NULLABLE,                          \
		  "of the ranges that are known" },                                              \
	}
static const struct column purge_columns[] = CAUSE_COLUMNS("PURGES OF FREED AREAS BY CALLER");
static const struct column flush_columns[] = CAUSE_COLUMNS("TLB FLUSHES OF KERNEL RANGES BY CALLER");

static void cause_cell(const struct area_cause *c, unsigned int column, struct cell *out)
{
	cell_text(out, c->caller);
	out->n = column == 1 ? c->count : c->bytes;
	/* No range is empty: a hook that tells none leaves 0. */
	if (column == 2 && !c->bytes)
		cell_unknown(out, "the ranges are not known");
}

static size_t purge_rows(const struct figures *g)
{
	return g->summary->areas.nr_purges;
}

static void purge_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cause_cell(&g->summary->areas.purges[row], column, out);
}

const struct table table_purges = {
	"vmalloc.purges_by", NULL, SECTION_VMALLOC, SHOWN_DETAIL, TABLE_LIST, COLUMNS(purge_columns),
	purge_rows, purge_cell, purges_why, NULL, "functions that purge, most purges first", NULL,
};

static size_t flush_rows(const struct figures *g)
{
	return g->summary->areas.nr_flushes;
}

static void flush_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cause_cell(&g->summary->areas.flushes[row], column, out);
}

const struct table table_flushes = {
	"vmalloc.kernel_flushes_by", NULL, SECTION_VMALLOC, SHOWN_DETAIL, TABLE_LIST,
	COLUMNS(flush_columns), flush_rows, flush_cell, flushes_why, NULL,
	"functions that flush ranges of kernel addresses, most flushes first", NULL,
};
