/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The summary for a person: perf stat's shape, the value first and what it counts after. The
 * short text fits DIGEST_LINES lines: figures that say something, a few processes, losses if
 * there are any. With -v all there is.
 */
#include <stdlib.h>
#include <string.h>

#include "model/wrap.h"
#include "model/format.h"
#include "short_memory.h"
#include "view/text_notes.h"
#include "view/text_table.h"
#include "view/view.h"

#define VALUE 16 /* columns of a value */
#define LABEL 40 /* and of its label */
#define NOTE_MAX 640
#define DIGEST_LINES 40
#define DIGEST_ROWS 5 /* of a list in the short text */
#define FEW_ROWS 2

/* A figure's line of the short text. */
struct figure_place {
	size_t begin, end; /* in the text */
	double weight; /* what the line is worth; 0: it stays */
	bool left_out;
};

struct text_state {
	enum section_id section;
	bool heading; /* the section's title is still to come */
	FILE *all; /* the short text is held back until it is known how long it is */
	char *buf;
	size_t len;
	char line[512]; /* of a SECTION_LINE, under way */
	struct figure_place place[FIGURE_COUNT];
	size_t nr_places;
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
	struct run_words w = view_run_words(m);
	char safe[sizeof(m->command) * 4 + 1];
	const char *more = "";
	int used = fprintf(f, "%.3f seconds of ", seconds);
	int room = WRAP_WIDTH - used - (int)(strlen(w.of) + strlen(w.behind) + strlen(w.cut));

	safe_text(safe, w.what);
	if ((int)strlen(safe) > room && room > 3) {
		more = "...";
		room -= 3;
	}
	fprintf(f, "%s%.*s%s%s%s\n", w.of, room > 0 ? room : 0, safe, more, w.behind, w.cut);
}

static void text_begin(struct view_out *v)
{
	const struct meta *m = v->g->summary->meta;
	struct text_state *s = calloc(1, sizeof(*s));
	FILE *f;

	v->state = s;
	if (s && !verbose(v))
		s->all = open_memstream(&s->buf, &s->len);
	if (!s || (!verbose(v) && !s->all))
		short_memory_note();
	f = text_file(v);
	view_header(f, m, verbose(v));
	run_line(f, m, v->g->seconds);
	if (meta_cut_why(m))
		fputs("of which each count is a lower bound\n", f);
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
	size_t at;

	note[0] = '\0';
	if (!f->known)
		safe_bytes(note, f->why, (len - 1) / 4);
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
	at = strlen(note);
	if (text_bound(v->g, id))
		snprintf(note + at, len - at, "%sat least%s%s", at ? ", " : "", verbose(v) ? ": " : "",
			 verbose(v) ? text_bound(v->g, id) : "");
}

static void figure_line(const struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];
	FILE *out = text_file(v);
	char value[FORMAT_MAX], label[80], note[NOTE_MAX], behind[NOTE_MAX + 2];
	int used;

	note_of(v, id, note, sizeof(note));
	snprintf(label, sizeof(label), "%*s%s", 2 * depth_of(id), "", row->label);
	used = fprintf(out, "%*s  %s", VALUE, f->known ? value_text(value, row, f->value) : "unknown",
		       label);
	if (!*note) {
		fputc('\n', out);
		return;
	}
	if ((used < VALUE + 2 + LABEL ? VALUE + 3 + LABEL : used + 1) + strlen(note) > WRAP_WIDTH) {
		fputc('\n', out);
		snprintf(behind, sizeof(behind), "(%s)", note + strspn(note, " "));
		wrap_paragraph(out, VALUE + 4, behind);
		return;
	}
	fprintf(out, "%*s%s\n", used < VALUE + 2 + LABEL ? VALUE + 3 + LABEL - used : 1, "", note);
}

static void quantiles_line(const struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct hist *h = v->g->f[id].hist;
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];

	fprintf(text_file(v), "%*s  %s: p50 %s, p99 %s, max %s\n", VALUE, "", row->label,
		value_text(a, row, hist_percentile(h, 50)),
		value_text(b, row, hist_percentile(h, 99)), value_text(c, row, h->max));
}

static enum section_id section_of(enum figure_id id)
{
	enum section_id section = 0;

	for (const struct figure_order *at = figure_order; at->section || at->id != id; at++)
		if (at->section)
			section = at->id;
	return section;
}

/* Of the figures of its section that are parts of the same whole. */
static bool is_largest_part(const struct figures *g, enum figure_id id)
{
	for (int other = 0; other < FIGURE_COUNT; other++)
		if (figure_rows[other].of == figure_rows[id].of && g->f[other].known &&
		    section_of(other) == section_of(id) &&
		    (g->f[other].value > g->f[id].value ||
		     (g->f[other].value == g->f[id].value && other < (int)id)))
			return false;
	return true;
}

/* What a line is worth where room is short: the part its figure is of the first figure above it;
 * one more for CR3 writes, and two more for the largest part of a whole. 0: a head, which stays. */
static double weight_of(const struct view_out *v, enum figure_id id)
{
	const struct text_state *s = v->state;
	double weight = 1, more;

	if (figure_rows[id].of == FIGURE_NONE)
		return 0;
	more = (s->section == SECTION_CR3) + 2 * (depth_of(id) == 1 && is_largest_part(v->g, id));
	for (; figure_rows[id].of != FIGURE_NONE; id = figure_rows[id].of)
		weight *= figure_share(v->g, id);
	return weight + more;
}

