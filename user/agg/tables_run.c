/* SPDX-License-Identifier: GPL-2.0 */
/* What a run was: itself, its host, its hooks, what was seen and lost. */
#include <string.h>

#include "agg/records.h"
#include "agg/tables.h"
#include "model/words.h"

#define SUMMARY_SCHEMA 1

enum { RUN_SCHEMA, RUN_KVAS, RUN_COMMAND, RUN_FILTER, RUN_WINDOW, RUN_COMPLETE, RUN_FOLDED };
static const struct column run_columns[] = {
	[RUN_SCHEMA] = { "schema", NULL, 0, CELL_COUNT, ALWAYS, "version of these keys" },
	[RUN_KVAS] = { "kvas", NULL, 0, CELL_TEXT, ALWAYS, "version of the kvas that traced" },
	[RUN_COMMAND] = { "command", NULL, 0, CELL_TEXT, NULLABLE, "the command that was run" },
	[RUN_FILTER] = { "filter", NULL, 0, CELL_TEXT, NULLABLE, "which tasks were counted" },
	[RUN_WINDOW] = { "window_ns", NULL, 0, CELL_NS, ALWAYS, "length of the window" },
	[RUN_COMPLETE] = { "complete", NULL, 0, CELL_FLAG, ALWAYS,
			   "false: the recording is cut short" },
	[RUN_FOLDED] = { "processes_folded", NULL, 0, CELL_COUNT, ALWAYS,
			 "processes added up in the row (others)" },
};

static void run_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct meta *m = g->summary->meta;

	switch (column) {
	case RUN_SCHEMA:
		out->n = SUMMARY_SCHEMA;
		break;
	case RUN_KVAS:
		cell_text(out, m->version);
		break;
	case RUN_COMMAND:
		cell_text(out, m->command);
		if (!m->command[0])
			cell_unknown(out, "no command was run");
		break;
	case RUN_FILTER:
		cell_text(out, m->filter);
		if (!m->filter[0])
			cell_unknown(out, "no filter: the whole host was counted");
		break;
	case RUN_WINDOW:
		out->n = g->summary->length_ns;
		break;
	case RUN_COMPLETE:
		out->n = m->complete != ANSWER_NO;
		break;
	case RUN_FOLDED:
		out->n = g->summary->processes_folded;
		break;
	}
}

const struct table table_run = {
	"", NULL, SECTION_SELF, SHOWN_JSON, TABLE_ONE, COLUMNS(run_columns), rows_one, run_cell, NULL,
	NULL, "the run", NULL,
};

enum {
	HOST_KERNEL, HOST_ARCH, HOST_CPUS, HOST_ONLINE, HOST_LEVELS, HOST_KPTI, HOST_PCID, HOST_KASLR,
	HOST_PAGE_OFFSET, HOST_VMALLOC, HOST_VMEMMAP, HOST_KPTI_HOW, HOST_KPTI_BY, HOST_LAYOUT_HOW,
};
static const struct column host_columns[] = {
	[HOST_KERNEL] = { "kernel", NULL, 0, CELL_TEXT, ALWAYS, "release" },
	[HOST_ARCH] = { "arch", NULL, 0, CELL_TEXT, ALWAYS, "machine" },
	[HOST_CPUS] = { "cpus", NULL, 0, CELL_COUNT, ALWAYS, "possible CPUs" },
	[HOST_ONLINE] = { "cpus_online", NULL, 0, CELL_COUNT, NULLABLE, "CPUs that were online when the run began" },
	[HOST_LEVELS] = { "paging_levels", NULL, 0, CELL_COUNT, NULLABLE, "4 or 5" },
	[HOST_KPTI] = { "kpti", NULL, 0, CELL_FLAG, NULLABLE, "KPTI is on" },
	[HOST_PCID] = { "pcid", NULL, 0, CELL_FLAG, NULLABLE, "the CPU has PCIDs" },
	[HOST_KASLR] = { "kaslr", NULL, 0, CELL_FLAG, NULLABLE, "a base was moved" },
	[HOST_PAGE_OFFSET] = { "page_offset", NULL, 0, CELL_ADDRESS, NULLABLE,
			       "where the direct map begins" },
	[HOST_VMALLOC] = { "vmalloc_base", NULL, 0, CELL_ADDRESS, NULLABLE, "where vmalloc begins" },
	[HOST_VMEMMAP] = { "vmemmap_base", NULL, 0, CELL_ADDRESS, NULLABLE, "where vmemmap begins" },
	[HOST_KPTI_HOW] = { "kpti_how", NULL, 0, CELL_TEXT, ALWAYS, "how kpti is known" },
	[HOST_KPTI_BY] = { "kpti_by_hypervisor", NULL, 0, CELL_FLAG, NULLABLE,
			   "a hypervisor, not the kernel, changes KPTI's tables" },
	[HOST_LAYOUT_HOW] = { "layout_how", NULL, 0, CELL_TEXT, ALWAYS, "how the bases are known" },
};

