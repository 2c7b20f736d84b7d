/* SPDX-License-Identifier: GPL-2.0 */
/* Events and counter differences in, in the order in which they happened; one snapshot out. No
 * I/O, no clock. */
#ifndef KVAS_SUMMARY_H
#define KVAS_SUMMARY_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "agg/accesses.h"
#include "agg/areas.h"
#include "agg/hist.h"
#include "agg/memory.h"
#include "model/meta.h"
#include "model/sink.h"
#include "kvas/wire.h"

/* Kernel objects met on the way, placed by region. */
enum object_kind {
	OBJECT_TASK = 0,
	OBJECT_STACK = 1,
	OBJECT_MM = 2,
	OBJECT_PGD = 3,
	OBJECT_COUNT = 4,
};
const char *object_name(enum object_kind o);

/* The kinds of record that objects are met in. */
enum object_hook {
	MET_TASK = 0, /* and on: enum kvas_task_op less 1 */
	MET_PGD_ALLOC = 6,
	MET_PGD_FREE = 7,
	MET_SWITCH = 8,
	MET_COUNT = 9,
};
const char *object_hook_name(enum object_hook hook); /* "fork", "pgd_alloc" */

struct process_sum {
	struct process_id id; /* pid 0: the idle task */
	char comm[KVAS_COMM_LEN];
	__u64 c[KVAS_T_COUNT];
	bool folded; /* "(others)": of many, to bound memory; no pid */
};

struct summary {
	const struct meta *meta;
	__u64 c[KVAS_C_COUNT]; /* system totals: what happened; of a recording that is cut short at
				* least, as counted until its last interval, or as its records tell */
	bool counted; /* an interval ended: counters are known without records */
	__u64 seen[KVAS_KIND_END]; /* events that reached user space, by kind */
	__u64 objects[OBJECT_COUNT][KVAS_REGION_COUNT]; /* each once, when it begins */
	__u64 met[MET_COUNT][OBJECT_COUNT][KVAS_REGION_COUNT]; /* each time it is met */
	struct hist pgd_lifetime_ns;
	struct hist pgd_exit_to_free_ns;
	struct hist vm_lifetime_ns;
	struct hist vm_bytes;
	__u64 pgd_derived; /* of the PGD events seen, how many were derived */
	const __u64 (*cpu)[KVAS_C_COUNT]; /* the same totals by CPU */
	__u32 nr_cpus; /* one past the last CPU that counted anything */
	struct access_summary accesses;
	const __u64 *run; /* the summary is of an interval: the counters of the run so far; else NULL */
	bool accesses_so_far; /* the summary is of an interval, its accesses are the run's so far */
	struct area_summary areas;
	struct memory_summary memory;
	double kpti_cost_ns; /* of a pair of KPTI's writes, as given; 0 not given */
	__u64 length_ns; /* of the window, or the interval */
	__u64 self[KVAS_T_COUNT]; /* counts of kvas itself, which is among no processes */
	__u64 self_cpu_ns; /* what it took of a CPU */
	const struct process_sum *processes; /* most active first */
	size_t nr_processes;
	__u64 processes_folded;
};

struct agg;

/* META is borrowed and must outlive the aggregator; its layout classifies
 * addresses. NULL when out of memory. */
struct agg *agg_create(const struct meta *meta);
void agg_destroy(struct agg *a);

void agg_event(struct agg *a, const union kvas_record *r);
/* DELTA of per-CPU counter C on CPU. Without memory for the CPU's own row the
 * system total has it alone. */
void agg_counter(struct agg *a, __u32 cpu, unsigned int c, __u64 delta);
/* DELTA of per-task counter T of process ID. At most AGG_MAX_PROCESSES are
 * kept; the least active are folded into one row named "(others)". */
void agg_process(struct agg *a, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int t,
		 __u64 delta);
#define AGG_MAX_PROCESSES 4096
/* The three above and the ends of intervals as a sink; A is borrowed. */
struct sink agg_sink(struct agg *a);

/* Snapshot; S->processes points into A and holds until A changes. */
void agg_summary(struct agg *a, struct summary *s);
/* The accesses alone; OUT points into A until A changes. */
void agg_accesses(struct agg *a, struct access_summary *out);
/* Its counters, by enum kvas_counter; A's. */
const __u64 *agg_counters(const struct agg *a);

#endif
