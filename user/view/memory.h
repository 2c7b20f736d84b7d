/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_MEMORY_H
#define KVAS_VIEW_MEMORY_H

#include <jansson.h>
#include <stdio.h>

#include "agg/summary.h"

/* Why the sums of memory use are not known; NULL they are. */
const char *view_memory_why(const struct summary *s);
/* Why addresses are in region other that have one; NULL all regions are known. */
const char *view_memory_regions_why(const struct summary *s);
/* What the closing summary says of them; TOP functions of each table. */
void view_memory_text(FILE *f, const struct summary *s, int top);
/* Live's lines. */
void view_memory_lines(FILE *f, const struct summary *s, double seconds);
/* The summary's "memory"; null when not known. */
json_t *view_memory_json(const struct summary *s);

#endif
