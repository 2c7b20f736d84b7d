/* SPDX-License-Identifier: GPL-2.0 */
/* loss.csv: what was lost outside the rings, a row a cause. */
#ifndef KVAS_LOSS_CSV_H
#define KVAS_LOSS_CSV_H

#include "model/meta.h"
#include "event/csv_file.h"
#include "event/csv_table.h"

#define LOSS_CSV_HEADER "cause,what,count\n"
#define LOSS_CSV_COLUMNS 3

/* The header and META's losses into F. */
void loss_csv_write(struct csv_file *f, const struct meta *meta);
/* One row's fields into META. False when malformed. */
bool loss_csv_row(const struct csv_field f[LOSS_CSV_COLUMNS], struct meta *meta);

#endif
