/* SPDX-License-Identifier: GPL-2.0 */
/* Counter differences of each interval as CSV: a recording's interval.csv, and
 * `live --csv FILE`. */
#ifndef KVAS_INTERVAL_CSV_H
#define KVAS_INTERVAL_CSV_H

#include <linux/types.h>

#include "err.h"
#include "event/csv_file.h"
#include "kvas/wire.h"

/* scope is "cpu" (cpu, a counter of agg/counters.h), "process" (pid, comm, a task
 * counter) or "end", the last row of each interval. Zeros are not written. */
#define INTERVAL_CSV_HEADER "time_ns,interval,scope,cpu,pid,comm,counter,value\n"
#define INTERVAL_CSV_COLUMNS 8

struct interval_csv;

/* Create FILE below DIRFD (see csv_file_open), mode 0600, and write the header. */
int interval_csv_create(struct interval_csv **out, int dirfd, const char *file, int exclusive,
			struct err *e);
void interval_csv_counter(struct interval_csv *w, __u64 time_ns, __u32 cpu, unsigned int c,
			  __u64 delta);
void interval_csv_process(struct interval_csv *w, __u64 time_ns, __u32 pid,
			  const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta);
/* End of an interval: mark it and write it out. -1 with E when that failed. */
int interval_csv_flush(struct interval_csv *w, __u64 time_ns, struct err *e);
/* The file under it, for its counts. */
struct csv_file *interval_csv_file(struct interval_csv *w);
/* Write what is left and free W. */
int interval_csv_finish(struct interval_csv *w, struct err *e);

#endif
