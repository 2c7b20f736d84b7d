/* SPDX-License-Identifier: GPL-2.0 */
#include <math.h>
#include <string.h>

#include "event/event.h"
#include "event/json_text.h"
#include "out/accesses.h"

static json_t *num(__u64 v)
{
	return json_integer((json_int_t)v);
}

static json_t *counts(const double n[KVAS_REGION_COUNT])
{
	json_t *by = json_object();

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (n[r] > 0)
			json_object_set_new(by, region_name(r), num((__u64)llround(n[r])));
	return by;
}

static json_t *shares(const double n[KVAS_REGION_COUNT], double all, __u64 met)
{
	json_t *by = json_object();
	double low, high;

	for (int r = 0; all > 0 && r < KVAS_REGION_COUNT; r++) {
		if (n[r] <= 0)
			continue;
		access_interval(n[r] / all, met, &low, &high);
		json_object_set_new(by, region_name(r),
				    json_pack("{s:f, s:f, s:f}", "share", n[r] / all, "low", low,
					      "high", high));
	}
	return by;
}

static json_t *modes(const struct access_summary *a)
{
	json_t *by = json_object();

	for (unsigned int m = KVAS_ACCESS_KERNEL; m <= KVAS_ACCESS_UNKNOWN; m++)
		json_object_set_new(by, event_access_mode_name(m), num(a->mode[m]));
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
			json_object_set_new(o, "pid", num(r->pid));
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
			 json_text(s->meta->precise_how, strlen(s->meta->precise_how)), "load",
			 counts(a->precise.load), "store", counts(a->precise.store),
			 "without_address", num(a->precise_unknown), "shares", "load",
			 shares(a->precise.load, a->precise_load, a->precise_load), "store",
			 shares(a->precise.store, a->precise_store, a->precise_store));
}

/* Loads and stores in region other, by why. */
static json_t *other(const struct access_summary *a)
{
	json_t *by = json_object();

	for (unsigned int why = KVAS_WHY_PERCPU_BASE; why < KVAS_WHY_COUNT; why++)
		if (a->other[why] > 1e-6)
			json_object_set_new(by, event_access_why_name(why),
					    json_real(a->other[why]));
	return by;
}

/* null where no kernel address was met whose page size is known. */
static json_t *huge(const struct access_summary *a)
{
	struct access_huge h = access_huge(a);
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
	o = json_pack(
		"{s:o, s:o, s:o, s:o, s:s, s:{s:o, s:o}, s:o, s:{s:o, s:o}, s:{s:f, s:f}, "
		"s:{s:o, s:o, s:o, s:o}, s:o, s:o}",
		"samples", num(a->samples), "load", counts(a->all.load), "store",
		counts(a->all.store), "sample_hz", num(s->meta->sample_hz), "provenance", "sampled",
		"shares", "load", shares(a->all.load, a->load, a->met_load), "store",
		shares(a->all.store, a->store, a->met_store), "modes", modes(a), "met", "load",
		num(a->met_load), "store", num(a->met_store), "expected", "load", a->expected_load,
		"store", a->expected_store, "leaf", "4k", num(a->leaf[LEAF_4K]), "2m",
		num(a->leaf[LEAF_2M]), "1g", num(a->leaf[LEAF_1G]), "unknown",
		num(a->leaf[LEAF_UNKNOWN]), "functions", rows(a->functions, a->nr_functions, false),
		"processes", rows(a->processes, a->nr_processes, true));
	json_object_set_new(o, "other", other(a));
	json_object_set_new(o, "large_pages", huge(a));
	return o;
}

json_t *out_accesses_json(const struct summary *s)
{
	json_t *o = sampled(s);

	json_object_set_new(o, "precise", precise(s));
	return o;
}
