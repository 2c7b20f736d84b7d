/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording: a directory of CSV tables and meta.json (docs/csv.md).
 * recording.c writes, replay.c reads. Both are plain C without root or libbpf.
 */
#ifndef KVAS_RECORDING_H
#define KVAS_RECORDING_H

#include <linux/types.h>
#include <stdbool.h>

#include "model/meta.h"
#include "model/sink.h"
#include "err.h"
#include "kvas/wire.h"

struct recording;

/* Create directory DIR (mode 0700; it must not exist, or be empty) and the
 * tables of the kinds in META->emit, files 0600, and write meta.json marked
 * incomplete. META is borrowed for the recording's life. 0, or -1 with E. */
int recording_create(struct recording **out, const char *dir, const struct meta *meta,
		     struct err *e);

/* One row. Rows are buffered; a write error (disk full) is kept, later rows are
 * counted as refused, and recording_error tells. No allocation, no printf. */
void recording_event(struct recording *r, const union kvas_record *ev);
/* One counter difference of the current interval. scope "cpu": cpu and counter
 * number of enum kvas_counter. scope "process": pid, comm, enum kvas_task_counter,
 * when it began. */
void recording_counter(struct recording *r, __u64 time_ns, __u32 cpu, unsigned int c,
		       __u64 delta);
void recording_process(struct recording *r, __u64 time_ns, struct process_id id,
		       const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta);
/* End of an interval: numbers the next one and flushes every table to the
 * kernel, so that a killed kvas loses at most one interval. 0, or -1 with E when
 * a table could not be written; what was written before stays readable. */
int recording_interval(struct recording *r, __u64 time_ns, struct err *e);
/* The four above as a sink; R is borrowed. */
struct sink recording_sink(struct recording *r);
/* Bytes and rows written so far, for progress. */
__u64 recording_bytes(const struct recording *r);
__u64 recording_rows(const struct recording *r);

/* Write loss.csv from META->losses and meta.json with row counts, checksums and
 * "complete": true (unless a table failed), then free R. Always frees. */
int recording_finish(struct recording *r, struct err *e);
/* Free without completing: the directory stays, marked cut short. */
void recording_destroy(struct recording *r);

struct replay_opts {
	bool force; /* --force: go on when a table was changed after it was recorded */
};

/* Read the recording in DIR into META and SINK. Returns 0 for a whole recording;
 * 1 when it is cut short (meta->complete == ANSWER_NO): everything readable was
 * delivered, E says what is missing; -1 with E (file and line) for a directory
 * that is no recording, a malformed row, a foreign header or a changed table. */
int replay(const char *dir, const struct replay_opts *opts, struct meta *meta,
	   const struct sink *sink, struct err *e);

#endif
