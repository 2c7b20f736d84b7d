/* SPDX-License-Identifier: GPL-2.0 */
#include "event/recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/csv_file.h"
#include "event/csv_table.h"
#include "model/words.h"
#include "event/interval_csv.h"
#include "event/loss_csv.h"
#include "event/meta_json.h"
#include "outfile.h"

struct recording {
	struct csv_file table[KVAS_KIND_END]; /* by kind; fd -1 where not recorded */
	struct interval_csv *interval;
	struct csv_style style;
	struct meta meta; /* as of the last writing */
	const struct meta *live; /* the caller's */
	int dirfd;
	bool meta_has_start;
};

static int is_empty(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), empty = 1;
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!list) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((d = readdir(list)))
		empty &= !strcmp(d->d_name, ".") || !strcmp(d->d_name, "..");
	closedir(list);
	return empty;
}

/* A directory of our own: made, or there and empty. What is checked is what is used, by
 * its descriptor; a sticky one would let others put their files among ours. */
static int open_directory(const char *dir, struct err *e)
{
	int fd, empty;

	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_set(e, "directory '%s' (-o) cannot be made: %s", dir, strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, "'%s' (-o) is not a directory kvas can use: %s", dir,
			       strerror(errno));
	if (!outfile_dir_check(fd, dir, false, e)) {
		empty = is_empty(fd);
		if (empty > 0)
			return fd;
		if (empty < 0)
			err_set(e, "directory '%s' (-o) cannot be read: %s", dir, strerror(errno));
		else
			err_set(e, "directory '%s' is not empty: name another with -o, or "
				   "remove it", dir);
	}
	close(fd);
	return -1;
}

static int open_table(struct recording *r, unsigned int kind, struct err *e)
{
	struct csv_file *f = &r->table[kind];
	char name[32];

	snprintf(name, sizeof(name), "%s.csv", word_kind_name(kind));
	if (csv_file_open(f, r->dirfd, name, e))
		return -1;
	csv_file_put(f, csv_header(csv_table(kind), csv_file_room(f, CSV_ROW_MAX)), 0);
	return 0;
}

int recording_create(struct recording **out, const char *dir, const struct meta *meta,
		     struct err *e)
{
	struct recording *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, "out of memory");
	r->live = meta;
	r->style = (struct csv_style){ .layout = &meta->host.layout, .redact = meta->redacted,
				       .safe = meta->csv_safe };
	region_map_make(&r->style.map, r->style.layout);
	for (unsigned int k = 0; k < KVAS_KIND_END; k++)
		r->table[k].fd = -1;
	r->dirfd = open_directory(dir, e);
	if (r->dirfd < 0) {
		free(r);
		return -1;
	}
	/* For as long as it is open: report sees that the recording is still being made. Where
	 * there are no such locks, report says that it is cut short. */
	flock(r->dirfd, LOCK_EX | LOCK_NB);
	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		if (meta->emit & (1u << k) && open_table(r, k, e)) {
			recording_destroy(r);
			return -1;
		}
	r->meta = *meta;
	r->meta.complete = ANSWER_NO;
	if (interval_csv_create(&r->interval, r->dirfd, "interval.csv", meta->csv_safe, e) ||
	    meta_json_write(r->dirfd, &r->meta, NULL, e)) {
		recording_destroy(r);
		return -1;
	}
	*out = r;
	return 0;
}

void recording_event(struct recording *r, const union kvas_record *ev)
{
	struct csv_file *f = &r->table[ev->h.kind];
	char *p;

	if (f->fd < 0)
		return;
	p = csv_file_room(f, CSV_ROW_MAX);
	if (p)
		csv_file_put(f, csv_row(csv_table(ev->h.kind), &r->style, ev, p), 1);
}

void recording_counter(struct recording *r, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	interval_csv_counter(r->interval, time_ns, cpu, c, delta);
}

void recording_process(struct recording *r, __u64 time_ns, struct process_id id,
		       const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	interval_csv_process(r->interval, time_ns, id, comm, t, delta);
}

