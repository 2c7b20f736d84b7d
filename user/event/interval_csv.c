/* SPDX-License-Identifier: GPL-2.0 */
#include "event/interval_csv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "model/counters.h"
#include "event/csv_file.h"
#include "event/csv_table.h"

struct interval_csv {
	struct csv_file file;
	__u64 interval; /* number of the current one, from 1 */
	bool safe; /* --csv-safe */
};

static const struct csv_column columns[INTERVAL_COLUMNS] = {
	[INTERVAL_TIME_NS] = { .name = "time_ns" }, [INTERVAL_NUMBER] = { .name = "interval" },
	[INTERVAL_SCOPE] = { .name = "scope" },	    [INTERVAL_CPU] = { .name = "cpu" },
	[INTERVAL_PID] = { .name = "pid" },	    [INTERVAL_COMM] = { .name = "comm" },
	[INTERVAL_COUNTER] = { .name = "counter" }, [INTERVAL_VALUE] = { .name = "value" },
	[INTERVAL_START_NS] = { .name = "start_ns" },
};
const struct csv_table interval_csv_table = { .columns = columns, .nr = INTERVAL_COLUMNS };

int interval_csv_create(struct interval_csv **out, int dirfd, const char *file, bool safe,
			struct err *e)
{
	struct interval_csv *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set(e, "out of memory");
	if (csv_file_open(&w->file, dirfd, file, e)) {
		free(w);
		return -1;
	}
	csv_file_put(&w->file, csv_header(&interval_csv_table,
					  csv_file_room(&w->file, CSV_ROW_MAX)), 0);
	w->interval = 1;
	w->safe = safe;
	*out = w;
	return 0;
}

static char *begin(struct interval_csv *w, __u64 time_ns, const char *scope)
{
	char *p = csv_file_room(&w->file, CSV_ROW_MAX);

	if (!p)
		return NULL;
	p = csv_put_u64(p, time_ns);
	*p++ = ',';
	p = csv_put_u64(p, w->interval);
	*p++ = ',';
	p = stpcpy(p, scope);
	*p++ = ',';
	return p;
}

/* START_NS 0: none. */
static void end(struct interval_csv *w, char *p, const char *name, __u64 delta, __u64 start_ns)
{
	*p++ = ',';
	p = stpcpy(p, name);
	*p++ = ',';
	p = csv_put_u64(p, delta);
	*p++ = ',';
	if (start_ns)
		p = csv_put_u64(p, start_ns);
	*p++ = '\n';
	csv_file_put(&w->file, p - (w->file.buf + w->file.used), 1);
}

void interval_csv_counter(struct interval_csv *w, __u64 time_ns, __u32 cpu, unsigned int c,
			  __u64 delta)
{
	const char *name = counter_name(c);
	char *p;

	if (!delta || !name)
		return;
	p = begin(w, time_ns, "cpu");
	if (!p)
		return;
	p = csv_put_u64(p, cpu);
	*p++ = ',';
	*p++ = ',';
	end(w, p, name, delta, 0);
}

void interval_csv_process(struct interval_csv *w, __u64 time_ns, struct process_id id,
			  const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	const char *name = task_counter_name(t);
	char *p;

	if (!delta || !name)
		return;
	p = begin(w, time_ns, "process");
	if (!p)
		return;
	*p++ = ',';
	p = csv_put_u64(p, id.pid);
	*p++ = ',';
	p = csv_put_comm(p, comm, w->safe);
	end(w, p, name, delta, id.start_ns);
}

int interval_csv_flush(struct interval_csv *w, __u64 time_ns, struct err *e)
{
	char *p = begin(w, time_ns, "end");

	/* The end is a row of its own: an interval in which nothing was counted is
	 * an interval all the same. */
	if (p) {
		*p++ = ',';
		*p++ = ',';
		end(w, p, "interval", w->interval, 0);
	}
	w->interval++;
	return csv_file_flush(&w->file, e);
}

static void interval_csv_on_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c,
				    __u64 delta)
{
	interval_csv_counter(ctx, time_ns, cpu, c, delta);
}

static void interval_csv_on_process(void *ctx, __u64 time_ns, struct process_id id,
				    const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	interval_csv_process(ctx, time_ns, id, comm, t, delta);
}

static int interval_csv_on_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	(void)length_ns;
	return interval_csv_flush(ctx, time_ns, e);
}

struct sink interval_csv_sink(struct interval_csv *w)
{
	return (struct sink){ .ctx = w, .counter = interval_csv_on_counter,
			      .process = interval_csv_on_process,
			      .interval = interval_csv_on_interval };
}

struct csv_file *interval_csv_file(struct interval_csv *w)
{
	return &w->file;
}

int interval_csv_finish(struct interval_csv *w, struct err *e)
{
	int r = csv_file_flush(&w->file, e);

	csv_file_close(&w->file);
	free(w);
	return r;
}
