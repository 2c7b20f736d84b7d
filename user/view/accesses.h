/* SPDX-License-Identifier: GPL-2.0 */
/* The sampled accesses in the views. */
#ifndef KVAS_VIEW_ACCESSES_H
#define KVAS_VIEW_ACCESSES_H

#include <jansson.h>
#include <stdio.h>

#include "agg/summary.h"

/* Why there are no shares; NULL there are. */
const char *view_accesses_why(const struct summary *s);
/* A section of the closing summary; TOP functions. */
void view_accesses_text(FILE *f, const struct summary *s, int top);
/* A line of live's interval, with its line end; nothing when not sampled. */
void view_accesses_line(FILE *f, const struct summary *s);
/* The key "accesses" of docs/json.md; new reference. */
json_t *view_accesses_json(const struct summary *s);

#endif
