/* SPDX-License-Identifier: GPL-2.0 */
/* meta.json of a recording. */
#ifndef KVAS_META_JSON_H
#define KVAS_META_JSON_H

#include <linux/types.h>

#include "model/meta.h"
#include "err.h"

#define META_MAX_TABLES 16

/* What a finished table holds. */
struct meta_table {
	char file[32]; /* "fault.csv" */
	__u64 rows;
	__u64 bytes;
	__u64 xxh3; /* XXH3-64 of the file */
};

struct meta_tables {
	struct meta_table table[META_MAX_TABLES];
	unsigned int nr;
	unsigned int schema; /* of the recording: KVAS_SCHEMA or older */
};

/* Write META and TABLES as meta.json below DIRFD, atomically. A redacted meta has
 * no bases. -1 with E. */
int meta_json_write(int dirfd, const struct meta *m, const struct meta_tables *t, struct err *e);
/* Read it back; DIR is for messages. A redacted one gets the layout without KASLR.
 * -1 with E. */
int meta_json_read(int dirfd, const char *dir, struct meta *m, struct meta_tables *t,
		   struct err *e);

#endif
