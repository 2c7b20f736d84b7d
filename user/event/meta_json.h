/* SPDX-License-Identifier: GPL-2.0 */
/* meta.json of a recording. */
#ifndef KVAS_META_JSON_H
#define KVAS_META_JSON_H

#include <linux/types.h>
#include <stddef.h>

#include "model/meta.h"
#include "err.h"

#define META_MAX_TABLES 16
/* A file that is read has no more. kvas's have 128 KB at most: META_MAX_HOOKS, each byte escaped. */
#define META_MAX_BYTES (1 << 20)

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
/* The LEN bytes of TEXT, a meta.json of DIR, which is for messages, into M and T. -1 with E. */
int meta_json_parse(const char *text, size_t len, const char *dir, struct meta *m,
		    struct meta_tables *t, struct err *e);
/* Read it back from below DIRFD; DIR is for messages. A redacted one gets the layout without KASLR.
 * -1 with E. */
int meta_json_read(int dirfd, const char *dir, struct meta *m, struct meta_tables *t,
		   struct err *e);

#endif
