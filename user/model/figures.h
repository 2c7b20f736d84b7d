/* SPDX-License-Identifier: GPL-2.0 */
/* The figures of a run as rows: figures.def. Strings are static. */
#ifndef KVAS_MODEL_FIGURES_H
#define KVAS_MODEL_FIGURES_H

#include <linux/types.h>
#include <stdbool.h>

#include "model/hooks.h"

enum section_id {
#define SECTION(id, word, form, title) SECTION_##id,
#include "model/figures.def"
	SECTION_COUNT,
};

enum figure_id {
#define FIGURE(id, path, label, unit, kind, source, shown, of, rule, arg, hooks, without, doc) \
	FIGURE_##id,
#include "model/figures.def"
	FIGURE_COUNT,
	FIGURE_NONE = FIGURE_COUNT,
};

enum figure_unit { UNIT_COUNT, UNIT_BYTES, UNIT_NS, UNIT_FLAG };
enum figure_kind { KIND_COUNTER, KIND_GAUGE, KIND_QUANTILES };
enum figure_source { SOURCE_OBSERVED, SOURCE_DERIVED, SOURCE_SAMPLED };
/* Where text shows it; the others show all, but for what is there for a reader alone: a table
 * that tells for -v what other tables have. */
enum figure_shown { SHOWN_HEAD, SHOWN_DIGEST, SHOWN_DETAIL, SHOWN_JSON, SHOWN_TEXT };

enum section_form { SECTION_LIST, SECTION_LINE };

struct section_row {
	const char *word; /* heads its line of live's block */
	enum section_form form; /* in the short text */
	const char *title;
};

struct figure_row {
	const char *path; /* in JSON: "cr3_writes.kpti_entry.irq" */
	const char *label; /* in text */
	enum figure_unit unit;
	enum figure_kind kind;
	enum figure_source source;
	enum figure_shown shown;
	enum figure_id of; /* the figure it is a share of; FIGURE_NONE */
	__u64 hooks; /* bit per enum hook_id: all must be attached */
	const char *without; /* why it is unknown without them */
	const char *doc; /* where it comes from */
};

/* The rows in the order of the file: a section, then its figures. */
struct figure_order {
	bool section; /* ID is an enum section_id, else an enum figure_id */
	unsigned int id;
};
extern const struct figure_order figure_order[SECTION_COUNT + FIGURE_COUNT];

extern const struct section_row section_rows[SECTION_COUNT];
extern const struct figure_row figure_rows[FIGURE_COUNT];
/* What live calls a figure; NULL: by the last word of its path. */
extern const char *const figure_live_words[FIGURE_COUNT];

/* "observed", "derived", "sampled" */
const char *figure_source_word(enum figure_source s);
/* "count", "bytes", "ns", "flag" */
const char *figure_unit_word(enum figure_unit u);

#endif