/* A line of the short text, which is left out when there is no room for it. */
static void digest_figure(struct view_out *v, enum figure_id id)
{
	struct text_state *s = v->state;
	struct figure_place *place = &s->place[s->nr_places];

	if (!s->all) {
		figure_line(v, id);
		return;
	}
	fflush(s->all);
	place->begin = s->len;
	figure_line(v, id);
	fflush(s->all);
	place->end = s->len;
	place->weight = weight_of(v, id);
	s->nr_places++;
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
	if (at >= sizeof(s->line))
		return;
	if (row->kind == KIND_QUANTILES)
		snprintf(s->line + at, sizeof(s->line) - at, "%s p50 %s p99 %s", row->label,
			 value_text(a, row, hist_percentile(f->hist, 50)),
			 value_text(b, row, hist_percentile(f->hist, 99)));
	else if (row->unit == UNIT_COUNT)
		/* What is too long to be read at once is told shortly. */
		snprintf(s->line + at, sizeof(s->line) - at, "%s %s",
			 f->value < 1000000000 ? value_text(a, row, f->value) : format_short(a, f->value),
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
		if (row->kind == KIND_QUANTILES && v->g->f[id].known)
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
		digest_figure(v, id);
}

static void text_section_end(struct view_out *v, enum section_id id)
{
	struct text_state *s = v->state;
	struct wrap w = { .indent = VALUE + 2 };

	if (!s || !s->line[0])
		return;
	w.f = text_file(v);
	w.column = fprintf(w.f, "%*s  ", VALUE, section_rows[id].word);
	wrap_text(&w, s->line);
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

/* The most rows of a list that are shown, if there are as many. */
static size_t most_rows(const struct view_out *v)
{
	return v->o->top < 0 || v->o->top > DIGEST_ROWS ? DIGEST_ROWS : (size_t)v->o->top;
}

/* Lines of the lists behind T, of the figure that stands with them, and of what kvas costs,
 * and of what is to be said of figures. */
static size_t lines_behind(const struct view_out *v, const struct table *t)
{
	size_t lines = 3 + text_notes(v->g, NULL), rows;
	bool behind = false;

	for (const struct table *const *other = tables; *other; other++) {
		if (behind && (*other)->shown == SHOWN_DIGEST && !((*other)->why && (*other)->why(v->g))) {
			rows = (*other)->rows(v->g);
			lines += !rows ? 0 : rows > most_rows(v) ? most_rows(v) + 3 : rows + 2;
		}
		behind |= *other == t;
	}
	return lines;
}

/* How many rows of T still fit; a few at least, for which figures of least share make room. */
static size_t room_for(const struct view_out *v, const struct table *t)
{
	struct text_state *s = v->state;
	size_t used;

	if (!s->all)
		return most_rows(v);
	fflush(s->all);
	/* The list's own head, and the line that tells how many are left out. */
	used = lines_in(s->buf, s->len) + 3 + lines_behind(v, t);
	if (used + most_rows(v) <= DIGEST_LINES)
		return most_rows(v);
	used = used + FEW_ROWS < DIGEST_LINES ? DIGEST_LINES - used : FEW_ROWS;
	return used < most_rows(v) ? used : most_rows(v);
}

static void digest_table(struct view_out *v, const struct table *t)
{
	char buf[TABLE_SENTENCE];
	const char *line = t->instead ? t->instead(v->g, buf, sizeof(buf)) : NULL;
	struct wrap w = { .f = text_file(v), .indent = VALUE + 2 };

	if (t->why && t->why(v->g))
		return;
	if (line && !*line)
		return;
	if (line) {
		w.column = fprintf(w.f, "%*s  ", VALUE, section_rows[t->section].word);
		wrap_text(&w, line);
		wrap_end(&w);
	} else if (t->shape == TABLE_MAP) {
		text_table_line(w.f, t, v->g, VALUE);
	} else if (t->shape == TABLE_MAP_OF_MAPS) {
		text_table_words(w.f, t, v->g, VALUE, room_for(v, t));
	} else {
		text_table_rows(w.f, t, v->g, room_for(v, t), 0);
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

/* Leave out the figures of least share while there are too many lines: of equal ones the last,
 * which is part of the other. */
static void make_room(struct text_state *s)
{
	for (size_t lines = lines_in(s->buf, s->len); lines > DIGEST_LINES;) {
		struct figure_place *least = NULL;

		for (size_t i = 0; i < s->nr_places; i++)
			if (s->place[i].weight > 0 && !s->place[i].left_out &&
			    (!least || s->place[i].weight <= least->weight))
				least = &s->place[i];
		if (!least)
			return;
		lines -= lines_in(s->buf + least->begin, least->end - least->begin);
		least->left_out = true;
	}
}

static void text_end(struct view_out *v)
{
	struct text_state *s = v->state;
	size_t at = 0;

	if (!s)
		return;
	/* Of a process that slept there is else nothing to see. */
	if (s->all && !s->nr_places)
		fputs("nothing else was counted\n", s->all);
	if (!verbose(v))
		text_notes(v->g, text_file(v));
	if (s->all) {
		fclose(s->all);
		make_room(s);
		for (size_t i = 0; i < s->nr_places; i++) {
			if (!s->place[i].left_out)
				continue;
			fwrite(s->buf + at, 1, s->place[i].begin - at, v->f);
			at = s->place[i].end;
		}
		fwrite(s->buf + at, 1, s->len - at, v->f);
		free(s->buf);
	}
	free(s);
}

const struct view view_text = {
	.name = "text",
	.for_reader = true,
	.begin = text_begin,
	.section = text_section,
	.figure = text_figure,
	.table = text_table,
	.section_end = text_section_end,
	.end = text_end,
};
