/* SPDX-License-Identifier: GPL-2.0 */
#include "event/loss_csv.h"

#include <string.h>

void loss_csv_write(struct csv_file *f, const struct meta *meta)
{
	char *p = csv_file_room(f, CSV_ROW_MAX), *start;

	if (p)
		csv_file_put(f, stpcpy(p, LOSS_CSV_HEADER) - p, 0);
	for (unsigned int i = 0; i < meta->nr_losses; i++) {
		start = p = csv_file_room(f, CSV_ROW_MAX);
		if (!p)
			return;
		/* Causes and places are kvas's own words: nothing to quote. */
		p = stpcpy(p, meta->losses[i].cause);
		*p++ = ',';
		p = stpcpy(p, meta->losses[i].what);
		*p++ = ',';
		p = csv_put_u64(p, meta->losses[i].count);
		*p++ = '\n';
		csv_file_put(f, p - start, 1);
	}
}

bool loss_csv_row(const struct csv_field f[LOSS_CSV_COLUMNS], struct meta *meta)
{
	struct loss_info l = { 0 };

	if (!f[0].len || !csv_get_name(&f[0], l.cause, sizeof(l.cause)) ||
	    !csv_get_name(&f[1], l.what, sizeof(l.what)) || !csv_get_u64(&f[2], &l.count))
		return false;
	meta_add_loss(meta, l.cause, l.what, l.count);
	return true;
}
