/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations, and copies between user and kernel memory (-m). */
#include <stdio.h>
#include <string.h>

#include "agg/tables.h"
#include "model/format.h"
#include "model/regions.h"
#include "model/words.h"

static const char *memory_why(const struct figures *g)
{
	return g->summary->meta->emit & (1u << KVAS_KIND_MEMORY) ? NULL : "not asked for: -m";
}

/* Whose hooks must be there for all of a use to be seen; HOOK_COUNT ends a list. */
static const enum hook_id use_hooks[KVAS_MEMORY_END][5] = {
	[KVAS_MEMORY_TO_USER] = { HOOK_copy_check, HOOK_copy_file_read, HOOK_copy_shmem_read,
				  HOOK_copy_pipe_read, HOOK_COUNT },
	[KVAS_MEMORY_FROM_USER] = { HOOK_copy_check, HOOK_copy_file_write, HOOK_copy_iomap_write,
				    HOOK_copy_pipe_write, HOOK_COUNT },
	[KVAS_MEMORY_STRINGS] = { HOOK_copy_check, HOOK_COUNT },
	[KVAS_MEMORY_SLAB] = { HOOK_slab_kmalloc, HOOK_slab_cache, HOOK_slab_kmalloc_node,
			       HOOK_slab_cache_node, HOOK_COUNT },
	[KVAS_MEMORY_PAGES] = { HOOK_pages, HOOK_COUNT },
	[KVAS_MEMORY_VMALLOC] = { HOOK_vmalloc_alloc, HOOK_COUNT },
};

static struct memory_sum use_sum(const struct memory_summary *m, unsigned int use)
{
	struct memory_sum sum = { 0 };

	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		sum.count += m->by[use][r].count;
		sum.bytes += m->by[use][r].bytes;
	}
	return sum;
}

/* How far a use's sums are known. */
struct use_known {
	const char *unknown; /* why not at all; NULL they are */
	const char *lower; /* why they are no more than a lower bound; NULL they are all */
};

static struct use_known use_known(const struct summary *s, unsigned int use)
{
	static const char *const unseen[KVAS_MEMORY_END] = {
		[KVAS_MEMORY_TO_USER] = "constant sizes unseen",
		[KVAS_MEMORY_FROM_USER] = "constant sizes unseen",
		[KVAS_MEMORY_SLAB] = "bulk ones unseen",
		[KVAS_MEMORY_PAGES] = "bulk ones unseen",
	};
	unsigned int there = 0, missing = 0;
	struct use_known k = { NULL, NULL };

	for (int i = 0; use_hooks[use][i] != HOOK_COUNT; i++)
		if (meta_attached(s->meta, use_hooks[use][i]))
			there++;
		else
			missing++;
	k.lower = missing ? "a hook is missing" : unseen[use];
	/* Every exec and every system call that names a file has a string copied; the kernel
	 * may have been told to look at no copy (hardened_usercopy=off). */
	if (use <= KVAS_MEMORY_FROM_USER && !use_sum(&s->memory, KVAS_MEMORY_STRINGS).count)
		k.lower = "no copy was checked";
	if (use == KVAS_MEMORY_STRINGS && !use_sum(&s->memory, use).count)
		k.unknown = "no copy was checked";
	if (!there)
		k.unknown = "no hook can be had here";
	if (use == KVAS_MEMORY_VMALLOC && !(s->meta->emit & (1u << KVAS_KIND_VMALLOC)))
		k.unknown = "vmalloc is not recorded";
	else if (use != KVAS_MEMORY_VMALLOC && s->c[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_MEMORY])
		k.lower = "the map of sums was full";
	return k;
}

#define NO_SIZE "the length of a string is not known"

/* Of strings only their number is known. */
static void bytes_cell(struct cell *out, unsigned int use, __u64 bytes)
{
	out->n = bytes;
	if (use == KVAS_MEMORY_STRINGS)
		cell_unknown(out, NO_SIZE);
}

enum { USE, USE_COUNT, USE_BYTES, USE_UNKNOWN, USE_LOWER, USE_REGIONS };
static const struct column use_columns[] = {
	[USE] = { "use", NULL, 0, CELL_TEXT, ALWAYS, "the use" },
	[USE_COUNT] = { "count", NULL, 0, CELL_COUNT, NULLABLE, "how often" },
	[USE_BYTES] = { "bytes", NULL, 0, CELL_BYTES, NULLABLE, "bytes of all together" },
	[USE_UNKNOWN] = { "unknown", NULL, 0, CELL_TEXT, NULLABLE,
			  "why count and bytes are unknown; null: they are known" },
	[USE_LOWER] = { "lower_bound", NULL, 0, CELL_TEXT, NULLABLE,
			"why they are lower bounds; null: they are not" },
#define REGION(value, name, word, letter, doc)                                                     \
	[USE_REGIONS + 2 * value] = { "by_region." word ".count", NULL, 0, CELL_COUNT, ENTRY,       \
				      "times the kernel's side was in " word },                     \
	[USE_REGIONS + 2 * value + 1] = { "by_region." word ".bytes", NULL, 0, CELL_BYTES, OPTIONAL, \
					  "bytes in " word },
#include "kvas/regions.def"
#undef REGION
};

