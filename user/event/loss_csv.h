/* SPDX-License-Identifier: GPL-2.0 */
/* loss.csv: what was lost outside the rings, a row a cause. */
#ifndef KVAS_LOSS_CSV_H
#define KVAS_LOSS_CSV_H

#include "model/meta.h"
#include "event/csv_file.h"
#include "event/csv_table.h"

enum {
	LOSS_CAUSE,
	LOSS_WHAT,
	LOSS_COUNT,
	LOSS_COLUMNS,
};
/* The names of the columns; the rows are no records. */
extern const struct csv_table loss_csv_table;

/* The header and META's losses into F. */
void loss_csv_write(struct csv_file *f, const struct meta *meta);
/* One row's fields into L. Returns -1 when all is well, else the column that is not. */
int loss_csv_row(const struct csv_field f[LOSS_COLUMNS], struct loss_info *l);

#endif
