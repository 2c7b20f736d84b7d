/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording, replayed in the order in which it happened: its tables are merged by time, and
 * the rows of one table keep their order. At one time events come in the order of their kinds,
 * and an interval's end comes after all of them.
 */
#include "event/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "event/event.h"
#include "event/interval_csv.h"
#include "event/loss_csv.h"
#include "model/counters.h"
#include "model/words.h"

#define NEVER (~0ULL)
#define TIME_MOST ((__u64)INT64_MAX)

/* A table being merged, and its row at hand. */
struct lane {
	struct table t;
	__u64 time_ns; /* NEVER: no row is left */
	__u64 sum; /* of all that its rows add up */
	union kvas_record rec; /* of an event table */
};

enum { INTERVALS = KVAS_KIND_END, LANES };

struct merge {
	struct replay *r;
	struct lane lane[LANES]; /* by kind, then interval.csv; 0 is not used */
};

static bool is(const struct csv_field *f, const char *word)
{
	return f->len == strlen(word) && !memcmp(f->s, word, f->len);
}

static int deliver_counter(struct lane *l)
{
	const struct sink *s = l->t.r->sink;
	const struct csv_field *f = l->t.field;
	int c = counter_by_name(f[INTERVAL_COUNTER].s, f[INTERVAL_COUNTER].len);
	__u64 cpu, value;

	if (c < 0)
		return table_bad_row(&l->t, INTERVAL_COUNTER);
	if (!csv_get_u64(&f[INTERVAL_CPU], &cpu) || cpu > 0xffffffffULL)
		return table_bad_row(&l->t, INTERVAL_CPU);
	if (!csv_get_u64(&f[INTERVAL_VALUE], &value))
		return table_bad_row(&l->t, INTERVAL_VALUE);
	if (table_add(&l->t, "value", value, &l->sum))
		return -1;
	sink_counter(s, l->time_ns, cpu, c, value);
	return 0;
}

static int deliver_process(struct lane *l)
{
	const struct sink *s = l->t.r->sink;
	const struct csv_field *f = l->t.field;
	int c = task_counter_by_name(f[INTERVAL_COUNTER].s, f[INTERVAL_COUNTER].len);
	char comm[KVAS_COMM_LEN];
	struct process_id id = { 0 };
	__u64 pid, value;

	if (c < 0)
		return table_bad_row(&l->t, INTERVAL_COUNTER);
	if (!csv_get_u64(&f[INTERVAL_PID], &pid) || pid > 0xffffffffULL)
		return table_bad_row(&l->t, INTERVAL_PID);
	if (!csv_get_comm(&f[INTERVAL_COMM], comm, l->t.r->meta->csv_safe))
		return table_bad_row(&l->t, INTERVAL_COMM);
	if (!csv_get_u64(&f[INTERVAL_VALUE], &value))
		return table_bad_row(&l->t, INTERVAL_VALUE);
	if (f[INTERVAL_START_NS].len && !csv_get_u64(&f[INTERVAL_START_NS], &id.start_ns))
		return table_bad_row(&l->t, INTERVAL_START_NS);
	if (table_add(&l->t, "value", value, &l->sum))
		return -1;
	id.pid = pid;
	sink_process(s, l->time_ns, id, comm, c, value);
	return 0;
}

static int deliver_end(struct lane *l)
{
	struct replay *r = l->t.r;
	__u64 began_ns = r->interval_ns ? r->interval_ns : r->meta->start_ns;

	r->interval_ns = l->time_ns;
	return sink_interval(r->sink, l->time_ns, l->time_ns > began_ns ? l->time_ns - began_ns : 0,
			     r->e);
}

static int deliver_interval_row(struct lane *l)
{
	const struct csv_field *scope = &l->t.field[INTERVAL_SCOPE];

	if (is(scope, "cpu"))
		return deliver_counter(l);
	if (is(scope, "process"))
		return deliver_process(l);
	if (is(scope, "end"))
		return deliver_end(l);
	return table_bad_row(&l->t, INTERVAL_SCOPE);
}

/* What views add up of the record at hand, and the number that they show as it is. */
static int add_up(struct lane *l)
{
	const union kvas_record *r = &l->rec;
	__u64 alone = 0;

	if (r->h.kind == KVAS_KIND_VMALLOC)
		return table_add(&l->t, "bytes", r->vm.bytes, &l->sum) ||
		       table_add(&l->t, "areas", r->vm.areas, &l->sum) ||
		       table_add(&l->t, "lazy_bytes", r->vm.lazy_bytes, &alone);
	if (r->h.kind == KVAS_KIND_MEMORY)
		return table_add(&l->t, "count", r->memory.count, &l->sum) ||
		       table_add(&l->t, "bytes", r->memory.bytes, &l->sum);
	return 0;
}

/* The next row of lane I of M into it. -1 with an error. */
static int advance(struct merge *m, unsigned int i)
{
	struct lane *l = &m->lane[i];
	int got = table_next(&l->t), bad;
	__u64 number;

	l->time_ns = NEVER;
	if (got <= 0)
		return got;
	if (i == INTERVALS) {
		bad = !csv_get_u64(&l->t.field[INTERVAL_TIME_NS], &l->time_ns) ? INTERVAL_TIME_NS :
		      !csv_get_u64(&l->t.field[INTERVAL_NUMBER], &number) ? INTERVAL_NUMBER :
									    -1;
	} else {
		bad = csv_parse_row(l->t.columns, &m->r->style, l->t.field, &l->rec);
		l->time_ns = l->rec.h.time_ns;
	}
	if (bad >= 0 || l->time_ns > TIME_MOST) /* time_ns is the first column of all */
		return table_bad_row(&l->t, bad >= 0 ? bad : 0);
	if (i == INTERVALS)
		return 0;
	if (!event_holds(&l->rec))
		return table_bad_values(&l->t);
	return add_up(l) ? -1 : 0;
}