static void cell_answer(struct cell *out, enum answer a, const char *why)
{
	out->n = a == ANSWER_YES;
	if (a == ANSWER_UNKNOWN)
		cell_unknown(out, why[0] ? why : "it could not be read");
}

static void cell_base(struct cell *out, const struct meta *m, __u64 base)
{
	out->n = base;
	if (m->redacted)
		cell_unknown(out, "redacted");
	else if (!base)
		cell_unknown(out, m->host.layout_how[0] ? m->host.layout_how : "it was not found");
}

static void host_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct meta *m = g->summary->meta;
	const struct host_info *h = &m->host;

	switch (column) {
	case HOST_KERNEL:
		cell_text(out, h->kernel);
		break;
	case HOST_ARCH:
		cell_text(out, h->arch);
		break;
	case HOST_CPUS:
		out->n = h->cpus;
		break;
	case HOST_ONLINE:
		out->n = h->cpus_online;
		if (!h->cpus_online)
			cell_unknown(out, "the recording does not tell");
		break;
	case HOST_LEVELS:
		out->n = h->layout.levels;
		if (!h->layout.levels)
			cell_unknown(out, "/proc/cpuinfo cannot be read");
		break;
	case HOST_KPTI:
		cell_answer(out, h->kpti, h->kpti_how);
		break;
	case HOST_PCID:
		cell_answer(out, h->pcid, "/proc/cpuinfo cannot be read");
		break;
	case HOST_KASLR:
		cell_answer(out, h->kaslr, "neither _text nor PAGE_OFFSET is known to have moved");
		break;
	case HOST_PAGE_OFFSET:
		cell_base(out, m, h->layout.page_offset);
		break;
	case HOST_VMALLOC:
		cell_base(out, m, h->layout.vmalloc_base);
		break;
	case HOST_VMEMMAP:
		cell_base(out, m, h->layout.vmemmap_base);
		break;
	case HOST_KPTI_HOW:
		cell_text(out, h->kpti_how);
		break;
	case HOST_KPTI_BY:
		cell_answer(out, h->kpti_by_hypervisor, "the user tables were not looked at");
		break;
	case HOST_LAYOUT_HOW:
		cell_text(out, h->layout_how);
		break;
	}
}

const struct table table_host = {
	"host", NULL, SECTION_SELF, SHOWN_JSON, TABLE_ONE, COLUMNS(host_columns), rows_one, host_cell,
	NULL, NULL, "the host", NULL,
};

static const struct column hook_columns[] = {
	{ "name", "HOOK", -26, CELL_TEXT, ALWAYS, "the hook" },
	{ "how", "HOW", -36, CELL_TEXT, NULLABLE, "the way of attaching that was chosen" },
	{ "provenance", "FIGURES ARE", -12, CELL_TEXT, NULLABLE, "observed or derived" },
	{ "why", NULL, 0, CELL_TEXT, NULLABLE, "why the best way was not taken; null: it was" },
};

static size_t hook_rows(const struct figures *g)
{
	return g->summary->meta->nr_hooks;
}

static void hook_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct hook_info *h = &g->summary->meta->hooks[row];
	const char *const text[] = { h->name, h->how, h->provenance, h->why };

	cell_text(out, text[column]);
	if ((column == 1 || column == 2) && !strcmp(h->provenance, "none"))
		cell_unknown(out, h->why[0] ? h->why : "not attached");
	if (column == 3 && !h->why[0])
		cell_unknown(out, "the best way was taken");
}

