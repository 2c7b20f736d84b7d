/* SPDX-License-Identifier: GPL-2.0 */
/* vmalloc areas by caller, in the views. */
#ifndef KVAS_OUT_AREAS_H
#define KVAS_OUT_AREAS_H

#include <jansson.h>
#include <stdio.h>

#include "agg/figures.h"

/* Tables of the closing summary, TOP rows each; nothing where nothing was allocated. */
void out_areas_text(FILE *f, const struct summary *s, const struct figures *g, int top);
/* design.md's "vmalloc"; new reference. */
json_t *out_areas_json(const struct summary *s, const struct figures *g);

#endif