/* The lane with the earliest row; *NEXT_NS is the time of the earliest of the others. LANES
 * when no row is left. */
static unsigned int earliest(const struct merge *m, __u64 *next_ns)
{
	unsigned int at = LANES;
	__u64 time_ns = NEVER;

	*next_ns = NEVER;
	for (unsigned int i = 0; i < LANES; i++) {
		if (m->lane[i].time_ns < time_ns) {
			*next_ns = time_ns;
			time_ns = m->lane[i].time_ns;
			at = i;
		} else if (m->lane[i].time_ns < *next_ns) {
			*next_ns = m->lane[i].time_ns;
		}
	}
	return at;
}

/* Rows of one lane are delivered at one go while it is the earliest. Nonzero ends the replay. */
static int merge_rows(struct merge *m)
{
	__u64 next_ns;
	unsigned int i;
	int ret = 0;

	while (!ret && (i = earliest(m, &next_ns)) < LANES) {
		struct lane *l = &m->lane[i];

		if (!m->r->meta->start_ns)
			m->r->meta->start_ns = l->time_ns;
		do {
			m->r->last_ns = l->time_ns;
			if (i == INTERVALS)
				ret = deliver_interval_row(l);
			else
				sink_event(m->r->sink, &l->rec);
			if (!ret)
				ret = advance(m, i);
		} while (!ret && l->time_ns < next_ns);
	}
	return ret;
}

static int open_lane(struct merge *m, unsigned int i)
{
	const struct csv_table *columns = i == INTERVALS ? &interval_csv_table : csv_table(i);
	const char *word = i == INTERVALS ? "interval" : word_kind_name(i);

	if (table_open(&m->lane[i].t, m->r, word, columns))
		return -1;
	/* What is read as 0 in its place would say that no process ended. */
	if (i == KVAS_KIND_TASK)
		m->r->meta->no_group_dead = table_lacks(&m->lane[i].t, "group_dead");
	return advance(m, i);
}

static int merge_tables(struct replay *r)
{
	struct merge *m = calloc(1, sizeof(*m));
	int ret = 0;

	if (!m)
		return err_set(r->e, "out of memory");
	m->r = r;
	for (unsigned int i = 0; i < LANES; i++) {
		m->lane[i].time_ns = NEVER;
		if (!ret && (i == INTERVALS || r->meta->emit & (1u << i)))
			ret = open_lane(m, i);
	}
	if (!ret)
		ret = merge_rows(m);
	for (unsigned int i = 0; i < LANES; i++)
		table_close(&m->lane[i].t);
	free(m);
	return ret < 0 ? -1 : 0;
}

static int read_losses(struct replay *r)
{
	struct loss_info loss;
	struct table t = { 0 };
	__u64 sum = 0;
	int got, bad;

	/* loss.csv comes last: a recording cut short may have none. */
	if (r->meta->complete != ANSWER_YES && faccessat(r->dirfd, "loss.csv", F_OK, 0))
		return 0;
	got = table_open(&t, r, "loss", &loss_csv_table);
	while (!got && (got = table_next(&t)) > 0) {
		bad = loss_csv_row(t.field, &loss);
		got = bad >= 0 ? table_bad_row(&t, bad) : table_add(&t, "count", loss.count, &sum);
		if (!got)
			meta_add_loss(r->meta, loss.cause, loss.what, loss.count);
	}
	table_close(&t);
	return got;
}

/* Does the kvas that makes the recording hold it still (recording.c)? */
static bool held(int dirfd)
{
	if (!flock(dirfd, LOCK_SH | LOCK_NB)) {
		flock(dirfd, LOCK_UN);
		return false;
	}
	return errno == EWOULDBLOCK;
}

/* A recording that was not finished: what there is to say of it. 1. */
static int not_whole(struct replay *r)
{
	struct meta *m = r->meta;

	m->end_ns = r->last_ns > m->start_ns ? r->last_ns : m->start_ns;
	if (m->under_way)
		err_set(r->e, "recording '%s' is still being made: the figures are of what is there so "
			      "far", r->dir);
	else
		err_set(r->e, "recording '%s' is cut short: kvas did not finish it%s; the figures are "
			      "of what is there", r->dir,
			r->partial ? ", and a table ends within a row" : "");
	return 1;
}

int replay(const char *dir, const struct replay_opts *opts, struct meta *meta,
	   const struct sink *sink, struct err *e)
{
	struct replay r = { .dir = dir, .opts = opts, .sink = sink, .meta = meta, .e = e };
	bool was_held;
	int ret;

	r.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r.dirfd < 0)
		return err_set(e, "recording '%s' cannot be opened: %s", dir, strerror(errno));
	/* Asked first: what is not held now, and not complete after this, nobody will finish. */
	was_held = held(r.dirfd);
	ret = meta_json_read(r.dirfd, dir, meta, &r.tables, e);
	meta->under_way = was_held && meta->complete == ANSWER_NO;
	r.style = (struct csv_style){ .layout = &meta->host.layout,
				      .plain = &meta->host.layout,
				      .redact = meta->redacted,
				      .safe = meta->csv_safe };
	region_map_make(&r.style.map, r.style.layout);
	if (!ret)
		ret = merge_tables(&r);
	if (!ret)
		ret = read_losses(&r);
	close(r.dirfd);
	if (ret)
		return -1;
	return meta->complete == ANSWER_YES ? 0 : not_whole(&r);
}
