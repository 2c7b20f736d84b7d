/* SPDX-License-Identifier: GPL-2.0 */
/* Questions that people ask, answered with this machine's own figures. */
#ifndef KVAS_VIEW_EXPLAIN_H
#define KVAS_VIEW_EXPLAIN_H

#include <stdbool.h>

#include "kernel/interrupts.h"
#include "kernel/meminfo.h"
#include "kernel/vmaps.h"
#include "model/meta.h"
#include "pgtable/pgds.h"
#include "pgtable/survey.h"
#include "pgtable/view.h"
#include "view/document.h"

/* What an answer needs to know, beside the host. */
enum explain_need {
	EXPLAIN_SURVEY = 1 << 0, /* what kvas's own table maps of the kernel's half */
	EXPLAIN_PGDS = 1 << 1, /* the tables of all processes */
	EXPLAIN_WALK = 1 << 2, /* of one address */
	EXPLAIN_MEMINFO = 1 << 3,
	EXPLAIN_INTERRUPTS = 1 << 4, /* of a second */
	EXPLAIN_AREAS = 1 << 5, /* of vmalloc */
};

#define EXPLAIN_PARAGRAPHS 5
struct explain_answer {
	char text[EXPLAIN_PARAGRAPHS][800];
	unsigned int nr;
};

struct explain_view;
struct explain_topic {
	const char *name, *question;
	unsigned int needs; /* enum explain_need */
	void (*answer)(const struct explain_view *v, struct explain_answer *out);
	const char *more; /* the command that shows more */
};

/* Of document_explain. Only what the topic needs is filled. */
struct explain_view {
	const struct explain_topic *topic; /* NULL: the list of all */
	const struct host_info *host;
	struct survey survey;
	struct pgds pgds;
	struct walk_view walk;
	struct meminfo dmap;
	bool page_tables_known;
	__u64 page_tables_kb; /* PageTables of /proc/meminfo */
	struct interrupt_row interrupts[INTERRUPTS_MAX];
	int nr_interrupts; /* -1 not read */
	struct vmaps maps;
	__u64 gap; /* the largest between areas; 0 not known */
};

extern const struct explain_topic explain_topics[]; /* ends with a name of NULL */
/* The topic NAME; NULL there is none. */
const struct explain_topic *explain_topic(const char *name);

#endif
