/* SPDX-License-Identifier: GPL-2.0 */
/* What an explorer prints, in each format it has. */
#ifndef KVAS_VIEW_DOCUMENT_H
#define KVAS_VIEW_DOCUMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "model/choices.h"

struct view_opts {
	int top; /* lines of a list in text, and of `pgd -a` in JSON; -1 all */
	enum pgd_sort sort; /* of `pgd -a` */
	bool verbose;
	bool csv_safe; /* a ' before text that a spreadsheet would run */
};

/* A document is one struct of this type. WHAT points to the snapshot that its line below
 * names; a format without a function is one that the command line refuses. Text has at most
 * 80 columns. */
struct document {
	const char *name; /* as the JSON Schema names it */
	void (*print[FORMAT_COUNT])(FILE *f, const void *what, const struct view_opts *o);
};

extern const struct document document_layout; /* struct layout_view */
extern const struct document document_walks; /* struct walks_view */
extern const struct document document_pgd; /* struct pgd_view */
extern const struct document document_pgds; /* struct pgds_view */
extern const struct document document_dmap; /* struct dmap_view */
extern const struct document document_vmalloc; /* struct vmalloc_view */
extern const struct document document_check; /* struct check_view */
extern const struct document document_explain; /* struct explain_view */
extern const struct document document_hooks; /* struct hooks_view */

/* Print WHAT on F, in the format HOW. */
void document_print(const struct document *d, enum format how, FILE *f, const void *what,
		    const struct view_opts *o);

#endif
