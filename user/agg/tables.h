/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run has beside single figures: lists and maps, a row of `tables` each, with their
 * columns as rows too. Views walk them and know none of them. No I/O.
 */
#ifndef KVAS_AGG_TABLES_H
#define KVAS_AGG_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "agg/figures.h"

enum cell_unit {
	CELL_COUNT, /* n, which grows with time */
	CELL_ID, /* n, a process or a CPU */
	CELL_BYTES, /* n */
	CELL_NS, /* n */
	CELL_REAL, /* real */
	CELL_SHARE, /* real, 0 to 1 */
	CELL_TEXT, /* text, up to max bytes or its NUL; any byte may occur */
	CELL_FLAG, /* n */
	CELL_ADDRESS, /* n */
	CELL_SIZES, /* n to most bytes; in text only */
};

enum cell_state {
	CELL_KNOWN = 0,
	CELL_UNKNOWN, /* why tells */
	CELL_OMITTED, /* nothing to tell: not written where the column may be omitted */
};

struct cell {
	enum cell_state state;
	__u64 n, most;
	double real;
	const char *text;
	size_t max;
	const char *why;
};

enum column_presence {
	ALWAYS,
	OPTIONAL, /* cells may be CELL_OMITTED, as zeros of a region are */
	NULLABLE, /* cells may be CELL_UNKNOWN */
	ENTRY, /* as OPTIONAL; the object before the first dot is there all the same */
};

struct column {
	const char *name; /* in JSON and CSV; dots nest */
	const char *head; /* in text; NULL: not shown there */
	int width; /* in text; negative: left-justified */
	enum cell_unit unit;
	enum column_presence presence;
	const char *doc;
};

enum table_shape {
	TABLE_ONE, /* one row: an object */
	TABLE_LIST, /* an array of objects */
	TABLE_MAP, /* an object by the first column */
	TABLE_MAP_OF_MAPS, /* an object by the first column, of objects by the second */
	TABLE_NOTE, /* in text only: no rows, but the sentence of `instead`, "" or NULL for nothing */
};

#define TABLE_SENTENCE 512

struct table {
	const char *path; /* in JSON; "" the root; NULL of a SHOWN_TEXT, which only text has */
	const char *title; /* in text */
	enum section_id section;
	enum figure_shown shown;
	enum table_shape shape;
	const struct column *columns;
	unsigned int nr_columns;
	size_t (*rows)(const struct figures *g);
	/* Cell (ROW, COLUMN) into OUT, which is all 0: CELL_KNOWN and 0. */
	void (*cell)(const struct figures *g, size_t row, unsigned int column, struct cell *out);
	/* Why the whole is unknown; NULL it is known. A NULL function: always. */
	const char *(*why)(const struct figures *g);
	/* The same of one row. */
	const char *(*row_why)(const struct figures *g, size_t row);
	const char *doc;
	/* Short text has the rows in one line (of a map) or the first few (of a list). A sentence to
	 * print in their place, in BUF, "" for nothing; NULL: print the rows. NULL function: so.
	 * A note is such a sentence in the long text. BUF has TABLE_SENTENCE bytes. */
	const char *(*instead)(const struct figures *g, char *buf, size_t len);
};

/* In the order in which they are shown; ends with a NULL. */
extern const struct table *const tables[];

/* The columns of a map of one value: that value is written bare. */
static inline bool table_is_bare(const struct table *t)
{
	return (t->shape == TABLE_MAP && t->nr_columns == 2) ||
	       (t->shape == TABLE_MAP_OF_MAPS && t->nr_columns == 3);
}

/* Columns that name a row and are no part of its object. */
static inline unsigned int table_keys(const struct table *t)
{
	return t->shape == TABLE_MAP ? 1 : t->shape == TABLE_MAP_OF_MAPS ? 2 : 0;
}

#define COLUMNS(array) (array), sizeof(array) / sizeof((array)[0])

/* A table of SECTION that only a reader gets. */
#define TEXT_TABLE(section, shape, columns, rows, cell, why, doc)                                 \
	{                                                                                         \
		NULL, NULL, section, SHOWN_TEXT, shape, COLUMNS(columns), rows, cell, why, NULL, doc, \
			NULL,                                                                     \
	}
/* A note of SECTION, told by SENTENCE. */
#define TEXT_NOTE(section, sentence)                                                              \
	{                                                                                         \
		NULL, NULL, section, SHOWN_TEXT, TABLE_NOTE, NULL, 0, rows_one, NULL, NULL, NULL, \
			"a note", sentence,                                                       \
	}

/* A table's number of rows: 1; as many as there are regions. */
static inline size_t rows_one(const struct figures *g)
{
	return 1;
}

static inline size_t rows_regions(const struct figures *g)
{
	return KVAS_REGION_COUNT;
}

/* A cell's contents. */
static inline void cell_text(struct cell *out, const char *text)
{
	out->text = text;
	out->max = (size_t)-1;
}

static inline void cell_unknown(struct cell *out, const char *why)
{
	out->state = CELL_UNKNOWN;
	out->why = why;
}

/* N rounded, or nothing where there is none. */
static inline void cell_some(struct cell *out, double n)
{
	out->n = n > 0 ? (__u64)(n + 0.5) : 0;
	out->state = n > 0 ? CELL_KNOWN : CELL_OMITTED;
}

/* N, or nothing where it is 0. */
static inline void cell_nonzero(struct cell *out, __u64 n)
{
	out->n = n;
	out->state = n ? CELL_KNOWN : CELL_OMITTED;
}

/* Were accesses enough sampled for their shares to say something? */
bool access_shares_say(const struct summary *s);
/* As many loads and as many stores: of fewer a share may be off by over 10 in 100. */
#define ACCESSES_ENOUGH 100

/* Why neither the addresses nor the error codes of page faults are known; NULL some are. */
const char *faults_why(const struct figures *g);

/* The tables, by the file they are in. */
extern const struct table table_run, table_host, table_lost_rings, table_lost, table_events,
	table_hooks;
extern const struct table table_processes, table_cpus, table_fault_regions, table_fault_codes,
	table_objects, table_objects_by_hook;
extern const struct table table_accesses, table_access_loads, table_access_stores,
	table_access_load_shares, table_access_store_shares, table_access_modes, table_access_other,
	table_access_functions, table_access_processes, table_access_precise, table_large_pages,
	table_large_pages_direct;
extern const struct table table_callers, table_purges, table_flushes;
extern const struct table table_memory, table_memory_rows, table_memory_functions;
/* Those of the long text alone. */
extern const struct table table_kpti_cost_note, table_fault_classes, table_fault_region_shares,
	table_pgd_derived_note, table_callers_note, table_flushes_derived_note;
extern const struct table table_sample_modes, table_access_other_words, table_page_sizes,
	table_tracing_note, table_met_note, table_functions_folded_note, table_vmalloc_functions,
	table_processes_folded_note, table_precise_loads, table_precise_stores, table_precise_note;
extern const struct table table_memory_regions_note, table_memory_regions, table_memory_copies,
	table_memory_allocations;
extern const struct table table_events_note;

#endif
