/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The summary for a person: perf stat's shape, the value first and what it counts after. The
 * short text fits DIGEST_LINES lines: figures that say something, a few processes, losses if
 * there are any. With -v all there is.
 */
#include <stdlib.h>
#include <string.h>

#include "model/wrap.h"
#include "view/format.h"
#include "view/text_table.h"
#include "view/view.h"

#define VALUE 16 /* columns of a value */
#define LABEL 40 /* and of its label */
#define DIGEST_LINES 40
#define DIGEST_PROCESSES 5

struct text_state {
	enum section_id section;
	bool heading; /* the section's title is still to come */
	FILE *all; /* the short text is held back until it is known how long it is */
	char *buf;
	size_t len;
	char line[512]; /* of a SECTION_LINE, under way */
};

static bool verbose(const struct view_out *v)
{
	return v->o->verbose;
}

static FILE *text_file(const struct view_out *v)
{
	const struct text_state *s = v->state;

	return s && s->all ? s->all : v->f;
}

static const char *value_text(char buf[FORMAT_MAX], const struct figure_row *row, __u64 value)
{
	return row->unit == UNIT_BYTES ? format_bytes(buf, value) :
	       row->unit == UNIT_NS    ? format_ns(buf, value) :
					 format_count(buf, value);
}

/* How far a figure stands below the head of its section. */
static int depth_of(enum figure_id id)
{
	int depth = 0;

	while (figure_rows[id].of != FIGURE_NONE && depth < 4) {
		id = figure_rows[id].of;
		depth++;
	}
	return depth;
}

/* How long the run was and what it was of: one line, however long the command is. */
static void run_line(FILE *f, const struct meta *m, double seconds)
{
	char safe[sizeof(m->command) * 4 + 1];
	const char *of = "", *what = "the whole host", *behind = "", *cut = "";
	int used = fprintf(f, "%.3f seconds of ", seconds);

	if (m->command[0]) {
		what = safe_text(safe, m->command);
		of = m->filter[0] ? "" : "the host while ";
		behind = m->filter[0] ? " and its children" : " ran";
	} else if (m->filter[0]) {
		what = safe_text(safe, m->filter);
	}
	if (m->complete == ANSWER_NO)
		cut = " (the recording is cut short)";
	used += strlen(of) + strlen(behind) + strlen(cut);
	fprintf(f, "%s%.*s%s%s\n", of, used < WRAP_WIDTH ? WRAP_WIDTH - used : 0, what, behind, cut);
}

static void text_begin(struct view_out *v)
{
	const struct meta *m = v->g->summary->meta;
	struct text_state *s = calloc(1, sizeof(*s));
	FILE *f;

	v->state = s;
	if (s && !verbose(v))
		s->all = open_memstream(&s->buf, &s->len);
	f = text_file(v);
	view_header(f, m, verbose(v));
	run_line(f, m, v->g->seconds);
	if (!verbose(v))
		fputc('\n', f);
}

/* The title of the section stands above the first thing that is shown of it. */
static void heading(struct view_out *v)
{
	struct text_state *s = v->state;

	if (s && s->heading && verbose(v))
		fprintf(text_file(v), "\n%s\n", section_rows[s->section].title);
	if (s)
		s->heading = false;
}

static void text_section(struct view_out *v, enum section_id id)
{
	struct text_state *s = v->state;

	if (!s)
		return;
	s->section = id;
	s->heading = true;
	s->line[0] = '\0';
}

/* What stands behind a figure: its share of another, its rate, or what is to be known of it. */
static void note_of(const struct view_out *v, enum figure_id id, char *note, size_t len)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];
	double share = figure_share(v->g, id), rate = figure_rate(v->g, id);
	const char *word = f->source == SOURCE_OBSERVED || !verbose(v) ? "" :
								 figure_source_word(f->source);
	char buf[FORMAT_MAX];

	note[0] = '\0';
	if (!f->known)
		snprintf(note, len, "%s", f->why);
	else if (f->at_least)
		snprintf(note, len, "at least: %s", f->at_least);
	else if (share >= 0 && f->value && share < 0.0005)
		snprintf(note, len, "  < 0.1 %%%s%s", *word ? "  " : "", word);
	else if (share >= 0)
		snprintf(note, len, "%7.1f %%%s%s", 100 * share, *word ? "  " : "", word);
	else if (row->kind == KIND_COUNTER && row->unit == UNIT_NS && v->g->seconds > 0)
		snprintf(note, len, "%.2f %% of a CPU", rate / 1e7);
	else if (row->kind == KIND_COUNTER && row->unit == UNIT_COUNT && f->value && v->g->seconds > 0)
		snprintf(note, len, "%7s/s%s%s", format_short(buf, rate), *word ? " " : "", word);
	else
		snprintf(note, len, "%s", word);
}