static int flush_tables(struct recording *r, struct err *e)
{
	struct err first = { 0 };
	int failed = 0;

	/* All of them, whatever one says: each keeps what it has. */
	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		if (r->table[k].fd >= 0 &&
		    csv_file_flush(&r->table[k], failed ? NULL : &first))
			failed = 1;
	if (failed && e)
		*e = first;
	return failed ? -1 : 0;
}

/* The window's start was not known when the recording was made. */
static int write_start(struct recording *r, struct err *e)
{
	if (r->meta_has_start || !r->live->start_ns)
		return 0;
	r->meta = *r->live;
	r->meta.complete = ANSWER_NO;
	if (meta_json_write(r->dirfd, &r->meta, NULL, e))
		return -1;
	r->meta_has_start = true;
	return 0;
}

int recording_interval(struct recording *r, __u64 time_ns, struct err *e)
{
	int failed = flush_tables(r, e);

	if (interval_csv_flush(r->interval, time_ns, failed ? NULL : e))
		failed = -1;
	return failed ? -1 : write_start(r, e);
}

static void recording_on_event(void *ctx, const union kvas_record *ev)
{
	recording_event(ctx, ev);
}

static void recording_on_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	recording_counter(ctx, time_ns, cpu, c, delta);
}

static void recording_on_process(void *ctx, __u64 time_ns, struct process_id id,
				 const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	recording_process(ctx, time_ns, id, comm, t, delta);
}

static int recording_on_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	(void)length_ns;
	return recording_interval(ctx, time_ns, e);
}

/* Not to wait for an interval's end, which a killed kvas may never see. */
static void recording_on_tick(void *ctx)
{
	write_start(ctx, NULL);
}

struct sink recording_sink(struct recording *r)
{
	return (struct sink){ .ctx = r, .event = recording_on_event,
			      .counter = recording_on_counter, .process = recording_on_process,
			      .interval = recording_on_interval, .tick = recording_on_tick };
}

__u64 recording_bytes(const struct recording *r)
{
	__u64 sum = interval_csv_file(r->interval)->bytes + interval_csv_file(r->interval)->used;

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		sum += r->table[k].bytes + r->table[k].used;
	return sum;
}

__u64 recording_rows(const struct recording *r)
{
	__u64 sum = interval_csv_file(r->interval)->rows;

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		sum += r->table[k].rows;
	return sum;
}

static void describe(struct meta_tables *t, const struct csv_file *f)
{
	struct meta_table *mt = &t->table[t->nr++];

	snprintf(mt->file, sizeof(mt->file), "%s", f->name);
	mt->rows = f->rows;
	mt->bytes = f->bytes;
	mt->xxh3 = csv_file_hash(f);
}

static int write_losses(struct recording *r, struct meta_tables *t, struct err *e)
{
	struct csv_file f;
	int failed;

	if (csv_file_open(&f, r->dirfd, "loss.csv", e))
		return -1;
	loss_csv_write(&f, r->live);
	failed = csv_file_flush(&f, e);
	describe(t, &f);
	csv_file_close(&f);
	return failed;
}

int recording_finish(struct recording *r, struct err *e)
{
	struct meta_tables t = { .nr = 0 };
	int failed = flush_tables(r, e);

	if (csv_file_flush(interval_csv_file(r->interval), failed ? NULL : e))
		failed = -1;
	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		if (r->table[k].fd >= 0)
			describe(&t, &r->table[k]);
	describe(&t, interval_csv_file(r->interval));
	if (write_losses(r, &t, failed ? NULL : e))
		failed = -1;
	r->meta = *r->live;
	r->meta.complete = failed ? ANSWER_NO : ANSWER_YES;
	if (meta_json_write(r->dirfd, &r->meta, failed ? NULL : &t, failed ? NULL : e))
		failed = -1;
	recording_destroy(r);
	return failed;
}

void recording_destroy(struct recording *r)
{
	if (!r)
		return;
	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++) {
		csv_file_flush(&r->table[k], NULL);
		csv_file_close(&r->table[k]);
	}
	if (r->interval)
		interval_csv_finish(r->interval, NULL);
	close(r->dirfd);
	free(r);
}
