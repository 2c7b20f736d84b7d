/* SPDX-License-Identifier: GPL-2.0 */
#include "view/text_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/wrap.h"
#include "model/format.h"
#include "view/view.h"

#define LINE_MOST 6 /* values of a line */

static struct cell cell_of(const struct table *t, const struct figures *g, size_t row,
			   unsigned int column)
{
	struct cell cell = { 0 };

	t->cell(g, row, column, &cell);
	return cell;
}

/* "64-4K": what objects are from and to, powers of two, in a narrow column. */
static const char *sizes_string(const struct cell *cell, char *buf)
{
	const __u64 size[2] = { cell->n, cell->most };
	size_t at = 0;

	for (int i = cell->n == cell->most; i < 2; i++) {
		int unit = 0;

		while (size[i] >> (10 * unit) >= 1024 && unit < 6)
			unit++;
		at += snprintf(buf + at, TEXT_CELL - at, "%s%llu%.1s", at ? "-" : "",
			       size[i] >> (10 * unit), &"\0KMGTPE"[unit]);
	}
	return buf;
}

const char *text_table_cell(const struct column *c, const struct cell *cell, char *buf)
{
	char number[FORMAT_MAX];
	size_t max;

	/* Words that are not there, and a number that nobody knows. */
	if (cell->state != CELL_KNOWN)
		return cell->state == CELL_OMITTED ? "" : c->unit == CELL_TEXT ? "-" : "?";
	switch (c->unit) {
	case CELL_SIZES:
		return sizes_string(cell, buf);
	case CELL_TEXT:
		max = strnlen(cell->text, cell->max);
		safe_bytes(buf, cell->text, max < TEXT_CELL / 4 - 1 ? max : TEXT_CELL / 4 - 1);
		return *buf ? buf : "(not known)";
	case CELL_SHARE:
		snprintf(buf, TEXT_CELL, "%.1f %%", 100 * cell->real);
		return buf;
	case CELL_REAL:
		snprintf(buf, TEXT_CELL, "%.1f", cell->real);
		return buf;
	case CELL_BYTES:
		return strcpy(buf, cell->n ? format_bytes(number, cell->n) : "0");
	case CELL_NS:
		return strcpy(buf, format_ns(number, cell->n));
	case CELL_FLAG:
		return cell->n ? "yes" : "no";
	case CELL_ADDRESS:
		snprintf(buf, TEXT_CELL, "0x%" PRIx64, (uint64_t)cell->n);
		return buf;
	default:
		/* A number that names something is not shortened. */
		if (c->width <= 7 || cell->n < 1000000)
			snprintf(buf, TEXT_CELL, "%llu", cell->n);
		else
			strcpy(buf, c->width < 12 ? format_short(number, cell->n) :
						    format_count(number, cell->n));
		return buf;
	}
}

struct line_value {
	const char *key;
	double share;
};

/* The largest values of T, the largest first, into VALUE; how many. Of the others each is less
 * than the next figure of those. */
static size_t largest_values(const struct table *t, const struct figures *g,
			     struct line_value value[LINE_MOST])
{
	size_t nr = 0, rows = t->rows(g), at;

	for (size_t row = 0; row < rows; row++) {
		struct cell cell = cell_of(t, g, row, 1);
		struct line_value one = { cell_of(t, g, row, 0).text, cell.real };

		if (cell.state != CELL_KNOWN || one.share < 0.005)
			continue;
		if (nr < LINE_MOST)
			nr++;
		else if (value[nr - 1].share >= one.share)
			continue;
		for (at = nr - 1; at && value[at - 1].share < one.share; at--)
			value[at] = value[at - 1];
		value[at] = one;
	}
	return nr;
}

/* An item of a list, with its comma when MORE follow. */
static void wrap_item(struct wrap *w, const char *item, bool more)
{
	char word[TEXT_CELL + 1];

	snprintf(word, sizeof(word), "%s%s", item, more ? "," : "");
	wrap_text(w, word);
}

