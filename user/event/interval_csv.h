/* SPDX-License-Identifier: GPL-2.0 */
/* Counter differences of each interval as CSV in a file of its own
 * (`live --csv FILE`): the columns of a recording's interval.csv. */
#ifndef KVAS_INTERVAL_CSV_H
#define KVAS_INTERVAL_CSV_H

#include <linux/types.h>

#include "err.h"
#include "kvas/wire.h"

struct interval_csv;

/* Create or truncate FILE, mode 0600, and write the header line. */
int interval_csv_create(struct interval_csv **out, const char *file, struct err *e);
void interval_csv_counter(struct interval_csv *w, __u64 time_ns, __u32 cpu, unsigned int c,
			  __u64 delta);
void interval_csv_process(struct interval_csv *w, __u64 time_ns, __u32 pid,
			  const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta);
/* End of an interval: write it out. -1 with E when that failed. */
int interval_csv_flush(struct interval_csv *w, struct err *e);
/* Write what is left and free W. */
int interval_csv_finish(struct interval_csv *w, struct err *e);

#endif
