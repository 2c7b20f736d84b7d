/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "model/counters.h"
#include "event/csv_table.h"
#include "model/words.h"
#include "event/interval_csv.h"
#include "event/loss_csv.h"
#include "event/meta_json.h"
#include "event/recording.h"

#define MAX_COLUMNS 40

struct replay {
	const char *dir;
	const struct replay_opts *opts;
	const struct replay_sink *sink;
	struct meta *meta;
	struct meta_tables tables;
	struct csv_style style;
	int dirfd;
	__u64 last_ns; /* end of the last interval read */
	__u64 partial; /* tables that end within a row */
	struct err *e;
};

/* One table under way. */
struct table {
	struct replay *r;
	const char *file;
	const char *data;
	size_t size;
	__u64 line; /* of the row at hand, from 1 */
	__u64 rows;
	const struct csv_table *schema; /* of an event table */
};

/* Takes one row; -1 after an error, else 0. */
typedef int (*row_fn)(struct table *t, const struct csv_field *f);

static int bad_row(struct table *t, const char *column, const struct csv_field *f)
{
	return err_set(t->r->e, "%s/%s:%llu: column %s: '%.*s' is not what kvas writes there: the "
				"file was edited or damaged", t->r->dir, t->file,
		       (unsigned long long)t->line, column, f->len > 40 ? 40 : (int)f->len, f->s);
}

static int event_row(struct table *t, const struct csv_field *f)
{
	union kvas_record rec;
	int bad = csv_parse_row(t->schema, &t->r->style, f, &rec);

	if (bad >= 0)
		return bad_row(t, t->schema->columns[bad].name, &f[bad]);
	t->r->sink->event(t->r->sink->ctx, &rec);
	return 0;
}

static bool is(const struct csv_field *f, const char *word)
{
	return f->len == strlen(word) && !memcmp(f->s, word, f->len);
}

static int interval_row(struct table *t, const struct csv_field *f)
{
	const struct replay_sink *s = t->r->sink;
	__u64 time_ns, interval, who, value;
	char comm[KVAS_COMM_LEN];
	int c;

	if (!csv_get_u64(&f[0], &time_ns))
		return bad_row(t, "time_ns", &f[0]);
	if (!csv_get_u64(&f[1], &interval))
		return bad_row(t, "interval", &f[1]);
	if (!csv_get_u64(&f[7], &value))
		return bad_row(t, "value", &f[7]);
	if (is(&f[2], "end")) {
		t->r->last_ns = time_ns;
		s->interval(s->ctx);
	} else if (is(&f[2], "cpu")) {
		c = counter_by_name(f[6].s, f[6].len);
		if (c < 0)
			return bad_row(t, "counter", &f[6]);
		if (!csv_get_u64(&f[3], &who))
			return bad_row(t, "cpu", &f[3]);
		s->counter(s->ctx, who, c, value);
	} else if (is(&f[2], "process")) {
		c = task_counter_by_name(f[6].s, f[6].len);
		if (c < 0)
			return bad_row(t, "counter", &f[6]);
		if (!csv_get_u64(&f[4], &who) || who > 0xffffffffULL)
			return bad_row(t, "pid", &f[4]);
		if (!csv_get_comm(&f[5], comm))
			return bad_row(t, "comm", &f[5]);
		s->process(s->ctx, who, comm, c, value);
	} else {
		return bad_row(t, "scope", &f[2]);
	}
	return 0;
}

