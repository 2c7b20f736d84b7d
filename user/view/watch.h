/* SPDX-License-Identifier: GPL-2.0 */
/* Splits and collapses of the direct map as they happen. */
#ifndef KVAS_VIEW_WATCH_H
#define KVAS_VIEW_WATCH_H

#include <stdio.h>

#include "agg/splits.h"

/* HOW: "fentry", "kprobe"; NULL: nothing is hooked, WHY says why. */
void view_watch_head_text(FILE *f, const char *how, const char *why);
void view_watch_line_text(FILE *f, const struct watch_line *l);
void view_watch_end_text(FILE *f, const struct watch_total *t);
/* The same as JSON, an object a line. */
void view_watch_head_json(FILE *f, const char *how, const char *why);
void view_watch_line_json(FILE *f, const struct watch_line *l);
void view_watch_end_json(FILE *f, const struct watch_total *t);

#endif
