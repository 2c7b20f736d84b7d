/* SPDX-License-Identifier: GPL-2.0 */
#include "event/loss_csv.h"

#include <string.h>

static const struct csv_column columns[LOSS_COLUMNS] = {
	[LOSS_CAUSE] = { .name = "cause" },
	[LOSS_WHAT] = { .name = "what" },
	[LOSS_COUNT] = { .name = "count" },
};
const struct csv_table loss_csv_table = { .columns = columns, .nr = LOSS_COLUMNS };

void loss_csv_write(struct csv_file *f, const struct meta *meta)
{
	char *p = csv_file_room(f, CSV_ROW_MAX), *start;

	if (p)
		csv_file_put(f, csv_header(&loss_csv_table, p), 0);
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

int loss_csv_row(const struct csv_field f[LOSS_COLUMNS], struct loss_info *l)
{
	if (!f[LOSS_CAUSE].len || !csv_get_name(&f[LOSS_CAUSE], l->cause, sizeof(l->cause)))
		return LOSS_CAUSE;
	if (!csv_get_name(&f[LOSS_WHAT], l->what, sizeof(l->what)))
		return LOSS_WHAT;
	return csv_get_u64(&f[LOSS_COUNT], &l->count) ? -1 : LOSS_COUNT;
}
