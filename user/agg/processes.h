/* SPDX-License-Identifier: GPL-2.0 */
/* Counts per process in bounded memory. No I/O. */
#ifndef KVAS_PROCESSES_H
#define KVAS_PROCESSES_H

#include <linux/types.h>
#include <stddef.h>

#include "agg/summary.h"

struct processes;

struct processes *processes_create(void); /* NULL: out of memory */
void processes_destroy(struct processes *p);

/* Add DELTA to counter T (enum kvas_task_counter) of process ID. An empty COMM leaves
 * the name as it is. A new process that finds AGG_MAX_PROCESSES others makes the
 * least active half of them (on a tie the higher pids) fold into "(others)"; one
 * for which there is no memory is added to "(others)" at once. */
void processes_add(struct processes *p, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int t,
		   __u64 delta);

/* All rows, the greatest sum of counters first, on a tie the lowest pid. *NR is
 * their number, *FOLDED how many times a process was folded. The rows belong to
 * P and hold until P changes. */
const struct process_sum *processes_sorted(struct processes *p, size_t *nr, __u64 *folded);

#endif