static void figure_line(const struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];
	FILE *out = text_file(v);
	char value[FORMAT_MAX], label[80], note[160];
	int used;

	note_of(v, id, note, sizeof(note));
	snprintf(label, sizeof(label), "%*s%s", 2 * depth_of(id), "", row->label);
	used = fprintf(out, "%*s  %s", VALUE, f->known ? value_text(value, row, f->value) : "unknown",
		       label);
	if (!*note) {
		fputc('\n', out);
		return;
	}
	if ((used < VALUE + 2 + LABEL ? VALUE + 3 + LABEL : used + 1) + strlen(note) > WRAP_WIDTH)
		fprintf(out, "\n%*s(%s)\n", VALUE + 4, "", note);
	else
		fprintf(out, "%*s%s\n", used < VALUE + 2 + LABEL ? VALUE + 3 + LABEL - used : 1, "", note);
}

static void quantiles_line(const struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct hist *h = v->g->f[id].hist;
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];

	if (h)
		fprintf(text_file(v), "%*s  %s: p50 %s, p99 %s, max %s\n", VALUE, "", row->label,
			value_text(a, row, hist_percentile(h, 50)),
			value_text(b, row, hist_percentile(h, 99)), value_text(c, row, h->max));
}

/* Add the figure to the line of its section: "81 execs". */
static void line_add(struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];
	struct text_state *s = v->state;
	size_t at = strlen(s->line);
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (at)
		at += snprintf(s->line + at, sizeof(s->line) - at, ", ");
	if (row->kind == KIND_QUANTILES)
		snprintf(s->line + at, sizeof(s->line) - at, "%s p50 %s p99 %s", row->label,
			 value_text(a, row, hist_percentile(f->hist, 50)),
			 value_text(b, row, hist_percentile(f->hist, 99)));
	else if (row->unit == UNIT_COUNT)
		snprintf(s->line + at, sizeof(s->line) - at, "%s %s", value_text(a, row, f->value),
			 row->label);
	else
		snprintf(s->line + at, sizeof(s->line) - at, "%s %s", row->label,
			 value_text(a, row, f->value));
}

static void text_figure(struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	struct text_state *s = v->state;

	if (!s || row->shown == SHOWN_JSON)
		return;
	if (verbose(v)) {
		heading(v);
		if (row->kind == KIND_QUANTILES)
			quantiles_line(v, id);
		else
			figure_line(v, id);
		return;
	}
	if (row->shown == SHOWN_DETAIL || !figure_says(v->g, id))
		return;
	if (section_rows[s->section].form == SECTION_LINE)
		line_add(v, id);
	else
		figure_line(v, id);
}

static void text_section_end(struct view_out *v, enum section_id id)
{
	struct text_state *s = v->state;
	struct wrap w = { .indent = VALUE + 2 };

	if (!s || !s->line[0])
		return;
	w.f = text_file(v);
	w.column = fprintf(w.f, "%*s  ", VALUE, section_rows[id].word);
	wrap_phrases(&w, s->line);
	wrap_end(&w);
	s->line[0] = '\0';
}

static size_t lines_in(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	return n;
}

/* How many rows of a list still fit; a few at least. */
static size_t room_for(const struct view_out *v)
{
	struct text_state *s = v->state;
	size_t used, most = v->o->top < 0 ? DIGEST_PROCESSES : (size_t)v->o->top;

	if (most > DIGEST_PROCESSES)
		most = DIGEST_PROCESSES;
	if (!s->all)
		return most;
	fflush(s->all);
	/* Behind it come the list's own head and "more" line, and what kvas costs. */
	used = lines_in(s->buf, s->len) + 5;
	if (used + most <= DIGEST_LINES)
		return most;
	return used + 2 < DIGEST_LINES ? DIGEST_LINES - used : 2;
}

static void digest_table(struct view_out *v, const struct table *t)
{
	char buf[256];
	const char *line = t->instead ? t->instead(v->g, buf, sizeof(buf)) : NULL;
	struct wrap w = { .f = text_file(v), .indent = VALUE + 2 };

	if (t->why && t->why(v->g))
		return;
	if (line && !*line)
		return;
	if (line) {
		w.column = fprintf(w.f, "%*s  ", VALUE, section_rows[t->section].word);
		wrap_phrases(&w, line);
		wrap_end(&w);
	} else if (t->shape == TABLE_MAP) {
		text_table_line(w.f, t, v->g, VALUE);
	} else {
		text_table_rows(w.f, t, v->g, room_for(v));
	}
}

static void text_table(struct view_out *v, const struct table *t)
{
	if (!v->state || t->shown == SHOWN_JSON)
		return;
	/* The line of figures stands before its section's tables. */
	if (!verbose(v))
		text_section_end(v, t->section);
	if (!verbose(v) && t->shown == SHOWN_DIGEST)
		digest_table(v, t);
	else if (verbose(v))
		text_table_whole(text_file(v), t, v->g, v->o->top);
}

static void text_end(struct view_out *v)
{
	struct text_state *s = v->state;

	if (!s)
		return;
	if (s->all) {
		fclose(s->all);
		fwrite(s->buf, 1, s->len, v->f);
		free(s->buf);
	}
	free(s);
}

const struct view view_text = {
	.name = "text",
	.begin = text_begin,
	.section = text_section,
	.figure = text_figure,
	.table = text_table,
	.section_end = text_section_end,
	.end = text_end,
};
