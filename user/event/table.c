/* SPDX-License-Identifier: GPL-2.0 */
/* One table of a recording: its file, its header, its rows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "event/input.h"
#include "event/replay.h"

#define BUFFER (256u << 10)
/* Years of nanoseconds, exabytes: what counts does not get there, and a few such sums do not wrap. */
#define SUM_MOST (1ULL << 60)

_Static_assert(BUFFER >= 2 * TABLE_ROW_MAX, "the next row fits behind the rest of a block");

int table_bad_row(struct table *t, unsigned int column)
{
	const struct csv_field *f = &t->field[column];

	return err_set(t->r->e, "%s/%s:%llu: column %s: '%.*s' is not what kvas writes there: the "
				"file was edited or damaged", t->r->dir, t->file,
		       (unsigned long long)t->line, t->columns->columns[column].name,
		       f->len > 40 ? 40 : (int)f->len, f->s);
}

int table_bad_values(struct table *t)
{
	return err_set(t->r->e, "%s/%s:%llu: the row's values do not go together: the file was edited or "
				"damaged", t->r->dir, t->file, (unsigned long long)t->line);
}

int table_add(struct table *t, const char *column, __u64 value, __u64 *sum)
{
	if (!__builtin_add_overflow(*sum, value, sum) && *sum <= SUM_MOST)
		return 0;
	return err_set(t->r->e, "%s/%s:%llu: column %s: with %llu the sum passes 2^60, which nothing "
				"counts to: the file was edited or damaged", t->r->dir, t->file,
		       (unsigned long long)t->line, column, (unsigned long long)value);
}

/* The next block behind what is left of the last one. -1 with an error. */
static int fill(struct table *t)
{
	size_t left = t->end - t->pos, room = BUFFER - left;
	long n;

	memmove(t->buf, t->pos, left);
	t->pos = t->buf;
	t->end = t->buf + left;
	n = input_read(t->fd, t->buf + left, room < t->unread ? room : t->unread);
	if (n <= 0)
		return err_set(t->r->e, "%s/%s: reading failed: %s", t->r->dir, t->file,
			       n ? strerror(errno) : "the file was made shorter meanwhile");
	t->end += n;
	t->unread -= n;
	return 0;
}

/* XXH3-64 of the whole file, which is then at its beginning again. -1 with an error. */
static int hash_file(struct table *t, __u64 *hash)
{
	XXH3_state_t *state = XXH3_createState();
	int ret = state && !XXH3_64bits_reset(state) ? 0 : err_set(t->r->e, "out of memory");

	while (!ret && t->unread) {
		ret = fill(t);
		XXH3_64bits_update(state, t->pos, t->end - t->pos);
		t->pos = t->end;
	}
	*hash = ret ? 0 : XXH3_64bits_digest(state);
	XXH3_freeState(state);
	t->pos = t->end = t->buf;
	t->unread = t->size;
	if (!ret && lseek(t->fd, 0, SEEK_SET))
		ret = err_set(t->r->e, "%s/%s: reading failed: %s", t->r->dir, t->file,
			      strerror(errno));
	return ret;
}

static const struct meta_table *described(const struct table *t)
{
	for (unsigned int i = 0; i < t->r->tables.nr; i++)
		if (!strcmp(t->r->tables.table[i].file, t->file))
			return &t->r->tables.table[i];
	return NULL;
}

/* The table must be what was written when the recording was finished. */
static int check_unchanged(struct table *t)
{
	const struct meta_table *mt = described(t);
	struct replay *r = t->r;
	const char *what = NULL;
	__u64 hash;

	if (r->meta->complete != ANSWER_YES || r->opts->force)
		return 0;
	if (!mt)
		what = "meta.json does not list it";
	else if (mt->bytes != t->size)
		what = t->size < mt->bytes ? "it is shorter than when it was recorded" :
					     "it is longer than when it was recorded";
	else if (hash_file(t, &hash))
		return -1;
	else if (mt->xxh3 != hash)
		what = "its checksum differs";
	if (!what)
		return 0;
	return err_set(r->e, "%s/%s was changed after it was recorded: %s; --force reports what is "
			     "there all the same", r->dir, t->file, what);
}

static int column_by_name(const struct csv_table *columns, const struct csv_field *f)
{
	for (unsigned int i = 0; i < columns->nr; i++)
		if (strlen(columns->columns[i].name) == f->len &&
		    !memcmp(columns->columns[i].name, f->s, f->len))
			return i;
	return -1;
}

