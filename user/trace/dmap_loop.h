/* SPDX-License-Identifier: GPL-2.0 */
/* The run loop of kvas dmap --watch. */
#ifndef KVAS_DMAP_LOOP_H
#define KVAS_DMAP_LOOP_H

#include "agg/splits.h"
#include "err.h"
#include "kernel/space.h"

/* Watch the direct map until a signal asks to end (trace/ending.h) or, when DURATION_S is not 0, its end. Ways of
 * attaching in AVOID (a bit per enum attach_how) are not used. -1 with E. */
int dmap_watch(struct space *s, unsigned int avoid, double duration_s,
	       const struct watch_sink *sink, struct err *e);

#endif
