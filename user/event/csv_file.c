/* SPDX-License-Identifier: GPL-2.0 */
#include "event/csv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "outfile.h"

#define BUFFER (1u << 20)

int csv_file_open(struct csv_file *f, int dirfd, const char *name, struct err *e)
{
	const char *base = strrchr(name, '/');

	memset(f, 0, sizeof(*f));
	snprintf(f->name, sizeof(f->name), "%s", base ? base + 1 : name);
	f->buf = malloc(BUFFER);
	f->hash = XXH3_createState();
	f->fd = -1;
	if (!f->buf || !f->hash || XXH3_64bits_reset(f->hash)) {
		err_set(e, "'%s' cannot be created: %s", name, strerror(ENOMEM));
	} else if (dirfd == AT_FDCWD) {
		f->fd = outfile_open_path(name, "--csv", e);
	} else {
		f->fd = outfile_new(dirfd, name);
		if (f->fd < 0)
			err_set(e, "'%s' cannot be created: %s", name, strerror(errno));
	}
	if (f->fd >= 0)
		return 0;
	csv_file_close(f);
	return -1;
}

/* Bytes of the whole rows among the first LEN of BUF, which begins with a row. A name in quotes may
 * hold a line end. */
static size_t whole_rows(const char *buf, size_t len)
{
	bool quoted = false;
	size_t whole = 0;

	for (size_t i = 0; i < len; i++) {
		quoted ^= buf[i] == '"';
		if (buf[i] == '\n' && !quoted)
			whole = i + 1;
	}
	return whole;
}

/* The buffer holds whole rows, and what failed in mid-row is taken back: the file ends on a whole
 * row. (A pipe's reader has it already.) */
static void drain(struct csv_file *f)
{
	size_t at = outfile_write(f->fd, f->buf, f->used, &f->error);
	size_t whole = at < f->used ? whole_rows(f->buf, at) : at;

	if (whole < at && ftruncate(f->fd, f->bytes + whole))
		whole = at;
	XXH3_64bits_update(f->hash, f->buf, whole);
	f->bytes += whole;
	f->used = 0;
}

char *csv_file_room(struct csv_file *f, size_t len)
{
	if (BUFFER - f->used < len)
		drain(f);
	if (f->error) {
		f->refused++;
		return NULL;
	}
	return f->buf + f->used;
}

void csv_file_put(struct csv_file *f, size_t len, int is_row)
{
	f->used += len;
	f->rows += is_row;
}

int csv_file_flush(struct csv_file *f, struct err *e)
{
	if (f->fd >= 0 && !f->error)
		drain(f);
	if (f->error)
		return err_set(e, "%s cannot be written: %s; what was written before it can be "
				  "reported", f->name, strerror(f->error));
	return 0;
}

void csv_file_close(struct csv_file *f)
{
	if (f->fd >= 0 && f->buf)
		close(f->fd);
	f->fd = -1;
	free(f->buf);
	f->buf = NULL;
	XXH3_freeState(f->hash);
	f->hash = NULL;
}

__u64 csv_file_hash(const struct csv_file *f)
{
	return XXH3_64bits_digest(f->hash);
}