const struct table table_hooks = {
	"hooks", NULL, SECTION_SELF, SHOWN_JSON, TABLE_MAP, COLUMNS(hook_columns), hook_rows, hook_cell,
	NULL, NULL, "how each hook was attached", NULL,
};

/* The kinds of record that were asked for: row I is the I-th of them. */
static size_t kind_rows(const struct figures *g)
{
	return __builtin_popcount(g->summary->meta->emit & ~1u & ((1u << KVAS_KIND_END) - 1));
}

static unsigned int kind_of_row(const struct figures *g, size_t row)
{
	unsigned int k = KVAS_KIND_TASK;

	for (;; k++)
		if (g->summary->meta->emit & (1u << k) && !row--)
			return k;
}

static const struct column event_columns[] = {
	{ "kind", "RECORDS", -10, CELL_TEXT, ALWAYS, "kind of record" },
	{ "happened", "HAPPENED", 12, CELL_COUNT, NULLABLE, "by the counters" },
	{ "seen", "SEEN", 12, CELL_COUNT, ALWAYS, "records that arrived" },
	{ "lost", "LOST", 12, CELL_COUNT, NULLABLE, "records that a full ring refused" },
};

/* Records of KIND that a full ring refused: of a recording that is cut short, those that were counted;
 * none counted is not none lost. */
static void cell_refused(struct cell *out, const struct summary *s, unsigned int kind)
{
	out->n = s->c[KVAS_C_LOST_RING + kind];
	if (!out->n && meta_cut_why(s->meta))
		cell_unknown(out, meta_cut_why(s->meta));
}

static void event_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	unsigned int kind = kind_of_row(g, row);
	const char *cut = meta_cut_why(g->summary->meta);

	cell_text(out, word_kind_name(kind));
	if (column == 1)
		out->n = records_happened(g->summary, kind);
	if (column == 1 && cut)
		cell_unknown(out, cut);
	if (column == 2)
		out->n = g->summary->seen[kind];
	if (column == 3)
		cell_refused(out, g->summary, kind);
}

const struct table table_events = {
	"events", "Records kept: seen + lost = happened", SECTION_LOST, SHOWN_DETAIL, TABLE_MAP,
	COLUMNS(event_columns), kind_rows, event_cell, NULL, NULL, "records by kind", NULL,
};

static const struct column ring_columns[] = {
	{ "kind", NULL, 0, CELL_TEXT, ALWAYS, "kind of record" },
	{ "lost", NULL, 0, CELL_COUNT, NULLABLE, "records that a full ring refused" },
};

static void ring_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	unsigned int kind = kind_of_row(g, row);

	cell_text(out, word_kind_name(kind));
	if (column)
		cell_refused(out, g->summary, kind);
}

const struct table table_lost_rings = {
	"lost.ring_full", NULL, SECTION_LOST, SHOWN_JSON, TABLE_MAP, COLUMNS(ring_columns), kind_rows,
	ring_cell, NULL, NULL, "records that a full ring refused, by kind", NULL,
};

static const struct column lost_columns[] = {
	{ "cause", "LOST BY", -16, CELL_TEXT, ALWAYS, "cause of the loss" },
	{ "what", "WHERE", -32, CELL_TEXT, ALWAYS, "the kind, map or program it struck" },
	{ "count", "TIMES", 12, CELL_COUNT, ALWAYS, "how many" },
};

static size_t lost_rows(const struct figures *g)
{
	return g->summary->meta->nr_losses;
}

static void lost_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct loss_info *l = &g->summary->meta->losses[row];

	cell_text(out, column ? l->what : l->cause);
	out->n = l->count;
}

const struct table table_lost = {
	"lost", "Lost outside the rings", SECTION_LOST, SHOWN_DIGEST, TABLE_MAP_OF_MAPS,
	COLUMNS(lost_columns), lost_rows, lost_cell, NULL, NULL,
	"what was lost outside the rings, by cause", NULL,
};
