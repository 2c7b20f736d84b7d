/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tracing session: the BPF object loaded and attached by plan. The one place
 * that knows the skeleton.
 */
#ifndef KVAS_SESSION_H
#define KVAS_SESSION_H

#include <linux/types.h>
#include <stdbool.h>

#include "kernel/cgroup.h"
#include "model/meta.h"
#include "err.h"
#include "kvas/wire.h"
#include "trace/plan.h"
#include "trace/rings.h"

struct session;

struct session_opts {
	__u32 emit; /* bit per enum kvas_kind: records wanted */
	__u32 filter; /* enum kvas_filter */
	int pid; /* KVAS_FILTER_TREE: whose tasks to mark */
	char comm[KVAS_COMM_LEN]; /* KVAS_FILTER_COMM */
	struct cgroup cgroup; /* KVAS_FILTER_CGROUP */
	__u32 ring_bytes; /* per ring; 0 = a default fit for the number of CPUs */
	__u32 map_size; /* entries of each map of KVAS_MAX_*; 0 these */
};

/* Load and attach what PLAN chose; a hook that fails after all is dropped from
 * PLAN unless it is required. META gives the layout and CPU count. Nothing is
 * counted until session_start. */
int session_create(struct session **out, const struct session_opts *opts,
		   struct plan *plan, struct meta *meta, struct err *e);
/* Detach and free; the kernel does the same when kvas is killed. */
void session_destroy(struct session *s);

/* Open the window: everything counts from here; META gets start times and the
 * PGDs in use. QUIET: look for those first, so that what kvas does to open the window
 * is not in it; a PGD that comes or goes meanwhile is then missed. */
int session_start(struct session *s, struct meta *meta, bool quiet, struct err *e);
/* Shut it: when this returns nothing is counted or queued any more. */
void session_stop(struct session *s, struct meta *meta);
/* After session_stop: take the programs off the hooks. */
void session_detach(struct session *s);

/* Run on every CPU once, so that each gives up the mm it holds lazily. Waits for none (visitor.h). */
void session_visit_cpus(struct session *s);

/* KVAS_FILTER_TREE: does a task live that is followed? True also when that cannot be told. */
bool session_tracks(struct session *s);

/* Readable when records wait to be read. */
int session_fd(const struct session *s);
size_t session_drain(struct session *s, rings_fn fn, void *ctx);
/* After session_stop: all the rest. */
void session_drain_rest(struct session *s, rings_fn fn, void *ctx);

unsigned int session_cpus(const struct session *s);
/* The per-CPU state, session_cpus() entries, good until the next call. */
const struct kvas_cpu *session_read_cpus(struct session *s, struct err *e);

/* All tasks with their counts so far, what the running ones did since they came
 * on included; *NR rows, good until the next call. NULL with E on failure. */
const struct kvas_iter_task *session_read_tasks(struct session *s, size_t *nr, struct err *e);

/* The maps of memory.bpf.c, its sums and stacks; false without KVAS_KIND_MEMORY. */
bool session_memory(const struct session *s, int *sums, int *stacks);

/* The map of vmalloc.bpf.c: struct kvas_area by address. */
int session_areas(const struct session *s);

/* Every loss known to the kernel and the reader, added to META. After
 * session_stop. */
void session_losses(struct session *s, struct meta *meta);

#endif
