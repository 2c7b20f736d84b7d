/* SPDX-License-Identifier: GPL-2.0 */
/* The summary as one JSON value: what json and csv output are printed from. */
#ifndef KVAS_VIEW_JSON_H
#define KVAS_VIEW_JSON_H

#include <jansson.h>
#include <string.h>

#include "agg/figures.h"
#include "agg/summary.h"
#include "event/json_text.h"

static inline json_t *num(__u64 v)
{
	return json_integer((json_int_t)v);
}

static inline json_t *text(const char *s)
{
	return json_text(s, strlen(s));
}

/* V, a part of the figure F; null where that is unknown. */
static inline json_t *part(struct figure f, __u64 v)
{
	return f.known ? num(v) : json_null();
}

static inline json_t *fig(struct figure f)
{
	return part(f, f.value);
}

/* A new object with the keys of docs/json.md; keys keep their order. */
json_t *summary_json(const struct summary *s);
/* Count, smallest, percentiles and largest; null of none. New reference. */
json_t *view_quantiles(const struct hist *h);

#endif
