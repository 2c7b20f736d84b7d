/* SPDX-License-Identifier: GPL-2.0 */
/* The facts kvas check looks at, each from what is handed in. No I/O of their own. */
#ifndef KVAS_FACTS_H
#define KVAS_FACTS_H

#include <linux/types.h>

#include "kvas/reader.h"
#include "pgtable/pgds.h"
#include "pgtable/survey.h"
#include "verify/fact.h"

struct verify_input {
	const struct layout *layout; /* levels and page_offset known */
	kread_fn read; /* as of walk_va */
	void *ctx;
	__u64 pgd; /* of kvas: kernel addresses are walked through it */
	const struct kvas_memory_task *tasks;
	size_t nr_tasks;
	const struct pgds *pgds;
	enum answer kpti;
	__u32 cpus; /* possible ones */
};

/* Facts of the tables: identity, vmalloc-scattered, stacks-in-vmalloc, image-offset,
 * direct-map-huge. */
#define FACTS_OF_TABLES 5
void facts_of_tables(const struct verify_input *in, struct fact out[FACTS_OF_TABLES]);

/* Facts of the processes' tables: kernel-half-equal, kernel-own-table, kpti-user-table. */
#define FACTS_OF_PROCESSES 3
void facts_of_processes(const struct verify_input *in, struct fact out[FACTS_OF_PROCESSES]);

/* A page of another process, by its tables and the direct map. FOUND: the walk led to a
 * page that could be read; SAME: it held what the process says it wrote there. */
struct marked_page {
	__u32 pid;
	__u64 user_va, pa, alias;
	__u32 bytes;
	bool found, told; /* told: the process has said what it wrote */
	bool same;
	char why[160]; /* there is no such process: why */
};
void fact_other_process(const struct marked_page *m, struct fact *out);

/* Page faults of kernel mode at kernel addresses, by the instruction they hit. */
struct fault_place {
	__u64 ip, count;
	__u64 address; /* the first one's */
	char function[64]; /* IP is in it; "" kallsyms names none */
};

/* Page faults of kernel mode, by the region of their address. */
#define FAULT_PLACES 64
struct kernel_faults {
	bool seen; /* the hook ran here */
	__u64 by_region[KVAS_REGION_COUNT];
	struct fault_place place[FAULT_PLACES]; /* of those not at user addresses */
	unsigned int nr_places;
	__u64 elsewhere; /* at kernel addresses, at further instructions than fit */
	/* kvas's own reads, while it looked, of kernel addresses that are not mapped: how many, how
	 * many gave a value or left something mapped, and the first of those. */
	__u64 tried, served, first_served;
	char why[160]; /* not seen: why */
};
void fact_kernel_faults(const struct kernel_faults *k, struct fact *out);

#endif