/* Which column each field of a row is. */
static int bind_columns(struct table *t, const struct csv_field *header, unsigned int nr)
{
	for (unsigned int i = 0; i < t->columns->nr; i++)
		t->field[i].s = csv_no_field;
	t->nr_fields = nr;
	t->in_order = nr == t->columns->nr;
	for (unsigned int i = 0; i < nr; i++) {
		int c = column_by_name(t->columns, &header[i]);

		if (c < 0 || t->field[c].s != csv_no_field)
			return err_set(t->r->e, "%s/%s:1: column '%.*s' is %s: the file was edited, "
						"or is not kvas's", t->r->dir, t->file,
				       header[i].len > 40 ? 40 : (int)header[i].len, header[i].s,
				       c < 0 ? "none that kvas knows" : "there twice");
		t->field[c] = header[i];
		t->column_of[i] = c;
		t->in_order &= c == (int)i;
	}
	for (unsigned int i = 0; i < t->columns->nr && t->r->tables.schema >= KVAS_SCHEMA; i++)
		if (t->field[i].s == csv_no_field)
			return err_set(t->r->e, "%s/%s:1: column '%s' is missing: the file was edited, "
						"or is not kvas's", t->r->dir, t->file,
				       t->columns->columns[i].name);
	return 0;
}

/* Split the row at hand into at most MAX fields of F, and go behind it: csv_split. The row is
 * found in the buffer as a whole, or has no end within TABLE_ROW_MAX bytes. -3 with an error. */
static int split_row(struct table *t, struct csv_field *f, int max)
{
	const char *end;

	while (t->end - t->pos < TABLE_ROW_MAX && t->unread)
		if (fill(t))
			return -3;
	end = t->end - t->pos > TABLE_ROW_MAX ? t->pos + TABLE_ROW_MAX : t->end;
	return csv_split(&t->pos, end, f, max);
}

/* Does the row at hand, which has no end, end with the file? */
static bool at_end(const struct table *t)
{
	return !t->unread && t->end - t->pos < TABLE_ROW_MAX;
}

static int too_long(struct table *t)
{
	return err_set(t->r->e, "%s/%s:%llu: the row does not end within %d bytes, and kvas writes none "
				"as long: the file was edited or damaged", t->r->dir, t->file,
		       (unsigned long long)t->line, TABLE_ROW_MAX);
}

static int read_header(struct table *t)
{
	struct csv_field header[TABLE_COLUMNS];
	int n = split_row(t, header, TABLE_COLUMNS);

	if (n == -3)
		return -1;
	/* Killed before the first write, or in it: no rows, no header. */
	if (n == -1 && at_end(t) && t->r->meta->complete != ANSWER_YES) {
		t->r->partial += t->pos < t->end;
		t->pos = t->end;
		return 0;
	}
	if (n < 0)
		return err_set(t->r->e, "%s/%s:1: there is no header: the file was edited, or is not "
					"kvas's", t->r->dir, t->file);
	return bind_columns(t, header, n);
}

bool table_lacks(const struct table *t, const char *column)
{
	for (unsigned int i = 0; i < t->nr_fields; i++)
		if (!strcmp(t->columns->columns[t->column_of[i]].name, column))
			return false;
	return t->nr_fields;
}

int table_open(struct table *t, struct replay *r, const char *word, const struct csv_table *columns)
{
	t->r = r;
	t->columns = columns;
	t->line = 1;
	snprintf(t->file, sizeof(t->file), "%s.csv", word);
	t->fd = input_open(r->dirfd, r->dir, t->file, &t->size, r->e);
	if (t->fd < 0)
		return -1;
	t->open = true;
	t->unread = t->size;
	t->buf = malloc(BUFFER);
	t->pos = t->end = t->buf;
	if (!t->buf)
		return err_set(r->e, "out of memory");
	return check_unchanged(t) || read_header(t) ? -1 : 0;
}

void table_close(struct table *t)
{
	if (t->open)
		close(t->fd);
	t->open = false;
	free(t->buf);
	t->buf = NULL;
}

/* A row that has no end: the last of a recording that was cut short. */
static int partial_row(struct table *t)
{
	if (!at_end(t))
		return too_long(t);
	if (t->r->meta->complete == ANSWER_YES)
		return err_set(t->r->e, "%s/%s:%llu: the last row is cut short", t->r->dir, t->file,
			       (unsigned long long)t->line);
	t->r->partial++;
	t->pos = t->end;
	return 0;
}

int table_next(struct table *t)
{
	struct csv_field f[TABLE_COLUMNS];
	int n;

	if (t->pos == t->end && !t->unread)
		return 0;
	t->line++;
	n = split_row(t, t->in_order ? t->field : f, t->nr_fields);
	if (n == -3)
		return -1;
	if (n == -1)
		return partial_row(t);
	if (n != (int)t->nr_fields)
		return err_set(t->r->e, "%s/%s:%llu: the row has not the %u fields of the header: the "
					"file was edited or damaged", t->r->dir, t->file,
			       (unsigned long long)t->line, t->nr_fields);
	for (int i = 0; !t->in_order && i < n; i++)
		t->field[t->column_of[i]] = f[i];
	return 1;
}
