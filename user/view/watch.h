/* SPDX-License-Identifier: GPL-2.0 */
/* Splits and collapses of the direct map as they happen: a stream of a head, lines and an end. */
#ifndef KVAS_VIEW_WATCH_H
#define KVAS_VIEW_WATCH_H

#include <stdio.h>

#include "agg/splits.h"
#include "model/choices.h"

/* A sink that prints on F in the format HOW (text, or JSON: an object a line). F must outlive
 * the sink; each look's lines are flushed together. */
struct watch_sink view_watch_sink(enum format how, FILE *f);

#endif