void text_table_line(FILE *f, const struct table *t, const struct figures *g, int indent)
{
	struct line_value value[LINE_MOST];
	struct wrap w = { .f = f, .indent = indent + 2 };
	size_t nr = largest_values(t, g, value);
	char word[TEXT_CELL];

	if (!nr)
		return;
	w.column = fprintf(f, "%*s  ", indent, t->title);
	for (size_t i = 0; i < nr; i++) {
		snprintf(word, sizeof(word), "%.40s %.0f %%", value[i].key, 100 * value[i].share);
		wrap_item(&w, word, i + 1 < nr);
	}
	wrap_end(&w);
}

static void head_line(FILE *f, const struct table *t)
{
	bool first = true;

	fputc('\n', f);
	for (unsigned int c = 0; c < t->nr_columns; c++) {
		const struct column *col = &t->columns[c];

		if (!col->width || !col->head)
			continue;
		fprintf(f, "%s%*s", first ? "" : " ", col->width, col->head);
		first = false;
	}
	fputc('\n', f);
}

/* The width of column C in its row: the last needs no blanks behind its words. */
static int width_in_row(const struct table *t, unsigned int c)
{
	for (unsigned int other = c + 1; t->columns[c].width < 0 && other < t->nr_columns; other++)
		if (t->columns[other].width && t->columns[other].head)
			return t->columns[c].width;
	return t->columns[c].width < 0 ? 0 : t->columns[c].width;
}

/* Counts as rates when SECONDS is above 0. */
static void row_line(FILE *f, const struct table *t, const struct figures *g, size_t row,
		     double seconds)
{
	bool first = true;
	const char *word;
	char buf[TEXT_CELL];

	for (unsigned int c = 0; c < t->nr_columns; c++) {
		const struct column *col = &t->columns[c];
		struct cell cell = cell_of(t, g, row, c);
		int width = abs(col->width);

		if (!col->width || !col->head)
			continue;
		word = text_table_cell(col, &cell, buf);
		if (seconds > 0 && col->unit == CELL_COUNT && cell.state == CELL_KNOWN)
			word = format_short(buf, cell.n / seconds);
		fprintf(f, "%s%*.*s", first ? "" : " ", width_in_row(t, c),
			col->unit == CELL_TEXT ? width : 40, word);
		first = false;
	}
	fputc('\n', f);
}

/* Columns that are shown, side by side: their width. */
static int width_of(const struct table *t)
{
	int width = 0;

	for (unsigned int c = 0; c < t->nr_columns; c++)
		if (t->columns[c].width && t->columns[c].head)
			width += abs(t->columns[c].width) + 1;
	return width;
}

/* Is there anything in ROW but its keys? */
static bool row_says(const struct table *t, const struct figures *g, size_t row)
{
	for (unsigned int c = table_keys(t); c < t->nr_columns; c++)
		if (cell_of(t, g, row, c).state != CELL_OMITTED)
			return true;
	return false;
}

void text_table_rows(FILE *f, const struct table *t, const struct figures *g, size_t most,
		     double seconds)
{
	size_t nr = t->rows(g), shown = 0, left = 0;

	for (size_t row = 0; row < nr; row++) {
		if (!row_says(t, g, row))
			continue;
		if (shown == most) {
			left++;
			continue;
		}
		if (!shown && seconds > 0)
			fprintf(f, "\n%s, events a second:", t->title);
		if (!shown++)
			head_line(f, t);
		row_line(f, t, g, row, seconds);
	}
	if (left && shown)
		fprintf(f, "%8s %zu more\n", "", left);
}

/* ROW of a map: the value, then the key; of a map of maps "VALUE KEY (OUTER KEY)". */
static const char *row_words(const struct table *t, const struct figures *g, size_t row,
			     char buf[TEXT_CELL])
{
	char word[TEXT_CELL];
	size_t at = 0;

	for (unsigned int c = t->nr_columns; c-- > 0;) {
		struct cell cell = cell_of(t, g, row, c);
		bool outer = !c && table_keys(t) == 2;

		at += snprintf(buf + at, TEXT_CELL - at, outer ? " (%.40s)" : at ? " %.40s" : "%.40s",
			       text_table_cell(&t->columns[c], &cell, word));
	}
	return buf;
}

