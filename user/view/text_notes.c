/* SPDX-License-Identifier: GPL-2.0 */
#include "view/text_notes.h"

#include <string.h>

const char *text_bound(const struct figures *g, enum figure_id id)
{
	const struct figure *f = &g->f[id];

	return f->known && f->at_least != meta_cut_why(g->summary->meta) ? f->at_least : NULL;
}

static size_t bounds(const struct figures *g, FILE *f)
{
	const char *said[FIGURE_COUNT];
	size_t nr = 0, i;

	for (int id = 0; id < FIGURE_COUNT; id++) {
		const char *why = text_bound(g, id);

		if (!why || figure_rows[id].shown > SHOWN_DIGEST || !figure_says(g, id))
			continue;
		for (i = 0; i < nr && strcmp(said[i], why); i++)
			;
		if (i < nr)
			continue;
		said[nr++] = why;
		if (f)
			fprintf(f, "at least: %s\n", why);
	}
	return nr;
}

static unsigned int missing(const struct figures *g)
{
	unsigned int n = 0;

	for (int id = 0; id < FIGURE_COUNT; id++) {
		const struct figure *f = &g->f[id];

		n += figure_rows[id].shown <= SHOWN_DETAIL && figure_rows[id].hooks && !f->known &&
		     (f->why == figure_rows[id].without || f->why == meta_cut_why(g->summary->meta) ||
		      f->why == figures_uncounted_why(g->summary));
	}
	return n;
}

size_t text_notes(const struct figures *g, FILE *f)
{
	size_t lines = bounds(g, f);
	unsigned int n = missing(g);

	if (n && f)
		fprintf(f, "%u figure%s unknown here: -v lists %s\n", n, n == 1 ? " is" : "s are",
			n == 1 ? "it" : "them");
	return lines + !!n;
}
