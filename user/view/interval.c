/* SPDX-License-Identifier: GPL-2.0 */
/* One interval of live: what changed first, then rates, a line a section. */
#include <math.h>
#include <string.h>

#include "model/wrap.h"
#include "model/format.h"
#include "view/text_table.h"
#include "view/view.h"

#define INDENT 16 /* columns before a section's figures */
#define CHANGES 3 /* named at most */

/* What live calls a figure: by its row, else by the last word of its path without the unit:
 * "page_fault", "bytes_alloc". */
static const char *figure_word(enum figure_id id, char buf[FORMAT_MAX])
{
	const char *path = figure_rows[id].path, *dot = strrchr(path, '.'), *word = dot ? dot + 1 : path;
	size_t len = strlen(word);

	if (figure_live_words[id])
		return figure_live_words[id];
	if (figure_rows[id].unit == UNIT_NS && len > 3 && !strcmp(word + len - 3, "_ns"))
		len -= 3;
	if (figure_rows[id].unit == UNIT_BYTES && len > 6 && !strcmp(word + len - 6, "_bytes"))
		len -= 6;
	snprintf(buf, FORMAT_MAX, "%.*s", (int)len, word);
	return buf;
}

/* A rate a second, a size, or a share of a CPU. */
static const char *interval_value(const struct figures *g, enum figure_id id, char buf[FORMAT_MAX])
{
	const struct figure_row *row = &figure_rows[id];

	if (row->unit == UNIT_BYTES)
		return format_bytes(buf, g->f[id].value);
	if (row->unit == UNIT_NS) {
		snprintf(buf, FORMAT_MAX, "%.2f %% of a CPU", figure_rate(g, id) / 1e7);
		return buf;
	}
	return format_short(buf, row->kind == KIND_COUNTER ? figure_rate(g, id) : g->f[id].value);
}

/* By what factor a figure's rate rose or fell since the interval before; 0: by no more than
 * chance may do, or by less than a quarter. */
static double change_of(const struct view_out *v, enum figure_id id)
{
	const struct figure *now = &v->g->f[id], *was = &v->before->f[id];
	double a = figure_rate(v->before, id), b = figure_rate(v->g, id), noise, factor;

	if (!now->known || !was->known || v->g->seconds <= 0 || v->before->seconds <= 0)
		return 0;
	noise = 4 * sqrt((double)now->value + was->value) / v->g->seconds;
	if (fabs(a - b) <= noise || now->value + was->value < 100)
		return 0;
	factor = a > b ? a / (b > 0 ? b : 1 / v->g->seconds) : b / (a > 0 ? a : 1 / v->g->seconds);
	return factor < 1.25 ? 0 : factor;
}

/* Is a change of the figure told? That of kvas itself is not: it always sets up first. */
static bool change_counts(enum section_id section, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];

	return section != SECTION_SELF && row->kind == KIND_COUNTER && row->unit == UNIT_COUNT &&
	       row->shown <= SHOWN_DIGEST;
}

/* The figure that changed most of those not NAMED yet; FIGURE_NONE: no other did. */
static enum figure_id most_changed(const struct view_out *v, const bool *named)
{
	enum section_id section = SECTION_COUNT;
	enum figure_id best = FIGURE_NONE;
	double most = 0;

	for (size_t i = 0; i < SECTION_COUNT + FIGURE_COUNT; i++) {
		enum figure_id id = figure_order[i].id;

		if (figure_order[i].section) {
			section = figure_order[i].id;
		} else if (!named[id] && change_counts(section, id) && change_of(v, id) > most) {
			best = id;
			most = change_of(v, id);
		}
	}
	return best;
}

/* The figures that changed most, if any: live's first line. */
static void changes(const struct view_out *v)
{
	bool named[FIGURE_COUNT] = { false };
	struct wrap w = { .f = v->f, .indent = INDENT };
	char line[256] = "", a[FORMAT_MAX], b[FORMAT_MAX];
	size_t at = 0;

	for (int n = 0; v->before && n < CHANGES && at < sizeof(line); n++) {
		enum figure_id best = most_changed(v, named);

		if (best == FIGURE_NONE)
			break;
		/* A part that moved with its whole says no more. */
		for (int id = 0; id < FIGURE_COUNT; id++)
			named[id] |= id == (int)best || figure_rows[id].of == best ||
				     (int)figure_rows[best].of == id;
		at += snprintf(line + at, sizeof(line) - at, "%s%s %s -> %s/s", n ? ", " : "",
			       figure_rows[best].path, interval_value(v->before, best, a),
			       interval_value(v->g, best, b));
	}
	if (!at)
		return;
	w.column = fprintf(v->f, "  %-*s", INDENT - 2, "changed");
	wrap_phrases(&w, line);
	wrap_end(&w);
}

