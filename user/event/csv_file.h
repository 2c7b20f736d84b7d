/* SPDX-License-Identifier: GPL-2.0 */
/* A file written through a large buffer, with the count and checksum of what went
 * in. An error is kept: what comes after it is dropped, what came before stays. */
#ifndef KVAS_CSV_FILE_H
#define KVAS_CSV_FILE_H

#include <linux/types.h>
#include <stddef.h>

#include "err.h"

struct csv_file {
	int fd; /* -1 not open */
	int error; /* first errno of a write; 0 none */
	char *buf;
	size_t used;
	__u64 bytes; /* written to the file */
	__u64 rows; /* header not counted */
	__u64 refused; /* rows dropped after the error */
	void *hash; /* XXH3 state of the bytes written */
	char name[32];
};

/* Create NAME in directory DIRFD, where it must not exist; with AT_FDCWD NAME is a path
 * as outfile_open_path takes it. Mode 0600. -1 with E. */
int csv_file_open(struct csv_file *f, int dirfd, const char *name, struct err *e);
/* Room for LEN bytes at the returned place (LEN at most 64 KiB); NULL after an
 * error. csv_file_put says how many were used, and that they were a row. */
char *csv_file_room(struct csv_file *f, size_t len);
void csv_file_put(struct csv_file *f, size_t len, int is_row);
/* Give everything to the kernel. -1 with E after any error so far. */
int csv_file_flush(struct csv_file *f, struct err *e);
/* XXH3-64 of what was written so far. */
__u64 csv_file_hash(const struct csv_file *f);
void csv_file_close(struct csv_file *f);

#endif
