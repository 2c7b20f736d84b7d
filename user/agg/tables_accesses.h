/* SPDX-License-Identifier: GPL-2.0 */
/* What the tables of sampled accesses share. */
#ifndef KVAS_AGG_TABLES_ACCESSES_H
#define KVAS_AGG_TABLES_ACCESSES_H

#include "agg/tables.h"

/* Why there are no shares; NULL there are. */
const char *accesses_why(const struct figures *g);

/* N of ALL accesses: COLUMN 1 is the share, 2 and 3 the ends of its interval, which RESTS_ON as
 * many; nothing where there are none. */
void access_share_cell(double n, double all, double rests_on, unsigned int column, struct cell *out);

#endif