static size_t use_rows(const struct figures *g)
{
	return KVAS_MEMORY_END - 1;
}

static void use_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct memory_summary *m = &g->summary->memory;
	unsigned int use = row + 1;
	struct use_known known = use_known(g->summary, use);
	struct memory_sum all = use_sum(m, use);
	const struct memory_sum *in;

	switch (column) {
	case USE:
		cell_text(out, word_memory_use_name(use));
		return;
	case USE_COUNT:
		out->n = all.count;
		break;
	case USE_BYTES:
		bytes_cell(out, use, all.bytes);
		break;
	case USE_UNKNOWN:
		cell_text(out, known.unknown);
		if (!known.unknown)
			cell_unknown(out, "count and bytes are known");
		return;
	case USE_LOWER:
		cell_text(out, known.lower);
		if (!known.lower)
			cell_unknown(out, "count and bytes are no lower bounds");
		return;
	default:
		in = &m->by[use][(column - USE_REGIONS) / 2];
		out->n = (column - USE_REGIONS) % 2 ? in->bytes : in->count;
		out->state = in->count && (use != KVAS_MEMORY_STRINGS || !((column - USE_REGIONS) % 2)) ?
				     CELL_KNOWN : CELL_OMITTED;
		return;
	}
	if (known.unknown)
		cell_unknown(out, known.unknown);
}

/* Short text: bytes by use in one sentence, of uses whose sums are known and not 0. */
static const char *memory_sentence(const struct figures *g, char *buf, size_t len)
{
	static const struct {
		unsigned int use;
		const char *verb, *what;
	} part[] = {
		{ KVAS_MEMORY_TO_USER, "copied", "to user memory" },
		{ KVAS_MEMORY_FROM_USER, "copied", "from user memory" },
		{ KVAS_MEMORY_SLAB, "allocated", "of slab objects" },
		{ KVAS_MEMORY_PAGES, "allocated", "of pages" },
		{ KVAS_MEMORY_VMALLOC, "allocated", "of vmalloc areas" },
	};
	const char *verb = "";
	char bytes[FORMAT_MAX];
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]) && at < len; i++) {
		struct use_known known = use_known(g->summary, part[i].use);
		__u64 n = use_sum(&g->summary->memory, part[i].use).bytes;
		bool same = !strcmp(verb, part[i].verb);

		if (!n || known.unknown)
			continue;
		at += snprintf(buf + at, len - at, "%s%s%s%s%s %s", at ? ", " : "",
			       same ? "" : part[i].verb, same ? "" : " ",
			       known.lower ? "at least " : "", format_bytes(bytes, n), part[i].what);
		verb = part[i].verb;
	}
	return buf;
}

const struct table table_memory = {
	"memory", "copies and allocations", SECTION_MEMORY, SHOWN_DIGEST, TABLE_MAP,
	COLUMNS(use_columns), use_rows, use_cell, memory_why, NULL, "allocations and copies, by use and by the region of the kernel's side",
	memory_sentence,
};

/* The same for a reader, copies first: of each use a row with all, then one a region. */
static const unsigned int uses_shown[] = {
	KVAS_MEMORY_TO_USER, KVAS_MEMORY_FROM_USER, KVAS_MEMORY_STRINGS,
	KVAS_MEMORY_SLAB,    KVAS_MEMORY_PAGES,	    KVAS_MEMORY_VMALLOC,
};
#define ROWS_OF_USE (1 + KVAS_REGION_COUNT)

enum { READ_USE, READ_REGION, READ_COUNT, READ_BYTES, READ_SHARE, READ_WHY };
static const struct column use_shown_columns[] = {
	[READ_USE] = { "use", "MEMORY", -9, CELL_TEXT, OPTIONAL, "the use" },
	[READ_REGION] = { "region", "REGION", -13, CELL_TEXT, ALWAYS, "region of the kernel's side" },
	[READ_COUNT] = { "count", "TIMES", 11, CELL_COUNT, OPTIONAL, "how often" },
	[READ_BYTES] = { "bytes", "BYTES", 9, CELL_BYTES, OPTIONAL, "bytes of all together" },
	[READ_SHARE] = { "share", "SHARE", 8, CELL_SHARE, OPTIONAL,
			  "part of the use's bytes; of strings, of their number" },
	[READ_WHY] = { "why", "", -24, CELL_TEXT, OPTIONAL, "why it is unknown or a lower bound" },
};

