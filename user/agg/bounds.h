/* SPDX-License-Identifier: GPL-2.0 */
/* What makes a figure a lower bound, or unknown, though its own hook counts: a map of kvas's in the
 * kernel that had no room, a recording that is cut short, a hook that is missing. FULL() and LACKS() of
 * figures.def. */
#ifndef KVAS_BOUNDS_H
#define KVAS_BOUNDS_H

#include "agg/figures.h"

/* Make F, the figure ID of the run S, unknown or a lower bound where a full map touches it, and a lower
 * bound where the recording is cut short, or a hook that sees a part of its events is missing. DERIVED:
 * the figure's own hook is missing, and its events follow from others. */
void figure_bounds(const struct summary *s, enum figure_id id, bool derived, struct figure *f);

#endif
