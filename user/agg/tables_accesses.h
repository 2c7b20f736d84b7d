/* SPDX-License-Identifier: GPL-2.0 */
/* What the tables of sampled accesses share. */
#ifndef KVAS_AGG_TABLES_ACCESSES_H
#define KVAS_AGG_TABLES_ACCESSES_H

#include "agg/tables.h"

/* Why there are no shares; NULL there are. */
const char *accesses_why(const struct figures *g);

/* The columns of shares by region, which access_share_cell() fills. */
#define SHARE_COLUMNS(head, width)                                                            \
	{                                                                                     \
		{ "region", head, width, CELL_TEXT, ALWAYS, "the region" },                   \
		{ "share", "SHARE", 8, CELL_SHARE, OPTIONAL, "part of all" },                 \
		{ "low", "AT LEAST", 8, CELL_SHARE, OPTIONAL, "lower end of its 95 % interval" }, \
		{ "high", "AT MOST", 8, CELL_SHARE, OPTIONAL, "upper end" },                  \
	}

/* COLUMN 0: the name of REGION. N of ALL accesses lead there: COLUMN 1 is the share, 2 and 3 the
 * ends of its interval, which RESTS_ON as many; nothing where there are none. */
void access_share_cell(size_t region, double n, double all, double rests_on, unsigned int column,
		       struct cell *out);

#endif
