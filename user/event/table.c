/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "event/replay.h"

int table_bad_row(struct table *t, unsigned int column)
{
	const struct csv_field *f = &t->field[column];

	return err_set(t->r->e, "%s/%s:%llu: column %s: '%.*s' is not what kvas writes there: the "
				"file was edited or damaged", t->r->dir, t->file,
		       (unsigned long long)t->line, t->columns->columns[column].name,
		       f->len > 40 ? 40 : (int)f->len, f->s);
}

/* The table must be what was written when the recording was finished. */
static int check_unchanged(struct table *t)
{
	struct replay *r = t->r;
	const struct meta_table *mt = NULL;
	const char *what = NULL;

	if (r->meta->complete != ANSWER_YES || r->opts->force)
		return 0;
	for (unsigned int i = 0; i < r->tables.nr; i++)
		if (!strcmp(r->tables.table[i].file, t->file))
			mt = &r->tables.table[i];
	if (!mt)
		what = "meta.json does not list it";
	else if (mt->bytes != t->size)
		what = t->size < mt->bytes ? "it is shorter than when it was recorded" :
					     "it is longer than when it was recorded";
	else if (mt->xxh3 != XXH3_64bits(t->data, t->size))
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

static int read_header(struct table *t)
{
	const char *end = memchr(t->data, '\n', t->size);
	struct csv_field header[TABLE_COLUMNS];
	int n;

	/* Killed before the first write: no rows, no header. */
	if (!end && t->r->meta->complete != ANSWER_YES) {
		t->pos = t->data + t->size;
		t->r->partial += t->size > 0;
		return 0;
	}
	n = csv_split(&t->pos, t->data + t->size, header, TABLE_COLUMNS);
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

/* Map the file. An empty one has data "". */
static int map_file(struct table *t)
{
	struct replay *r = t->r;
	int fd = openat(r->dirfd, t->file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st)) {
		err_set(r->e, "%s/%s cannot be read: %s: the recording is not whole", r->dir,
			t->file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	t->pos = t->data = "";
	if (!st.st_size)
		return close(fd), 0;
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return err_set(r->e, "%s/%s cannot be mapped: %s", r->dir, t->file,
			       strerror(errno));
	madvise(p, st.st_size, MADV_SEQUENTIAL);
	t->size = st.st_size;
	t->pos = t->data = p;
	return 0;
}

int table_open(struct table *t, struct replay *r, const char *word, const struct csv_table *columns)
{
	t->r = r;
	t->columns = columns;
	t->line = 1;
	snprintf(t->file, sizeof(t->file), "%s.csv", word);
	return map_file(t) || check_unchanged(t) || read_header(t) ? -1 : 0;
}

void table_close(struct table *t)
{
	if (t->size)
		munmap((void *)t->data, t->size);
	t->size = 0;
}

/* A row that has no end: the last of a recording that was cut short. */
static int partial_row(struct table *t)
{
	if (t->r->meta->complete == ANSWER_YES)
		return err_set(t->r->e, "%s/%s:%llu: the last row is cut short", t->r->dir, t->file,
			       (unsigned long long)t->line);
	t->r->partial++;
	t->pos = t->data + t->size;
	return 0;
}

int table_next(struct table *t)
{
	const char *end = t->data + t->size;
	struct csv_field f[TABLE_COLUMNS];
	int n;

	if (t->pos >= end)
		return 0;
	t->line++;
	n = csv_split(&t->pos, end, t->in_order ? t->field : f, t->nr_fields);
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
