/* SPDX-License-Identifier: GPL-2.0 */
/* Read the page tables of all processes. */
#ifndef KVAS_PGDS_H
#define KVAS_PGDS_H

#include "kernel/space.h"
#include "pgtable/pgds.h"

/* What is to be read beside the top-level tables. */
struct pgds_want {
	bool lower; /* each one's lower tables */
	bool user_tables; /* under KPTI, what user mode's tables map of the kernel */
	/* What is to be kept of one process, to show it: its 512 entries and, unless NULL,
	 * what user mode's table and its own map of the kernel's half. */
	__u64 mm, ctx_id; /* which one; mm 0 none */
	__u32 pid; /* and its process, of those that may share it */
	__u64 *entry; /* PAGING_ENTRIES of room */
	struct survey *user, *kernel;
	struct memory_count *memory; /* and what its user memory is; the PTE tables are read then */
};

/* Read them all; the tasks get sorted anew. Who ended meanwhile is told by a list of the
 * tasks after all reading: a table is given back, and is another's or none, as soon as its
 * process ends. Nothing of the rows may be read by their addresses after that. -1 with E. */
int pgds_read(struct space *s, const struct pgds_want *want, struct pgds *out, struct err *e);
void pgds_free(struct pgds *p);

#endif