void text_table_words(FILE *f, const struct table *t, const struct figures *g, int indent,
		      size_t most)
{
	struct wrap w = { .f = f, .indent = indent + 2 };
	size_t nr = t->rows(g);
	char buf[TEXT_CELL];

	if (!nr || !most)
		return;
	w.column = fprintf(f, "%*s  ", indent, section_rows[t->section].word);
	for (size_t row = 0; row < nr && row < most; row++) {
		wrap_item(&w, row_words(t, g, row, buf), row + 1 < nr);
	}
	if (nr > most) {
		snprintf(buf, sizeof(buf), "%zu more", nr - most);
		wrap_text(&w, buf);
	}
	wrap_end(&w);
}

/* Tables of many columns with few values in a row: "key  column value, column value". */
static void sparse_rows(FILE *f, const struct table *t, const struct figures *g)
{
	char buf[TEXT_CELL], word[TEXT_CELL + 40];

	fprintf(f, "\n%s\n", t->title);
	for (size_t row = 0; row < t->rows(g); row++) {
		const char *why = t->row_why ? t->row_why(g, row) : NULL;
		struct wrap w = { .f = f, .indent = 14 };
		struct cell cell = cell_of(t, g, row, 0);

		if (!why && !row_says(t, g, row))
			continue;
		w.column = fprintf(f, "  %-11.11s ", text_table_cell(&t->columns[0], &cell, buf));
		if (why) {
			snprintf(word, sizeof(word), "unknown: %.60s", why);
			wrap_text(&w, word);
		}
		for (unsigned int c = 1; !why && c < t->nr_columns; c++) {
			cell = cell_of(t, g, row, c);
			if (cell.state == CELL_OMITTED)
				continue;
			snprintf(word, sizeof(word), "%s %s;", t->columns[c].name,
				 text_table_cell(&t->columns[c], &cell, buf));
			wrap_text(&w, word);
		}
		wrap_end(&w);
	}
}

/* One row, a line a value: the value, then what it is. */
static void lone_row(FILE *f, const struct table *t, const struct figures *g)
{
	char buf[TEXT_CELL];

	for (unsigned int c = 0; c < t->nr_columns; c++) {
		struct cell cell = cell_of(t, g, 0, c);

		if (t->columns[c].head && cell.state == CELL_KNOWN)
			fprintf(f, "%16s  %s\n", text_table_cell(&t->columns[c], &cell, buf),
				t->columns[c].head);
	}
}

/* A sentence, which may have words of a recording. */
static void note_line(FILE *f, const struct table *t, const struct figures *g)
{
	char buf[TABLE_SENTENCE], safe[TABLE_SENTENCE * 4 + 1];
	const char *note = t->instead(g, buf, sizeof(buf));

	if (note && *note)
		wrap_paragraph(f, 2, safe_text(safe, note));
}

/* A reason may come from a recording. */
static void unknown_line(FILE *f, const char *title, const char *why)
{
	struct wrap w = { .f = f, .indent = 20 };
	char safe[4 * 160 + 1];

	w.column = fprintf(f, "%16s  %s:", "unknown", title);
	wrap_text(&w, safe_bytes(safe, why, 160));
	wrap_end(&w);
}

void text_table_whole(FILE *f, const struct table *t, const struct figures *g, int top)
{
	const char *why = t->why ? t->why(g) : NULL;

	if (t->shape == TABLE_NOTE) {
		note_line(f, t, g);
		return;
	}
	/* What only a reader gets is told unknown where its figures are. */
	if (why && (t->shape == TABLE_LIST || !t->path))
		return;
	if (why)
		unknown_line(f, t->title ? t->title : t->path, why);
	else if (t->shape == TABLE_ONE)
		lone_row(f, t, g);
	else if (!width_of(t))
		return; /* a table of SHOWN_TEXT tells it otherwise */
	else if (width_of(t) > WRAP_WIDTH + 1)
		sparse_rows(f, t, g);
	else
		text_table_rows(f, t, g, t->shape != TABLE_LIST || top < 0 ? (size_t)-1 : (size_t)top,
				0);
}
