/* SPDX-License-Identifier: GPL-2.0 */
/* Counter differences of each interval as CSV: a recording's interval.csv, and
 * `live --csv FILE`. */
#ifndef KVAS_INTERVAL_CSV_H
#define KVAS_INTERVAL_CSV_H

#include <linux/types.h>

#include "err.h"
#include "event/csv_file.h"
#include "event/csv_table.h"
#include "kvas/wire.h"
#include "model/sink.h"

/* The columns. scope is "cpu" (cpu, a counter of model/counters.h), "process" (pid, comm, a task
 * counter, when it began) or "end", the last row of each interval. Zeros are not written. */
enum {
	INTERVAL_TIME_NS,
	INTERVAL_NUMBER,
	INTERVAL_SCOPE,
	INTERVAL_CPU,
	INTERVAL_PID,
	INTERVAL_COMM,
	INTERVAL_COUNTER,
	INTERVAL_VALUE,
	INTERVAL_START_NS, /* of a process; a recording of before schema 3 has none */
	INTERVAL_COLUMNS,
};
/* Their names; the rows are no records. */
extern const struct csv_table interval_csv_table;

struct interval_csv;

/* Create FILE below DIRFD (see csv_file_open), mode 0600, and write the header. SAFE: see
 * csv_put_comm. */
int interval_csv_create(struct interval_csv **out, int dirfd, const char *file, bool safe,
			struct err *e);
void interval_csv_counter(struct interval_csv *w, __u64 time_ns, __u32 cpu, unsigned int c,
			  __u64 delta);
void interval_csv_process(struct interval_csv *w, __u64 time_ns, struct process_id id,
			  const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta);
/* End of an interval: mark it and write it out. -1 with E when that failed. */
int interval_csv_flush(struct interval_csv *w, __u64 time_ns, struct err *e);
/* The three above as a sink; W is borrowed. */
struct sink interval_csv_sink(struct interval_csv *w);
/* The file under it, for its counts. */
struct csv_file *interval_csv_file(struct interval_csv *w);
/* Write what is left and free W. */
int interval_csv_finish(struct interval_csv *w, struct err *e);

#endif
