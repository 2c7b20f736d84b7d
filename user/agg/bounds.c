/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/bounds.h"

#include <string.h>

/* FULL() of figures.def. */
enum full_when { FULL_ANY, FULL_BY_MAP };
enum full_what { FULL_UNKNOWN, FULL_AT_LEAST };

static const struct full_row {
	int id; /* -1: every counter */
	unsigned int map;
	enum full_when when;
	enum full_what what;
} full_rows[] = {
#define FULL(id, map, when, what) \
	{ FIGURE_##id, KVAS_LOSS_MAP_##map, FULL_##when, FULL_##what },
#define FULL_ALL(map) { -1, KVAS_LOSS_MAP_##map, FULL_BY_MAP, FULL_AT_LEAST },
#include "model/figures.def"
};

static const char *const full_why[] = {
	[KVAS_LOSS_MAP_TASK] = "kvas's map of tasks had no room (lost.map_full.task)",
	[KVAS_LOSS_MAP_PGD] = "kvas's map of PGDs had no room (lost.map_full.pgd)",
	[KVAS_LOSS_MAP_VM] = "kvas's map of vmalloc areas had no room (lost.map_full.vmalloc)",
	[KVAS_LOSS_MAP_MEMORY] = "kvas's map of sums had no room (lost.map_full.memory)",
};

/* Does MAP say which events count? A name and a cgroup are looked at anew each time: the map of tasks has
 * no part in that. */
static bool by_map(const struct meta *m, unsigned int map)
{
	return m->filter[0] && (map != KVAS_LOSS_MAP_TASK ||
				(strncmp(m->filter, META_FILTER_COMM, strlen(META_FILTER_COMM)) &&
				 strncmp(m->filter, META_FILTER_CGROUP, strlen(META_FILTER_CGROUP))));
}

static void full_maps(const struct summary *s, enum figure_id id, bool derived, struct figure *f)
{
	for (size_t i = 0; i < sizeof(full_rows) / sizeof(full_rows[0]); i++) {
		const struct full_row *r = &full_rows[i];
		/* An entry that is missing is missing in the intervals that follow, too. */
		const __u64 *c = s->run ?: s->c;

		if (!f->known || !c[KVAS_C_LOST_MAP + r->map] ||
		    (r->id < 0 ? figure_rows[id].kind != KIND_COUNTER : r->id != (int)id) ||
		    (r->when == FULL_BY_MAP && !by_map(s->meta, r->map) && !derived))
			continue;
		if (r->what == FULL_UNKNOWN)
			*f = (struct figure){ .why = full_why[r->map] };
		else if (!f->at_least)
			f->at_least = full_why[r->map];
	}
}

/* LACKS() of figures.def. */
static const struct lacks_row {
	enum figure_id id;
	enum hook_id hook;
	const char *why;
} lacks_rows[] = {
#define LACKS(id, hook, why) { FIGURE_##id, HOOK_##hook, why },
#include "model/figures.def"
};

static void lacking_hooks(const struct summary *s, enum figure_id id, struct figure *f)
{
	for (size_t i = 0; i < sizeof(lacks_rows) / sizeof(lacks_rows[0]); i++)
		if (lacks_rows[i].id == id && f->known && !f->at_least &&
		    !meta_attached(s->meta, lacks_rows[i].hook))
			f->at_least = lacks_rows[i].why;
	if (id == FIGURE_IRQ && f->known && !f->at_least && s->meta->untraced_why[0])
		f->at_least = s->meta->untraced_why;
}

void figure_bounds(const struct summary *s, enum figure_id id, bool derived, struct figure *f)
{
	full_maps(s, id, derived, f);
	if (f->known && figure_rows[id].kind == KIND_COUNTER && !f->at_least)
		f->at_least = meta_cut_why(s->meta);
	lacking_hooks(s, id, f);
}
