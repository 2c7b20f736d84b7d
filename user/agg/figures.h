/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The figures of model/figures.def, computed from a summary: each is known, or it is unknown
 * with a reason. The CR3 ledger is here. No I/O.
 */
#ifndef KVAS_FIGURES_H
#define KVAS_FIGURES_H

#include <linux/types.h>
#include <stdbool.h>

#include "agg/summary.h"
#include "model/figures.h"

struct figure {
	bool known;
	enum figure_source source;
	__u64 value;
	const char *why; /* when unknown: the reason; static, or of the summary's meta */
	const char *at_least; /* when known: why the value is a lower bound; NULL it is exact */
	const struct hist *hist; /* of KIND_QUANTILES, when known; the summary's */
};

struct figures {
	const struct summary *summary;
	double seconds; /* length of the window or interval; 0 not known */
	struct figure f[FIGURE_COUNT]; /* by enum figure_id */
};

/* Compute all figures of S, which is borrowed for G's life. */
void figures_of(const struct summary *s, struct figures *g);

/* F's value over G's seconds; 0 when either is unknown. */
double figure_rate(const struct figures *g, enum figure_id id);
/* F's part of the figure it is a share of, 0 to 1; -1 when there is none, or it is unknown. */
double figure_share(const struct figures *g, enum figure_id id);

/* Has the figure something to say where room is short? Not when it is unknown, 0, or told by
 * another one. */
bool figure_says(const struct figures *g, enum figure_id id);

/* The writes of one CPU or one process, of the known causes. */
struct writes {
	__u64 crossings;
	__u64 kpti; /* 2 a crossing when KPTI is on, 0 when it is off or not known to be on */
	__u64 mm_switch, tlb_flush, temporary_mm;
	__u64 total;
};

struct writes figures_cpu(const struct summary *s, __u32 cpu);
/* Each crossing counts as one write in and one out: a process that began or ended
 * in the window has one more or one less. Temporary mms belong to no process. */
struct writes figures_process(const struct summary *s, const struct process_sum *p);
/* Kernel entries by a task's counters T, KVAS_T_COUNT of them. */
__u64 figures_task_crossings(const __u64 *t);

/* Why what only counters tell is not known: the recording ends before its first interval does. NULL
 * it is known. Static storage. */
const char *figures_uncounted_why(const struct summary *s);
/* Why what a hook counts is not known; NULL it is attached. Of per-CPU counter C the hook is
 * that which feeds it, and it may be uncounted too. Static storage. */
const char *figures_hook_why(const struct summary *s, enum hook_id hook);
const char *figures_counter_why(const struct summary *s, unsigned int c);
/* Why nobody knows who allocates vmalloc areas, frees or purges them; NULL somebody does. */
const char *figures_areas_why(const struct summary *s);

#endif
