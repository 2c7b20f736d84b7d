/* SPDX-License-Identifier: GPL-2.0 */
/* What the short text says of figures that are not known, or not wholly. */
#ifndef KVAS_TEXT_NOTES_H
#define KVAS_TEXT_NOTES_H

#include <stdio.h>

#include "agg/figures.h"

/* Why the figure is a lower bound; NULL: it is none, or the whole run is cut short, which is said
 * elsewhere. */
const char *text_bound(const struct figures *g, enum figure_id id);

/* The reasons of lower bounds, each once, and how many figures are unknown because of this host or the
 * recording's end: a line each on F, unless that is NULL. How many lines. */
size_t text_notes(const struct figures *g, FILE *f);

#endif
