/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of a recording, row by row: what replay.c merges. */
#ifndef KVAS_REPLAY_H
#define KVAS_REPLAY_H

#include <linux/types.h>

#include "event/csv_table.h"
#include "event/meta_json.h"
#include "event/recording.h"

#define TABLE_COLUMNS 48
#define TABLE_NAME 32

struct replay {
	const char *dir;
	const struct replay_opts *opts;
	const struct sink *sink;
	struct meta *meta;
	struct meta_tables tables;
	struct csv_style style;
	int dirfd;
	__u64 interval_ns; /* end of the last interval read */
	__u64 last_ns; /* time of the last row */
	__u64 partial; /* tables that end within a row */
	struct err *e;
};

/* A row with its line end. kvas writes none longer than CSV_ROW_MAX; another version may. */
#define TABLE_ROW_MAX (2 * CSV_ROW_MAX)

/* One table under way, read block by block. Its columns are bound by name: a recording of an older
 * schema may lack some, and they may stand in another order. */
struct table {
	struct replay *r;
	char file[TABLE_NAME];
	bool open;
	int fd;
	__u64 size; /* of the file when it was opened: what is added later is left out */
	__u64 unread; /* of these, not in BUF yet */
	char *buf;
	const char *pos, *end; /* in BUF: behind the row at hand; behind what was read */
	__u64 line; /* of the row at hand, from 1 */
	const struct csv_table *columns;
	unsigned int nr_fields; /* of a row */
	bool in_order; /* the fields are the columns as they stand */
	unsigned char column_of[TABLE_COLUMNS]; /* by field */
	struct csv_field field[TABLE_COLUMNS]; /* the row at hand, by column; until table_next */
};

/* Open the table WORD.csv of R, check that it is what was recorded, and bind its header to
 * COLUMNS. T is zeroed. -1 with R->e; then, too, T is for table_close. */
int table_open(struct table *t, struct replay *r, const char *word, const struct csv_table *columns);
/* Has the table a header, without COLUMN in it? */
bool table_lacks(const struct table *t, const char *column);
/* The next row into T->field. 1 a row, 0 none is left, -1 with R->e. */
int table_next(struct table *t);
/* Say that COLUMN of the row at hand is not what kvas writes; -1. */
int table_bad_row(struct table *t, unsigned int column);
/* Say that the values of the row at hand do not go together; -1. */
int table_bad_values(struct table *t);
/* Add VALUE, of COLUMN of the row at hand, to *SUM, which holds what rows before it had; 0. -1 with
 * R->e when the sum is more than anything counts to: it is an edited file, and sums would wrap. */
int table_add(struct table *t, const char *column, __u64 value, __u64 *sum);
void table_close(struct table *t);

#endif
