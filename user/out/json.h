/* SPDX-License-Identifier: GPL-2.0 */
/* The summary as one JSON value: what json and csv output are printed from. */
#ifndef KVAS_OUT_JSON_H
#define KVAS_OUT_JSON_H

#include <jansson.h>

#include "agg/summary.h"

/* A new object with design.md's keys; keys keep their order. */
json_t *summary_json(const struct summary *s);
/* Count, smallest, percentiles and largest; null of none. New reference. */
json_t *out_quantiles(const struct hist *h);

#endif
