/* SPDX-License-Identifier: GPL-2.0 */
#include "view/view.h"

const struct view *view_of(enum format format)
{
	static const struct view *const views[FORMAT_COUNT] = {
#define FORMAT(number, name, word) [number] = &view_##word,
#include "model/formats.def"
#undef FORMAT
	};

	return views[format];
}

static void end_section(const struct view *view, struct view_out *v, enum section_id id)
{
	for (const struct table *const *t = tables; view->table && *t; t++)
		if ((*t)->section == id && ((*t)->shown != SHOWN_TEXT || view->for_reader))
			view->table(v, *t);
	if (view->section_end)
		view->section_end(v, id);
}

void view_walk(const struct view *view, struct view_out *v)
{
	int section = -1;

	if (view->begin)
		view->begin(v);
	for (size_t i = 0; i < SECTION_COUNT + FIGURE_COUNT; i++) {
		const struct figure_order *at = &figure_order[i];

		if (!at->section) {
			if (view->figure)
				view->figure(v, at->id);
			continue;
		}
		if (section >= 0)
			end_section(view, v, section);
		section = at->id;
		if (view->section)
			view->section(v, section);
	}
	end_section(view, v, section);
	if (view->end)
		view->end(v);
}

void view_summary(const struct view *view, FILE *f, const struct summary *s,
		  const struct view_opts *o)
{
	struct figures g;
	struct view_out v = { .f = f, .g = &g, .o = o };

	figures_of(s, &g);
	view_walk(view, &v);
}
