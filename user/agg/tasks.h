/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Totals per task, as they are read, into differences per process. A task's
 * totals come from readings of the living and, the last time, from its exit
 * record. No I/O.
 */
#ifndef KVAS_TASKS_H
#define KVAS_TASKS_H

#include <linux/types.h>
#include <stddef.h>

#include "kvas/wire.h"
#include "model/sink.h"

struct tasks;

struct tasks *tasks_create(void); /* NULL: out of memory */
void tasks_destroy(struct tasks *t);

/* Of tasks that exited the last so many are remembered, beside all that live. */
#define TASKS_EXITED_MAX 4096

/* A reading of all living tasks. Tasks missing from two readings in a row are forgotten. */
void tasks_reading(struct tasks *t, const struct kvas_iter_task *rows, size_t nr);
/* An exit record: the task's last totals. */
void tasks_exit(struct tasks *t, const struct kvas_rec_task *r);

/* How many tasks are remembered, and how many processes wait for tasks_flush(). */
size_t tasks_held(const struct tasks *t);
size_t tasks_waiting(const struct tasks *t);

/* Hand every process's differences since the last call to FN, in order of pid,
 * zeros left out, and begin anew. */
typedef void (*tasks_fn)(void *ctx, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int t,
			 __u64 delta);
void tasks_flush(struct tasks *t, tasks_fn fn, void *ctx);

#endif
