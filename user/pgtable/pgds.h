/* SPDX-License-Identifier: GPL-2.0 */
/* The top-level tables of all processes, beside the kernel's own. */
#ifndef KVAS_PGTABLE_PGDS_H
#define KVAS_PGTABLE_PGDS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"
#include "pgtable/survey.h"
#include "pgtable/swapper.h"
#include "pgtable/tables.h"

/* One address space: an mm and the tasks that share it. */
struct pgd_row {
	__u64 mm, pgd, ctx_id;
	__u32 pid; /* of the process; of several that share it (vfork) the one asked for, or one */
	__u32 tasks;
	char comm[KVAS_COMM_LEN];
	bool gone; /* nothing below is known: it ended while it was looked at, or UNREAD */
	bool unread; /* it lives, but its PGD could not be read */
	struct half_compare half; /* its kernel half against the reference */
	unsigned int user_entries; /* present in the lower half */
	struct table_count lower; /* its own tables: the lower half's and the LDT's */
	struct user_table user; /* of the table at PGD + 4096, when these were looked through */
};

struct pgds {
	struct pgd_row *row; /* by pid */
	size_t nr;
	size_t gone; /* of those rows */
	bool user_tables; /* KPTI: user mode's tables were looked through */
	__u32 hidden; /* processes in /proc that the kernel's task iterator does not list */
	const char *partial; /* why neither that nor kernel threads are known; NULL they are */
	__u32 kernel_threads; /* tasks without an mm that are kernel threads */
	__u64 kernel_va; /* the kernel's own table; 0 not found: kvas's is then the reference */
	bool by_symbol; /* kallsyms names it; else it was found by its content */
	struct swapper found; /* what the search by content says, in either case */
	__u64 entry[PAGING_ENTRIES]; /* the reference: the kernel's or else kvas's */
	struct table_count shared; /* lower tables of the kernel half, each once */
	__u64 pmd_tables_shared; /* among the processes' own: led to from more than one */
	__u32 bytes_each; /* of one PGD: 4096 or 8192; 0 unknown */
	__u64 kernel_ns; /* to read the kernel half's tables */
	__u64 compare_ns, compare_max_ns; /* to compare all PGDs; the slowest one */
};

#endif
