/* SPDX-License-Identifier: GPL-2.0 */
/* The rules of figures.def that tell of vmalloc areas. */
#include "agg/figure_rules.h"

struct figure figure_rule_area_bytes(struct figures_run *run, int arg)
{
	return figure_quantiles(&run->s->vm_bytes, "no record of an allocation");
}

struct figure figure_rule_vm_lifetime(struct figures_run *run, int arg)
{
	return figure_quantiles(&run->s->vm_lifetime_ns, "no area was both allocated and freed here");
}

const char *figures_areas_why(const struct summary *s)
{
	const char *why = figures_hook_why(s, HOOK_vmalloc_alloc);

	if (!(s->meta->emit & (1u << KVAS_KIND_VMALLOC)))
		return "vmalloc is not recorded";
	return why ? why : figures_hook_why(s, HOOK_vmalloc_free);
}

/* Why what follows from records of vmalloc areas is not known; NULL it is. */
static const char *areas_why(const struct summary *s)
{
	if (figures_areas_why(s))
		return figures_areas_why(s);
	if (s->c[KVAS_C_LOST_RING + KVAS_KIND_VMALLOC] || s->areas.untracked)
		return "records were lost";
	return NULL;
}

/* Why it is not known who ended. */
static const char *leaked_why(const struct summary *s)
{
	if (!(s->meta->emit & (1u << KVAS_KIND_TASK)))
		return "task is not recorded";
	if (!meta_attached(s->meta, HOOK_fork) || !meta_attached(s->meta, HOOK_exit))
		return figure_no_hook;
	if (s->meta->no_group_dead)
		return "the recording does not tell when processes end";
	return s->c[KVAS_C_LOST_RING + KVAS_KIND_TASK] ? "records were lost" : NULL;
}

/* Why it is not known what was there when the window opened. */
static const char *start_why(const struct summary *s)
{
	return s->meta->areas_why[0] ? s->meta->areas_why : figure_uncounted_why(s, KVAS_C_VM_START);
}

struct figure figure_rule_vm_start(struct figures_run *run, int c)
{
	/* In an interval too. */
	const __u64 *all = run->s->run ?: run->s->c;

	return figure_known_unless(start_why(run->s), all[c]);
}

struct figure figure_rule_vm_end(struct figures_run *run, int arg)
{
	const __u64 *c = run->s->run ?: run->s->c;
	__s64 left = c[KVAS_C_VM_START] + c[KVAS_C_VM_ALLOC] - c[KVAS_C_VM_FREE];

	return figure_known_unless(start_why(run->s) ?: meta_cut_why(run->s->meta) ?:
				   left < 0 ? "more were freed than kvas knew of" : NULL, left);
}

struct figure figure_rule_area(struct figures_run *run, int which)
{
	const struct area_row *all = &run->s->areas.all;
	const __u64 value[] = {
		[AREA_LIVE] = all->live.areas,	   [AREA_LIVE_BYTES] = all->live.bytes,
		[AREA_LEAKED] = all->leaked.areas, [AREA_LEAKED_BYTES] = all->leaked.bytes,
		[AREA_LAZY] = all->lazy.areas,	   [AREA_LAZY_BYTES] = all->lazy.bytes,
		[AREA_PURGED_BYTES] = all->purged.bytes, [AREA_START_FREED] = all->start_freed.areas,
		[AREA_START_FREED_BYTES] = all->start_freed.bytes,
		[AREA_END_BYTES] = all->start.bytes - all->start_freed.bytes + all->live.bytes,
	};
	const char *why = areas_why(run->s);

	if (!why && which != AREA_PURGED_BYTES) /* there is no end to be live at */
		why = meta_cut_why(run->s->meta);
	if (!why && (which == AREA_LEAKED || which == AREA_LEAKED_BYTES))
		why = leaked_why(run->s);
	if (!why && which >= AREA_START_FREED)
		why = start_why(run->s) ?: run->s->areas.start_untracked ? "there were too many at the start" : NULL;
	else if (!why && which >= AREA_LAZY && !meta_attached(run->s->meta, HOOK_vmalloc_purge))
		why = figure_no_hook;
	return figure_known_unless(why, value[which]);
}

struct figure figure_rule_bytes_free(struct figures_run *run, int arg)
{
	struct figure f = figure_rule_counter(run, KVAS_C_VM_FREE_BYTES);

	if (f.known && run->s->c[KVAS_C_VM_FREE_UNSIZED])
		f.at_least = "some areas are older than the window";
	return f;
}

struct figure figure_rule_purged_areas(struct figures_run *run, int arg)
{
	const __u64 *c = run->s->c;

	return figure_known_unless(c[KVAS_C_VM_PURGE] && !c[KVAS_C_VM_PURGED_AREAS] ?
				    "this kernel's hook does not tell" :
				    figure_uncounted_why(run->s, KVAS_C_VM_PURGED_AREAS),
			    c[KVAS_C_VM_PURGED_AREAS]);
}

struct figure figure_rule_lazy_system(struct figures_run *run, int arg)
{
	const struct area_summary *a = &run->s->areas;

	return figure_known_unless(a->lazy_system_known ? NULL : "no free told it", a->lazy_system_bytes);
}

/* Flushes are observed, or else those that purges make. */
struct figure figure_rule_kernel_flushes(struct figures_run *run, int arg)
{
	struct figure f;

	if (meta_attached(run->s->meta, HOOK_kernel_flush))
		return figure_rule_counter(run, KVAS_C_KERNEL_FLUSH);
	f = *figure_get(run, FIGURE_VM_PURGES);
	f.source = SOURCE_DERIVED;
	return f;
}

struct figure figure_rule_kernel_flushes_derived(struct figures_run *run, int arg)
{
	return figure_known(!meta_attached(run->s->meta, HOOK_kernel_flush) &&
			    figure_get(run, FIGURE_VM_PURGES)->known);
}