static void interval_begin(struct view_out *v)
{
	fprintf(v->f, "%s\n", v->clock);
	changes(v);
}

/* The line's words so far: one line a section. */
struct interval_state {
	enum section_id section;
	char line[512];
	size_t at;
	enum figure_id whole; /* which parts may follow in parentheses */
	bool in_parts; /* they are open */
};

static struct interval_state *state_of(struct view_out *v)
{
	static struct interval_state only;

	v->state = &only;
	return &only;
}

static void interval_section(struct view_out *v, enum section_id id)
{
	struct interval_state *s = state_of(v);

	s->section = id;
	s->at = 0;
	s->line[0] = '\0';
	s->whole = FIGURE_NONE;
	s->in_parts = false;
}

/* What stands between the line so far and figure ID: its parts stand behind a whole in
 * parentheses, and what is part of nothing behind a semicolon. */
static const char *joint(struct interval_state *s, enum figure_id id)
{
	enum figure_id of = figure_rows[id].of;
	bool list = section_rows[s->section].form == SECTION_LIST, was = s->in_parts;

	s->in_parts = s->at && of != FIGURE_NONE && of == s->whole;
	if (s->in_parts)
		return was ? ", " : " (";
	s->whole = id;
	if (!s->at || s->line[s->at - 1] == ':')
		return s->at ? " " : "";
	if (list && of == FIGURE_NONE)
		return was ? "); " : "; ";
	return was ? "), " : ", ";
}

static void interval_figure(struct view_out *v, enum figure_id id)
{
	struct interval_state *s = state_of(v);
	const struct figure_row *row = &figure_rows[id];
	char value[FORMAT_MAX], buf[FORMAT_MAX];
	const char *between, *word;

	if (row->shown > SHOWN_DIGEST || row->kind == KIND_QUANTILES || !figure_says(v->g, id) ||
	    s->at >= sizeof(s->line))
		return;
	interval_value(v->g, id, value);
	/* Of what is rare how often says more than a rate. */
	if (section_rows[s->section].form == SECTION_LINE && row->unit == UNIT_COUNT)
		format_short(value, v->g->f[id].value);
	/* The whole, and behind it its parts. */
	if (row->shown == SHOWN_HEAD && section_rows[s->section].form == SECTION_LIST) {
		s->at += snprintf(s->line + s->at, sizeof(s->line) - s->at, "%s:", value);
	} else {
		between = joint(s, id);
		word = figure_word(id, buf);
		s->at += snprintf(s->line + s->at, sizeof(s->line) - s->at, "%s%s%s%s", between, word,
				  *word ? " " : "", value);
	}
}

static void interval_line(struct view_out *v, enum section_id id)
{
	struct interval_state *s = state_of(v);
	struct wrap w = { .f = v->f, .indent = INDENT };
	char word[INDENT];

	if (!s->at)
		return;
	if (s->in_parts && s->at < sizeof(s->line))
		snprintf(s->line + s->at, sizeof(s->line) - s->at, ")");
	snprintf(word, sizeof(word), "%.11s%s", section_rows[id].word,
		 section_rows[id].form == SECTION_LIST ? "/s" : "");
	w.column = fprintf(v->f, "  %-*s", INDENT - 2, word);
	wrap_phrases(&w, s->line);
	wrap_end(&w);
	s->at = 0;
}

static void interval_table(struct view_out *v, const struct table *t)
{
	char buf[TABLE_SENTENCE];
	const char *instead = t->instead ? t->instead(v->g, buf, sizeof(buf)) : NULL;
	struct wrap w = { .f = v->f, .indent = INDENT };

	interval_line(v, t->section);
	if (t->shown != SHOWN_DIGEST || (t->why && t->why(v->g)))
		return;
	if (instead && *instead) {
		w.column = fprintf(v->f, "  %-*s", INDENT - 2, section_rows[t->section].word);
		wrap_text(&w, instead);
		wrap_end(&w);
	} else if (!instead && t->shape == TABLE_MAP) {
		text_table_line(v->f, t, v->g, INDENT - 2);
	} else if (!instead) {
		text_table_rows(v->f, t, v->g, v->o->top < 0 ? (size_t)-1 : (size_t)v->o->top,
				v->g->seconds);
	}
}

const struct view view_interval = {
	.name = "interval",
	.begin = interval_begin,
	.section = interval_section,
	.figure = interval_figure,
	.table = interval_table,
	.section_end = interval_line,
};
