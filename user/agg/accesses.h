/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Samples of the access sampler into shares by region. The estimator (docs/accesses.md):
 * a sample at an instruction counts what that instruction loads and stores; one that
 * stands for code with interrupts off counts what is to be expected of that code, its
 * pointers leading where the pointers of the other samples do. No I/O, no clock.
 */
#ifndef KVAS_ACCESSES_H
#define KVAS_ACCESSES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"

enum access_leaf { LEAF_4K = 0, LEAF_2M = 1, LEAF_1G = 2, LEAF_UNKNOWN = 3, LEAF_COUNT = 4 };

/* Accesses met at samples, by region. */
struct access_regions {
	double load[KVAS_REGION_COUNT];
	double store[KVAS_REGION_COUNT];
};

/* A function or a process. */
struct access_row {
	char name[KVAS_FUNCTION_LEN]; /* of a process its comm */
	__u32 pid; /* 0: the idle task, or a function */
	bool folded; /* "(others)": of many, to bound memory; no pid */
	__u64 samples; /* in the kernel */
	struct access_regions by;
};

/* N of the ALL kernel addresses whose page size is known are in 2M and 1G pages. */
struct access_huge {
	__u64 n, all;
};

struct access_summary {
	__u64 samples; /* all of them */
	__u64 mode[KVAS_ACCESS_END]; /* by enum kvas_access_mode */
	struct access_regions all; /* those expected with interrupts off included */
	double load, store; /* their sums */
	__u64 met_load, met_store; /* accesses met at instructions */
	/* What the interval rests on: the same, less where one sample met many at once. */
	double n_load, n_store;
	__u64 tracing_load, tracing_store; /* of those met: in functions of BPF and tracing */
	double expected_load, expected_store; /* those of code with interrupts off */
	/* By the PMU, apart from all that is above: accesses that took place, and samples of
	 * which no address came or it is not known what it is of. */
	struct access_regions precise;
	__u64 precise_load, precise_store, precise_unknown;
	const char *why; /* the shares are not known, and why; NULL they are */
	double other[KVAS_WHY_END]; /* of all: loads and stores in region other, and why */
	/* Page sizes of kernel addresses met; of those in the direct map. */
	__u64 leaf[LEAF_COUNT], leaf_direct[LEAF_COUNT];
	const struct access_row *functions; /* most accesses first */
	size_t nr_functions;
	const struct access_row *processes;
	size_t nr_processes;
	const struct access_row *const *vmalloc_functions; /* those that touch vmalloc, the most first */
	size_t nr_vmalloc_functions;
	__u64 functions_folded, processes_folded; /* rows in "(others)", to bound memory */
};

struct accesses;

struct accesses *accesses_create(void); /* NULL when out of memory */
void accesses_destroy(struct accesses *a);
void accesses_add(struct accesses *a, const struct kvas_rec_access *r);
/* Process PID is called COMM; a sample has the name of its thread alone. */
void accesses_name(struct accesses *a, __u32 pid, const char comm[KVAS_COMM_LEN]);
/* OUT points into A until A changes. */
void accesses_summary(struct accesses *a, struct access_summary *out);

struct access_huge access_huge(const __u64 leaf[LEAF_COUNT]);

/* Of the share SHARE among N accesses, the bounds that hold its true value 95 times in
 * 100, after Wilson: what chance in sampling does, not what the estimator gets wrong. */
void access_interval(double share, double n, double *low, double *high);

#endif
