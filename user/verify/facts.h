/* SPDX-License-Identifier: GPL-2.0 */
/* The facts kvas check looks at, each from what is handed in. No I/O of their own. */
#ifndef KVAS_FACTS_H
#define KVAS_FACTS_H

#include <linux/types.h>

#include "kvas/reader.h"
#include "pgtable/pgds.h"
#include "pgtable/survey.h"
#include "model/evidence.h"
#include "model/fact.h"

struct verify_input {
	const struct layout *layout; /* levels and page_offset known */
	kread_fn read; /* as of walk_va */
	void *ctx;
	__u64 pgd; /* of kvas: kernel addresses are walked through it */
	const struct kvas_reader_task *tasks;
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

/* A page of another process. */
void fact_other_process(const struct marked_page *m, struct fact *out);

/* Page faults of kernel mode at kernel addresses. */
void fact_kernel_faults(const struct kernel_faults *k, struct fact *out);

#endif
