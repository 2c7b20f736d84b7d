/* SPDX-License-Identifier: GPL-2.0 */
/* vmalloc areas by caller, in the views. */
#ifndef KVAS_VIEW_AREAS_H
#define KVAS_VIEW_AREAS_H

#include <jansson.h>
#include <stdio.h>

#include "agg/figures.h"

/* Tables of the closing summary, TOP rows each; nothing where nothing was allocated. */
void view_areas_text(FILE *f, const struct summary *s, const struct figures *g, int top);
/* The key "vmalloc" of docs/json.md; new reference. */
json_t *view_areas_json(const struct summary *s, const struct figures *g);

#endif
