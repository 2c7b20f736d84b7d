/* SPDX-License-Identifier: GPL-2.0 */
/* What the rules of figures.def are made of: figures.c and figures_areas.c; no one else's. */
#ifndef KVAS_FIGURE_RULES_H
#define KVAS_FIGURE_RULES_H

#include "agg/figures.h"

/* A computation under way: a rule asks for the figures it rests on, and these are computed
 * then. */
struct figures_run {
	const struct summary *s;
	struct figures *g;
	bool done[FIGURE_COUNT];
};

/* Another figure, computed now if it was not yet. */
const struct figure *figure_get(struct figures_run *run, enum figure_id id);

struct figure figure_known(__u64 value);
struct figure figure_unknown(const char *why);
/* Known where WHY is NULL. */
struct figure figure_known_unless(const char *why, __u64 value);
/* Unknown because of WHY where H is empty. */
struct figure figure_quantiles(const struct hist *h, const char *why);

extern const char figure_no_hook[];
/* Why counter C alone is not known: nothing was counted, and no record tells it. */
const char *figure_uncounted_why(const struct summary *s, unsigned int c);

/* What AREA_* of figures.def stand for. */
enum area_figure {
	AREA_LIVE, AREA_LIVE_BYTES, AREA_LEAKED, AREA_LEAKED_BYTES,
	/* known where purges are */
	AREA_LAZY, AREA_LAZY_BYTES, AREA_PURGED_BYTES,
	/* known where it is known what was there at the start */
	AREA_START_FREED, AREA_START_FREED_BYTES, AREA_END_BYTES,
};

/* ARG as in figures.def. */
struct figure figure_rule_counter(struct figures_run *run, int c);
struct figure figure_rule_area_bytes(struct figures_run *run, int arg);
struct figure figure_rule_vm_lifetime(struct figures_run *run, int arg);
struct figure figure_rule_area(struct figures_run *run, int arg);
struct figure figure_rule_vm_start(struct figures_run *run, int c);
struct figure figure_rule_vm_end(struct figures_run *run, int arg);
struct figure figure_rule_bytes_free(struct figures_run *run, int arg);
struct figure figure_rule_purged_areas(struct figures_run *run, int arg);
struct figure figure_rule_lazy_system(struct figures_run *run, int arg);
struct figure figure_rule_kernel_flushes(struct figures_run *run, int arg);
struct figure figure_rule_kernel_flushes_derived(struct figures_run *run, int arg);

#endif
