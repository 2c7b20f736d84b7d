/* SPDX-License-Identifier: GPL-2.0 */
#include "view/areas.h"

#include "view/format.h"
#include "view/json.h"
#include "view/view.h"

#define CALLER 26 /* columns */

static const char *named(char buf[VIEW_NAME_MAX], const char *caller)
{
	return caller[0] ? safe_text(buf, caller) : "(not known)";
}

/* "?" where FIG, the sum of the column, is not known. */
static void bytes(FILE *f, const struct figure *fig, __u64 n)
{
	char buf[FORMAT_MAX];

	fprintf(f, " %9s", !fig->known ? "?" : n ? format_bytes(buf, n) : "0");
}

static void callers(FILE *f, const struct summary *s, const struct figures *g, int top)
{
	const struct area_summary *a = &s->areas;
	char name[VIEW_NAME_MAX];

	if (!a->nr_rows || top <= 0)
		return;
	fprintf(f, "\n%-*s %6s %9s %9s %9s %9s %6s\n", CALLER, "vmalloc by caller", "AREAS",
		"ALLOC", "LIVE", "LEAKED", "LAZY", "PURGES");
	for (size_t i = 0; i < a->nr_rows && i < (size_t)top; i++) {
		const struct area_row *r = &a->rows[i];

		fprintf(f, "%-*.*s %6llu", CALLER, CALLER, named(name, r->caller), r->alloc.areas);
		bytes(f, &g->vm_bytes_alloc, r->alloc.bytes);
		bytes(f, &g->vm_bytes_live, r->live.bytes);
		bytes(f, &g->vm_bytes_leaked, r->leaked.bytes);
		bytes(f, &g->vm_bytes_lazy, r->lazy.bytes);
		if (g->vm_purges.known)
			fprintf(f, " %6.1f\n", r->purges);
		else
			fprintf(f, " %6s\n", "?");
	}
	if (a->nr_rows > (size_t)top)
		fprintf(f, "%8s %zu more\n", "", a->nr_rows - (size_t)top);
	fprintf(f, "%8s PURGES: each is one TLB flush of kernel addresses on all CPUs\n", "");
}

static void causes(FILE *f, const struct area_cause *c, size_t nr, int top, const char *head)
{
	char buf[FORMAT_MAX], name[VIEW_NAME_MAX];

	if (!nr || top <= 0)
		return;
	fprintf(f, "\n%-48s %8s %20s\n", head, "TIMES", "BYTES OF RANGES");
	for (size_t i = 0; i < nr && i < (size_t)top; i++)
		fprintf(f, "%-48.48s %8llu %20s\n", named(name, c[i].caller), c[i].count,
			c[i].bytes ? format_bytes(buf, c[i].bytes) : "?");
	if (nr > (size_t)top)
		fprintf(f, "%8s %zu more\n", "", nr - (size_t)top);
}

void view_areas_text(FILE *f, const struct summary *s, const struct figures *g, int top)
{
	const struct area_summary *a = &s->areas;

	callers(f, s, g, top);
	causes(f, a->purges, a->nr_purges, top, "vmalloc purges by caller");
	causes(f, a->flushes, a->nr_flushes, top, "TLB flushes of kernel ranges by caller");
}

static json_t *rows(const struct area_summary *a, const struct figures *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->nr_rows; i++) {
		const struct area_row *r = &a->rows[i];

		json_array_append_new(
			list,
			json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "caller", text(r->caller),
				  "alloc", num(r->alloc.areas), "bytes_alloc", num(r->alloc.bytes),
				  "free", part(g->vm_live, r->freed.areas), "bytes_live",
				  part(g->vm_bytes_live, r->live.bytes), "bytes_leaked",
				  part(g->vm_bytes_leaked, r->leaked.bytes), "bytes_lazy",
				  part(g->vm_bytes_lazy, r->lazy.bytes), "bytes_purged",
				  part(g->vm_bytes_purged, r->purged.bytes), "purges",
				  g->vm_purges.known ? json_real(r->purges) : json_null(),
				  "kernel_flushes", /* each purge is one */
				  g->vm_purges.known ? json_real(r->purges) : json_null()));
	}
	return list;
}

static json_t *cause_rows(const struct area_cause *c, size_t nr)
{
	json_t *list = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "caller", text(c[i].caller),
						      "count", num(c[i].count), "bytes",
						      num(c[i].bytes)));
	return list;
}

json_t *view_areas_json(const struct summary *s, const struct figures *g)
{
	const struct area_summary *a = &s->areas;
	json_t *o = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "alloc", fig(g->vm_alloc), "free",
		fig(g->vm_free), "bytes_alloc", fig(g->vm_bytes_alloc), "bytes_free",
		fig(g->vm_bytes_free), "free_unsized",
		num(s->c[KVAS_C_VM_FREE_UNSIZED]), "area_bytes", view_quantiles(&s->vm_bytes),
		"lifetime_ns", view_quantiles(&s->vm_lifetime_ns));
	const struct {
		const char *name;
		const struct figure *f;
	} more[] = {
		{ "live", &g->vm_live }, { "bytes_live", &g->vm_bytes_live },
		{ "leaked", &g->vm_leaked }, { "bytes_leaked", &g->vm_bytes_leaked },
		{ "lazy", &g->vm_lazy }, { "bytes_lazy", &g->vm_bytes_lazy },
		{ "bytes_purged", &g->vm_bytes_purged }, { "purges", &g->vm_purges },
		{ "purged_areas", &g->vm_purged_areas },
		{ "bytes_lazy_system", &g->vm_bytes_lazy_system },
		{ "kernel_flushes", &g->kernel_flushes },
	};

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		json_object_set_new(o, more[i].name, fig(*more[i].f));
	json_object_set_new(o, "kernel_flushes_derived", json_boolean(g->kernel_flushes_derived));
	json_object_set_new(o, "callers", rows(a, g));
	json_object_set_new(o, "purges_by", cause_rows(a->purges, a->nr_purges));
	json_object_set_new(o, "kernel_flushes_by", cause_rows(a->flushes, a->nr_flushes));
	return o;
}
