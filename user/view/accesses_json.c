/* SPDX-License-Identifier: GPL-2.0 */
#include <math.h>
#include <string.h>

#include "model/words.h"
#include "event/json_text.h"
#include "model/regions.h"
#include "view/accesses.h"
#include "view/json.h"

static json_t *counts(const double n[KVAS_REGION_COUNT])
{
	json_t *by = json_object();

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (n[r] > 0)
			json_object_set_new(by, region_name(r), num((__u64)llround(n[r])));
	return by;
}

static json_t *shares(const double n[KVAS_REGION_COUNT], double all, double rests_on)
{
	json_t *by = json_object();
	double low, high;

	for (int r = 0; all > 0 && r < KVAS_REGION_COUNT; r++) {
		if (n[r] <= 0)
			continue;
		access_interval(n[r] / all, rests_on, &low, &high);
		json_object_set_new(by, region_name(r),
				    json_pack("{s:f, s:f, s:f}", "share", n[r] / all, "low", low,
					      "high", high));
	}
	return by;
}

/* Without symbols what is the kernel's is in none of the modes it may have. */
static json_t *modes(const struct access_summary *a)
{
	json_t *by = json_object();

	for (unsigned int m = KVAS_ACCESS_KERNEL; m < KVAS_ACCESS_END; m++) {
		bool known = !a->mode[KVAS_ACCESS_NO_SYMBOLS] ||
			     (m != KVAS_ACCESS_KERNEL && m != KVAS_ACCESS_IRQS_OFF &&
			      m != KVAS_ACCESS_IDLE);

		if (m != KVAS_ACCESS_PRECISE)
			json_object_set_new(by, word_access_mode_name(m),
					    known ? num(a->mode[m]) : json_null());
	}
	return by;
}

static json_t *rows(const struct access_row *row, size_t nr, bool processes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < nr; i++) {
		const struct access_row *r = &row[i];
		json_t *o = json_pack("{s:o, s:o, s:o, s:o}", processes ? "comm" : "function",
				      json_text(r->name, strnlen(r->name, sizeof(r->name))),
				      "samples", num(r->samples), "load", counts(r->by.load),
				      "store", counts(r->by.store));

		if (processes)
			json_object_set_new(o, "pid", r->folded ? json_null() : num(r->pid));
		json_array_append_new(list, o);
	}
	return list;
}

/* null where the PMU tells no addresses. */
static json_t *precise(const struct summary *s)
{
	const struct access_summary *a = &s->accesses;

	if (!s->meta->precise)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "events",
			 text(s->meta->precise_how), "load",
			 counts(a->precise.load), "store", counts(a->precise.store),
			 "without_address", num(a->precise_unknown), "shares", "load",
			 shares(a->precise.load, a->precise_load, a->precise_load), "store",
			 shares(a->precise.store, a->precise_store, a->precise_store));
}

/* Loads and stores in region other, by why. */
static json_t *other(const struct access_summary *a)
{
	json_t *by = json_object();

	for (unsigned int why = KVAS_WHY_PERCPU_BASE; why < KVAS_WHY_END; why++)
		if (a->other[why] > 1e-6)
			json_object_set_new(by, word_access_why_name(why),
					    json_real(a->other[why]));
	return by;
}

static json_t *sizes(const __u64 leaf[LEAF_COUNT])
{
	return json_pack("{s:o, s:o, s:o, s:o}", "4k", num(leaf[LEAF_4K]), "2m", num(leaf[LEAF_2M]),
			 "1g", num(leaf[LEAF_1G]), "unknown", num(leaf[LEAF_UNKNOWN]));
}

/* null where no address was met whose page size is known. */
static json_t *large_pages(const __u64 leaf[LEAF_COUNT])
{
	struct access_huge h = access_huge(leaf);
	double low, high;

	if (!h.all)
		return json_null();
	access_interval((double)h.n / h.all, h.all, &low, &high);
	return json_pack("{s:f, s:f, s:f}", "share", (double)h.n / h.all, "low", low, "high", high);
}

static json_t *sampled(const struct summary *s)
{
	const struct access_summary *a = &s->accesses;
	json_t *o;

	if (!s->meta->sample_hz)
		return json_pack("{s:n, s:n, s:n}", "samples", "load", "store");
	if (a->why)
		return json_pack("{s:o, s:n, s:n, s:o, s:o}", "samples", num(a->samples), "load",
				 "store", "sample_hz", num(s->meta->sample_hz), "modes", modes(a));
	o = json_pack("{s:o, s:o, s:o, s:o, s:s, s:{s:o, s:o}, s:o, s:{s:o, s:o}, s:{s:f, s:f}}",
		      "samples", num(a->samples), "load", counts(a->all.load), "store",
		      counts(a->all.store), "sample_hz", num(s->meta->sample_hz), "provenance",
		      "sampled", "shares", "load", shares(a->all.load, a->load, a->n_load), "store",
		      shares(a->all.store, a->store, a->n_store), "modes", modes(a), "met", "load",
		      num(a->met_load), "store", num(a->met_store), "expected", "load",
		      a->expected_load, "store", a->expected_store);
	json_object_set_new(o, "functions_folded", num(a->functions_folded));
	json_object_set_new(o, "processes_folded", num(a->processes_folded));
	json_object_update_new(
		o, json_pack("{s:{s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "tracing", "load",
			     num(a->tracing_load), "store", num(a->tracing_store), "other", other(a),
			     "leaf", sizes(a->leaf), "leaf_direct_map", sizes(a->leaf_direct),
			     "large_pages", large_pages(a->leaf), "large_pages_direct_map",
			     large_pages(a->leaf_direct), "functions",
			     rows(a->functions, a->nr_functions, false), "processes",
			     rows(a->processes, a->nr_processes, true)));
	return o;
}

json_t *view_accesses_json(const struct summary *s)
{
	json_t *o = sampled(s);

	json_object_set_new(o, "precise", precise(s));
	return o;
}
