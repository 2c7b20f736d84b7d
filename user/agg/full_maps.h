/* SPDX-License-Identifier: GPL-2.0 */
/* What becomes of figures when one of kvas's maps in the kernel had no room: FULL() of figures.def. */
#ifndef KVAS_FULL_MAPS_H
#define KVAS_FULL_MAPS_H

#include "agg/figures.h"

/* Make F, the figure ID of the run S, unknown or a lower bound where a full map touches it.
 * DERIVED: the figure's hook is missing, and its events follow from others. */
void full_maps(const struct summary *s, enum figure_id id, bool derived, struct figure *f);

#endif
