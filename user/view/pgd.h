/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_PGD_H
#define KVAS_VIEW_PGD_H

#include "model/meta.h"
#include "pgtable/pgds.h"
#include "pgtable/survey.h"
#include "view/document.h"

/* Of document_pgd: one process's table beside all others. */
struct pgd_view {
	const struct host_info *host;
	const struct pgds *all;
	const struct pgd_row *row; /* of the process */
	__u64 entry[PAGING_ENTRIES]; /* its table */
	bool has_user_table; /* KPTI: the table user mode runs on, at PGD + 4096 */
	struct survey user; /* how much of the kernel's half the user table maps */
	struct survey kernel; /* and how much of it the kernel's own table maps */
	struct memory_count memory; /* what its entries of user memory stand for */
};

/* Of document_pgds: all processes, a line each. */
struct pgds_view {
	const struct host_info *host;
	const struct pgds *all;
};

/* What both documents tell of all processes together. */
struct pgd_totals {
	__u64 same, differ; /* processes by how their kernel half compares */
	__u64 gone, unread; /* of which nothing is known; of those, that live */
	struct table_count lower;
	__u64 bytes; /* of PGDs and lower tables */
};
struct pgd_totals view_pgd_totals(const struct pgds *p);
/* Page-table memory of one process: its lower tables and its PGD, of one page at least. */
__u64 view_pgd_bytes(const struct pgds *p, const struct pgd_row *r);
/* Is that a lower bound? Where how large a PGD is is not known, or not all tables were read. */
bool view_pgd_at_least(const struct pgds *p, const struct pgd_row *r);

#endif