static size_t use_shown_rows(const struct figures *g)
{
	return memory_why(g) ? 0 : sizeof(uses_shown) / sizeof(uses_shown[0]) * ROWS_OF_USE;
}

/* All of USE. */
static void use_all_cell(const struct figures *g, unsigned int use, unsigned int column,
			 struct cell *out)
{
	struct use_known known = use_known(g->summary, use);
	struct memory_sum all = use_sum(&g->summary->memory, use);

	out->n = column == READ_COUNT ? all.count : all.bytes;
	if (column == READ_USE)
		cell_text(out, word_memory_use_name(use));
	else if (column == READ_REGION)
		cell_text(out, known.unknown ? "unknown" : known.lower ? "at least" : "in all");
	else if (column == READ_WHY)
		cell_text(out, known.unknown ? known.unknown : known.lower);
	else if (known.unknown)
		cell_unknown(out, known.unknown);
	else if (column == READ_BYTES)
		bytes_cell(out, use, all.bytes);
	if (column == READ_SHARE || (column == READ_WHY && !out->text))
		out->state = CELL_OMITTED;
}

/* What of USE was in REGION; nothing where there was none. */
static void use_region_cell(const struct figures *g, unsigned int use, unsigned int region,
			    unsigned int column, struct cell *out)
{
	struct memory_sum all = use_sum(&g->summary->memory, use);
	const struct memory_sum *in = &g->summary->memory.by[use][region];

	out->n = column == READ_COUNT ? in->count : in->bytes;
	out->real = all.bytes ? (double)in->bytes / all.bytes : (double)in->count / all.count;
	if (!in->count || use_known(g->summary, use).unknown || column == READ_USE ||
	    column == READ_WHY || (column == READ_BYTES && use == KVAS_MEMORY_STRINGS))
		out->state = CELL_OMITTED;
	else if (column == READ_REGION)
		cell_text(out, region_name(region));
}

static void use_shown_cell(const struct figures *g, size_t row, unsigned int column,
			   struct cell *out)
{
	unsigned int use = uses_shown[row / ROWS_OF_USE], at = row % ROWS_OF_USE;

	if (at)
		use_region_cell(g, use, at - 1, column, out);
	else
		use_all_cell(g, use, column, out);
}

const struct table table_memory_regions = TEXT_TABLE(
	SECTION_MEMORY, TABLE_MAP_OF_MAPS, use_shown_columns, use_shown_rows, use_shown_cell,
	NULL, "copies and allocations, and the region of the kernel's side");

static const char *regions_unknown(const struct figures *g, char *buf, size_t len)
{
	const struct layout *l = &g->summary->meta->host.layout;

	if (memory_why(g) || (l->page_offset && l->vmalloc_base))
		return NULL;
	return l->page_offset ? "Regions of memory are unknown: where vmalloc begins is not known." :
				"Regions of memory are unknown: where the direct map begins is not known.";
}

const struct table table_memory_regions_note = TEXT_NOTE(SECTION_MEMORY, regions_unknown);

enum { ROW_FUNCTION, ROW_USE, ROW_REGION, ROW_SIZE, ROW_COUNT, ROW_BYTES };
static const struct column memory_row_columns[] = {
	[ROW_FUNCTION] = { "function", NULL, 0, CELL_TEXT, ALWAYS,
			   "who copies or allocates; empty: not known" },
	[ROW_USE] = { "use", NULL, 0, CELL_TEXT, ALWAYS, "the use" },
	[ROW_REGION] = { "region", NULL, 0, CELL_TEXT, ALWAYS, "of the kernel's side" },
	[ROW_SIZE] = { "size_most", NULL, 0, CELL_BYTES, NULLABLE, "bytes of one, at most" },
	[ROW_COUNT] = { "count", NULL, 0, CELL_COUNT, ALWAYS, "how often" },
	[ROW_BYTES] = { "bytes", NULL, 0, CELL_BYTES, NULLABLE, "bytes of all together" },
};

static void memory_row_cell(const struct memory_row *r, __u32 order, unsigned int column,
			    struct cell *out)
{
	switch (column) {
	case ROW_FUNCTION:
		out->text = r->function;
		out->max = sizeof(r->function);
		break;
	case ROW_USE:
		cell_text(out, word_memory_use_name(r->use));
		break;
	case ROW_REGION:
		cell_text(out, region_name(r->region));
		break;
	case ROW_SIZE:
		bytes_cell(out, r->use, 1ULL << order);
		break;
	case ROW_COUNT:
		out->n = r->sum.count;
		break;
	case ROW_BYTES:
		bytes_cell(out, r->use, r->sum.bytes);
		break;
	}
}

