/* SPDX-License-Identifier: GPL-2.0 */
/* A walk as it is shown: one address, through the kernel's table and, under KPTI,
 * through the table user mode runs on. */
#ifndef KVAS_WALK_VIEW_H
#define KVAS_WALK_VIEW_H

#include <linux/types.h>
#include <stdbool.h>

#include "pgtable/region.h"
#include "pgtable/walk.h"

struct walk_one {
	struct walk walk;
	enum walk_outcome outcome;
};

#define WALK_WORDS 160

struct walk_view {
	const char *kernel; /* release */
	const char *kpti_how;
	__u32 pid; /* whose table */
	char comm[KVAS_COMM_LEN];
	__u64 va;
	char asked[WALK_WORDS]; /* as the user named it */
	char symbol[WALK_WORDS]; /* "name+0x10"; "" none */
	bool nearest; /* VA may be in something else: it is no code, and SYMBOL is before it */
	struct layout layout;
	struct walk_one table; /* the table the kernel runs on */
	bool borrowed; /* it is kvas's: the process has none */
	enum answer kpti;
	bool has_user_table; /* KPTI is on */
	struct walk_one user_table;
	__u64 alias; /* where the direct map would have the same byte; 0 VA is not mapped */
	enum answer aliased; /* and is it there? Not all memory is, nor are devices */
};

#endif