static int loss_row(struct table *t, const struct csv_field *f)
{
	__u64 count;

	if (loss_csv_row(f, t->r->meta))
		return 0;
	if (!csv_get_u64(&f[2], &count))
		return bad_row(t, "count", &f[2]);
	return bad_row(t, "cause or what", &f[0]);
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

static int check_header(struct table *t, const char *want, const char **pos)
{
	const char *end = memchr(t->data, '\n', t->size);
	size_t len = strlen(want);

	/* Killed before the first write: no rows, no header. */
	if (!end && t->r->meta->complete != ANSWER_YES) {
		*pos = t->data + t->size;
		t->r->partial += t->size > 0;
		return 0;
	}
	if (t->size >= len && !memcmp(t->data, want, len)) {
		*pos = t->data + len;
		return 0;
	}
	len = end ? (size_t)(end - t->data) : t->size;
	return err_set(t->r->e, "%s/%s:1: the header is not kvas's: found '%.*s', expected '%.*s'",
		       t->r->dir, t->file, len > 80 ? 80 : (int)len, t->data,
		       (int)strcspn(want, "\n") > 80 ? 80 : (int)strcspn(want, "\n"), want);
}

static int read_rows(struct table *t, const char *pos, int columns, row_fn fn)
{
	const char *end = t->data + t->size;
	struct csv_field f[MAX_COLUMNS];
	int n;

	for (t->line = 2; pos < end; t->line++) {
		n = csv_split(&pos, end, f, columns);
		if (n == -1) {
			if (t->r->meta->complete != ANSWER_YES) {
				t->r->partial++;
				return 0;
			}
			return err_set(t->r->e, "%s/%s:%llu: the last row is cut short", t->r->dir,
				       t->file, (unsigned long long)t->line);
		}
		if (n != columns)
			return err_set(t->r->e, "%s/%s:%llu: the row has not the %d fields of the "
						"header: the file was edited or damaged",
				       t->r->dir, t->file, (unsigned long long)t->line, columns);
		if (fn(t, f))
			return -1;
		t->rows++;
	}
	return 0;
}

/* Map FILE; -1 with E. An empty file has data "". */
static int map_table(struct table *t)
{
	struct replay *r = t->r;
	int fd = openat(r->dirfd, t->file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		err_set(r->e, "%s/%s cannot be read: %s: the recording is not whole", r->dir,
			t->file, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	t->size = st.st_size;
	t->data = "";
	if (t->size) {
		void *p = mmap(NULL, t->size, PROT_READ, MAP_PRIVATE, fd, 0);

		if (p == MAP_FAILED) {
			close(fd);
			return err_set(r->e, "%s/%s cannot be mapped: %s", r->dir, t->file,
				       strerror(errno));
		}
		madvise(p, t->size, MADV_SEQUENTIAL);
		t->data = p;
	}
	close(fd);
	return 0;
}

static int read_table(struct replay *r, const char *file, const struct csv_table *schema,
		      const char *header, int columns, row_fn fn)
{
	struct table t = { .r = r, .file = file, .schema = schema };
	const char *pos = NULL;
	int ret;

	/* loss.csv comes last: a recording cut short may have none. */
	if (fn == loss_row && r->meta->complete != ANSWER_YES &&
	    faccessat(r->dirfd, file, F_OK, 0))
		return 0;
	if (map_table(&t))
		return -1;
	ret = check_unchanged(&t);
	if (!ret)
		ret = check_header(&t, header, &pos);
	if (!ret)
		ret = read_rows(&t, pos, columns, fn);
	if (t.size)
		munmap((void *)t.data, t.size);
	return ret;
}

static int read_tables(struct replay *r)
{
	char file[32], header[CSV_ROW_MAX];

	/* vmalloc before task: who allocated what is known when they end. */
	for (unsigned int k = KVAS_KIND_END - 1; k >= KVAS_KIND_TASK; k--) {
		const struct csv_table *schema = csv_table(k);

		if (!(r->meta->emit & (1u << k)))
			continue;
		snprintf(file, sizeof(file), "%s.csv", word_kind_name(k));
		header[csv_header(schema, header)] = '\0';
		if (read_table(r, file, schema, header, schema->nr, event_row))
			return -1;
	}
	if (read_table(r, "interval.csv", NULL, INTERVAL_CSV_HEADER, INTERVAL_CSV_COLUMNS,
		       interval_row))
		return -1;
	return read_table(r, "loss.csv", NULL, LOSS_CSV_HEADER, LOSS_CSV_COLUMNS, loss_row);
}

int replay(const char *dir, const struct replay_opts *opts, struct meta *meta,
	   const struct replay_sink *sink, struct err *e)
{
	struct replay r = { .dir = dir, .opts = opts, .sink = sink, .meta = meta, .e = e };
	int ret;

	r.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.dirfd < 0)
		return err_set(e, "recording '%s' cannot be opened: %s", dir, strerror(errno));
	ret = meta_json_read(r.dirfd, dir, meta, &r.tables, e);
	r.style = (struct csv_style){ .layout = &meta->host.layout,
				      .plain = &meta->host.layout,
				      .redact = meta->redacted };
	region_map_make(&r.style.map, r.style.layout);
	if (!ret && sink->begin(sink->ctx, meta))
		ret = err_set(e, "out of memory");
	if (!ret)
		ret = read_tables(&r);
	close(r.dirfd);
	if (ret)
		return -1;
	if (meta->complete == ANSWER_YES)
		return 0;
	meta->end_ns = r.last_ns > meta->start_ns ? r.last_ns : meta->start_ns;
	err_set(e, "recording '%s' is cut short: kvas did not finish it%s; the figures are of what "
		   "is there", dir, r.partial ? ", and a table ends within a row" : "");
	return 1;
}