static size_t memory_rows(const struct figures *g)
{
	return g->summary->memory.nr_rows;
}

static void memory_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct memory_row *r = &g->summary->memory.rows[row];

	memory_row_cell(r, r->order, column, out);
}

const struct table table_memory_rows = {
	"memory.rows", NULL, SECTION_MEMORY, SHOWN_JSON, TABLE_LIST, COLUMNS(memory_row_columns),
	memory_rows, memory_cell, memory_why, NULL,
	"the same by use, region, size and function, the most bytes first", NULL,
};

static size_t memory_function_rows(const struct figures *g)
{
	return memory_why(g) ? 0 : g->summary->memory.nr_functions;
}

static void memory_function_cell(const struct figures *g, size_t row, unsigned int column,
				 struct cell *out)
{
	const struct memory_row *r = &g->summary->memory.functions[row];

	memory_row_cell(r, r->most, column, out);
}

const struct table table_memory_functions = {
	"memory.functions", NULL, SECTION_MEMORY, SHOWN_JSON, TABLE_LIST,
	COLUMNS(memory_row_columns), memory_function_rows, memory_function_cell, memory_why, NULL,
	"the same by use, region and function, the most bytes first", NULL,
};

/* The same for a reader: copies and allocations apart, and the sizes they were of. */
enum { BY_FUNCTION, BY_USE, BY_REGION, BY_SIZES, BY_TIMES, BY_BYTES };
#define BY_COLUMNS(head)                                                                            \
	{                                                                                           \
		[BY_FUNCTION] = { "function", head, -26, CELL_TEXT, ALWAYS, "who does it" },        \
		[BY_USE] = { "use", "USE", -9,  CELL_TEXT, ALWAYS, "the use" },                     \
		[BY_REGION] = { "region", "REGION", -12, CELL_TEXT, ALWAYS, "of the kernel's side" }, \
		[BY_SIZES] = { "sizes", "SIZES", 10,      CELL_SIZES, ALWAYS,                       \
			       "bytes of one at most, of the smallest and the largest" },           \
		[BY_TIMES] = { "count", "TIMES", 8, CELL_COUNT, ALWAYS, "how often" },              \
		[BY_BYTES] = { "bytes", "BYTES", 9, CELL_BYTES, ALWAYS, "bytes of all together" },  \
	}
static const struct column copy_columns[] = BY_COLUMNS("COPIES BY FUNCTION");
static const struct column allocation_columns[] = BY_COLUMNS("ALLOCATIONS BY CALLER");

static bool is_copy(const struct memory_row *r)
{
	return r->use == KVAS_MEMORY_TO_USER || r->use == KVAS_MEMORY_FROM_USER ||
	       r->use == KVAS_MEMORY_STRINGS;
}

/* Functions that copy, or that do not. */
static size_t nr_functions(const struct figures *g, bool copies)
{
	size_t n = 0;

	for (size_t i = 0; !memory_why(g) && i < g->summary->memory.nr_functions; i++)
		n += is_copy(&g->summary->memory.functions[i]) == copies;
	return n;
}

/* The cell of the ROW-th of them. */
static void by_function_cell(const struct figures *g, bool copies, size_t row, unsigned int column,
			     struct cell *out)
{
	static const unsigned int of[] = { [BY_FUNCTION] = ROW_FUNCTION, [BY_USE] = ROW_USE,
					   [BY_REGION] = ROW_REGION,	 [BY_SIZES] = ROW_SIZE,
					   [BY_TIMES] = ROW_COUNT,	 [BY_BYTES] = ROW_BYTES };
	const struct memory_row *r = g->summary->memory.functions;

	for (;; r++)
		if (is_copy(r) == copies && !row--)
			break;
	memory_row_cell(r, r->least, of[column], out);
	out->most = 1ULL << r->most;
}

static size_t copy_rows(const struct figures *g)
{
	return nr_functions(g, true);
}

static void copy_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	by_function_cell(g, true, row, column, out);
}

static size_t allocation_rows(const struct figures *g)
{
	return nr_functions(g, false);
}

static void allocation_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	by_function_cell(g, false, row, column, out);
}

const struct table table_memory_copies = TEXT_TABLE(
	SECTION_MEMORY, TABLE_LIST, copy_columns, copy_rows, copy_cell, NULL,
	"who copies, the most bytes first");
const struct table table_memory_allocations = TEXT_TABLE(
	SECTION_MEMORY, TABLE_LIST, allocation_columns, allocation_rows, allocation_cell, NULL,
	"who allocates, the most bytes first");
