/* SPDX-License-Identifier: GPL-2.0 */
/* A run as Markdown, to paste into an issue or a mail: figures that say something, a table a
 * section, then the tables that the digest has. */
#include <string.h>

#include "model/format.h"
#include "view/text_table.h"
#include "view/view.h"

/* S without what Markdown or a terminal would obey. */
static void markdown_text(FILE *f, const char *s, size_t max)
{
	char safe[4 * 128 + 1];

	safe_bytes(safe, s, max < 128 ? max : 128);
	for (const char *p = safe; *p; p++)
		fprintf(f, strchr("|*_`<>[]#~", *p) ? "\\%c" : "%c", *p);
}

static void markdown_begin(struct view_out *v)
{
	const struct meta *m = v->g->summary->meta;
	struct run_words w = view_run_words(m);

	fprintf(v->f, "kvas ");
	markdown_text(v->f, m->version, sizeof(m->version));
	fprintf(v->f, " on Linux ");
	markdown_text(v->f, m->host.kernel, sizeof(m->host.kernel));
	fprintf(v->f, ", KPTI %s, %.3f s of %s", answer_on_off(m->host.kpti), v->g->seconds, w.of);
	markdown_text(v->f, w.what, strlen(w.what));
	fprintf(v->f, "%s%s", w.behind, w.cut);
	fprintf(v->f, "\n\n| figure | value | share or rate | is |\n|-|-:|-:|-|\n");
}

static void markdown_figure(struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];
	double share = figure_share(v->g, id);
	char buf[FORMAT_MAX];

	if (row->shown > SHOWN_DIGEST || row->kind == KIND_QUANTILES || !figure_says(v->g, id))
		return;
	fprintf(v->f, "| %s | %s%s |", row->path, f->at_least ? ">= " : "",
		row->unit == UNIT_BYTES ? format_bytes(buf, f->value) :
		row->unit == UNIT_NS	? format_ns(buf, f->value) :
					  format_count(buf, f->value));
	if (share >= 0)
		fprintf(v->f, " %.1f %% |", 100 * share);
	else if (row->kind == KIND_COUNTER && row->unit == UNIT_COUNT)
		fprintf(v->f, " %s/s |", format_short(buf, figure_rate(v->g, id)));
	else
		fprintf(v->f, " |");
	fprintf(v->f, " %s |\n", figure_source_word(f->source));
}

static void markdown_cell(FILE *f, const struct column *c, const struct cell *cell)
{
	char buf[TEXT_CELL];

	/* The text's own words may have what Markdown would obey. */
	if (cell->state == CELL_KNOWN && c->unit == CELL_TEXT)
		markdown_text(f, cell->text, strnlen(cell->text, cell->max));
	else
		fputs(text_table_cell(c, cell, buf), f);
}

static void markdown_rows(struct view_out *v, const struct table *t, size_t nr)
{
	for (unsigned int c = 0; c < t->nr_columns; c++)
		if (t->columns[c].head)
			fprintf(v->f, "| %s ", t->columns[c].name);
	fprintf(v->f, "|\n");
	for (unsigned int c = 0; c < t->nr_columns; c++)
		if (t->columns[c].head)
			fprintf(v->f, t->columns[c].unit == CELL_TEXT ? "|-" : "|-:");
	fprintf(v->f, "|\n");
	for (size_t row = 0; row < nr; row++) {
		for (unsigned int c = 0; c < t->nr_columns; c++) {
			struct cell cell = { 0 };

			if (!t->columns[c].head)
				continue;
			t->cell(v->g, row, c, &cell);
			fprintf(v->f, "| ");
			markdown_cell(v->f, &t->columns[c], &cell);
			fprintf(v->f, " ");
		}
		fprintf(v->f, "|\n");
	}
}

/* After the table of figures: Markdown's tables cannot stand within each other. */
static void markdown_end(struct view_out *v)
{
	for (const struct table *const *t = tables; *t; t++) {
		size_t nr = (*t)->why && (*t)->why(v->g) ? 0 : (*t)->rows(v->g);

		if ((*t)->shown != SHOWN_DIGEST || (*t)->shape == TABLE_MAP || !nr)
			continue;
		fprintf(v->f, "\n%s:\n\n", (*t)->doc);
		markdown_rows(v, *t, v->o->top >= 0 && nr > (size_t)v->o->top ? (size_t)v->o->top : nr);
	}
}

const struct view view_markdown = {
	.name = "markdown",
	.begin = markdown_begin,
	.figure = markdown_figure,
	.end = markdown_end,
};
