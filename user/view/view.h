/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A view of a run is one struct of operations, walked over the sections, figures and tables of
 * the rows (model/figures.def, agg/tables.h): const snapshots in, bytes out. It never sees
 * libbpf, a clock or a hook, and it knows no figure.
 */
#ifndef KVAS_VIEW_H
#define KVAS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "model/format.h"
#include "agg/figures.h"
#include "agg/tables.h"
#include "model/choices.h"
#include "view/document.h"

/* What a view draws, and on what. */
struct view_out {
	FILE *f;
	const struct figures *g;
	const struct view_opts *o;
	const struct figures *before; /* of an interval: the one before; NULL there is none */
	const char *clock; /* of an interval: its end, "05:11:02"; NULL of a whole run */
	void *state; /* the view's own */
};

struct view {
	const char *name;
	bool for_reader; /* it shows the tables that are SHOWN_TEXT */
	/* Each may be NULL. Tables come after the figures of their section. */
	void (*begin)(struct view_out *v);
	void (*section)(struct view_out *v, enum section_id id);
	void (*figure)(struct view_out *v, enum figure_id id);
	void (*table)(struct view_out *v, const struct table *t);
	void (*section_end)(struct view_out *v, enum section_id id);
	void (*end)(struct view_out *v);
};

/* A file each: those of model/formats.def print a whole run. */
#define FORMAT(number, name, word) extern const struct view view_##word;
#include "model/formats.def"
#undef FORMAT
/* Live's block of an interval. */
extern const struct view view_interval;

/* The view of FORMAT. */
const struct view *view_of(enum format format);
/* Walk VIEW over V, whose state it sets. */
void view_walk(const struct view *view, struct view_out *v);
/* Print the run S on F. */
void view_summary(const struct view *view, FILE *f, const struct summary *s,
		  const struct view_opts *o);

/* Header of a text view: kernel, paging levels, KPTI, PCID, KASLR; VERBOSE: how these are
 * known, bases, and what is derived and missing. At most 80 columns a line. */
void view_header(FILE *f, const struct meta *m, bool verbose);

/* What a run was of: OF, WHAT and BEHIND are words that follow each other, CUT is what is to be
 * told of the recording. WHAT may have any byte. */
struct run_words {
	const char *of, *what, *behind, *cut;
};
struct run_words view_run_words(const struct meta *m);

/* Of a function's name, for safe_text. */
#define VIEW_NAME_MAX (KVAS_FUNCTION_LEN * 4)

#endif
