/* SPDX-License-Identifier: GPL-2.0 */
/* A run as name,value rows: the names are the JSON's keys with dots between. */
#include <inttypes.h>
#include <string.h>

#include "event/json_text.h"
#include "view/view.h"

#define NAME_LEN 512

/* Bytes of the UTF-8 character at S that a terminal obeys rather than shows (ISO 6429: C0, DEL,
 * C1); 0 none. */
static size_t control_len(const unsigned char *s)
{
	if (s[0] < ' ' || s[0] == 0x7f)
		return 1;
	return s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0 ? 2 : 0;
}

/* The text that JSON has, with control characters as \xNN too, quoted when it holds what CSV would
 * trip over (RFC 4180). */
static void csv_text(const struct view_out *v, const char *text, size_t max)
{
	json_t *json = json_text(text, strnlen(text, max));
	const char *s = json ? json_string_value(json) : "";
	bool quote = s[strcspn(s, ",\"")];

	if (quote)
		fputc('"', v->f);
	if (v->o->csv_safe && format_is_formula(s))
		fputc('\'', v->f);
	while (*s) {
		size_t n = control_len((const unsigned char *)s);

		if (*s == '"')
			fputc('"', v->f);
		if (!n)
			fputc(*s++, v->f);
		for (; n > 0; n--)
			fprintf(v->f, "\\x%02x", (unsigned char)*s++);
	}
	if (quote)
		fputc('"', v->f);
	json_decref(json);
}

static void csv_begin(struct view_out *v)
{
	fputs("name,value\n", v->f);
}

/* A row "KEY.NAME" with what is to be said of the value NAME. */
static void csv_said(const struct view_out *v, const char *key, const char *name, const char *text)
{
	char full[NAME_LEN + 16];

	snprintf(full, sizeof(full), "%s.%s", key, name);
	csv_text(v, full, (size_t)-1);
	fputc(',', v->f);
	csv_text(v, text, (size_t)-1);
	fputc('\n', v->f);
}

/* An unknown value is an empty field; why is in a row "unknown.NAME". */
static void csv_unknown(const struct view_out *v, const char *name, const char *why)
{
	csv_text(v, name, (size_t)-1);
	fputs(",\n", v->f);
	csv_said(v, "unknown", name, why);
}

static void csv_quantiles(FILE *f, const char *name, const struct hist *h)
{
	fprintf(f, "%s.count,%llu\n%s.min,%llu\n%s.p50,%llu\n", name, h->count, name, h->min, name,
		hist_percentile(h, 50));
	fprintf(f, "%s.p90,%llu\n%s.p99,%llu\n%s.max,%llu\n", name, hist_percentile(h, 90), name,
		hist_percentile(h, 99), name, h->max);
}

static void csv_figure(struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];

	if (!f->known)
		csv_unknown(v, row->path, f->why);
	else if (row->kind == KIND_QUANTILES)
		csv_quantiles(v->f, row->path, f->hist);
	else if (row->unit == UNIT_FLAG)
		fprintf(v->f, "%s,%s\n", row->path, f->value ? "true" : "false");
	else
		fprintf(v->f, "%s,%llu\n", row->path, f->value);
	if (f->known && f->at_least && row->unit != UNIT_FLAG)
		csv_said(v, "lower_bounds", row->path, f->at_least);
	else if (f->known && f->at_least)
		csv_said(v, "unknown", row->path, f->at_least);
	if (f->known && f->source != SOURCE_OBSERVED)
		csv_said(v, "provenance", row->path, figure_source_word(f->source));
}

static void csv_cell(const struct view_out *v, const struct column *c, const struct cell *cell)
{
	switch (c->unit) {
	case CELL_REAL:
	case CELL_SHARE: /* 17 digits bring back the same number */
		fprintf(v->f, "%.17g", cell->real);
		break;
	case CELL_TEXT:
		csv_text(v, cell->text, cell->max);
		break;
	case CELL_FLAG:
		fputs(cell->n ? "true" : "false", v->f);
		break;
	case CELL_ADDRESS:
		fprintf(v->f, "0x%" PRIx64, (uint64_t)cell->n);
		break;
	default:
		fprintf(v->f, "%llu", cell->n);
		break;
	}
}

/* The name of ROW's column in NAME. */
static void cell_name(struct view_out *v, const struct table *t, size_t row, const char *column,
		      char name[NAME_LEN])
{
	size_t at = snprintf(name, NAME_LEN, "%s", t->path);

	if (t->shape == TABLE_LIST)
		at += snprintf(name + at, NAME_LEN - at, ".%zu", row);
	for (unsigned int key = 0; key < table_keys(t); key++) {
		struct cell cell = { 0 };

		t->cell(v->g, row, key, &cell);
		at += snprintf(name + at, NAME_LEN - at, "%s%.*s", at ? "." : "",
			       (int)strnlen(cell.text, cell.max < 200 ? cell.max : 200), cell.text);
	}
	if (*column)
		snprintf(name + at, NAME_LEN - at, "%s%s", at ? "." : "", column);
}

static void csv_row(struct view_out *v, const struct table *t, size_t row)
{
	const char *why = t->row_why ? t->row_why(v->g, row) : NULL;
	char name[NAME_LEN];

	if (why) {
		cell_name(v, t, row, "", name);
		csv_unknown(v, name, why);
		return;
	}
	for (unsigned int c = table_keys(t); c < t->nr_columns; c++) {
		struct cell cell = { 0 };

		t->cell(v->g, row, c, &cell);
		if (cell.state == CELL_OMITTED)
			continue;
		cell_name(v, t, row, table_is_bare(t) ? "" : t->columns[c].name, name);
		if (cell.state == CELL_UNKNOWN) {
			csv_unknown(v, name, cell.why);
			continue;
		}
		csv_text(v, name, (size_t)-1);
		fputc(',', v->f);
		csv_cell(v, &t->columns[c], &cell);
		fputc('\n', v->f);
	}
}

/* Is T part of a table that is unknown as a whole, as "memory.rows" of "memory"? */
static bool within_unknown(const struct figures *g, const struct table *t)
{
	for (const struct table *const *other = tables; *other; other++) {
		size_t len = (*other)->path ? strlen((*other)->path) : 0;

		if (len && !strncmp(t->path, (*other)->path, len) && t->path[len] == '.' &&
		    (*other)->why && (*other)->why(g))
			return true;
	}
	return false;
}

static void csv_table(struct view_out *v, const struct table *t)
{
	const char *why = t->why ? t->why(v->g) : NULL;
	size_t nr = why ? 0 : t->rows(v->g);

	if (why && !within_unknown(v->g, t))
		csv_unknown(v, t->path, why);
	for (size_t row = 0; row < nr; row++)
		csv_row(v, t, row);
}

const struct view view_csv = {
	.name = "csv",
	.begin = csv_begin,
	.figure = csv_figure,
	.table = csv_table,
};
