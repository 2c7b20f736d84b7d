/* SPDX-License-Identifier: GPL-2.0 */
/* Splits and collapses of the direct map as they happen. */
#ifndef KVAS_OUT_WATCH_H
#define KVAS_OUT_WATCH_H

#include <linux/types.h>
#include <stdio.h>

#include "kvas/dmap.h"
#include "kvas/wire.h"
#include "pgtable/slots.h"

#define WATCH_FRAME 96
struct watch_stack {
	unsigned int nr;
	char frame[KVAS_DMAP_FRAMES][WATCH_FRAME]; /* "name+0x10", innermost first */
};

/* One line of what happened. */
struct watch_line {
	__s64 unix_ns; /* CLOCK_REALTIME */
	char clock[16]; /* the same as "12:34:56", local time */
	struct slot_change change;
	bool elsewhere; /* seen by a hook; in the direct map's tables nothing shows it */
	enum kvas_region region; /* of an elsewhere one */
	const struct kvas_dmap_event *event; /* who did it; NULL: nobody is known */
	const struct watch_stack *stack; /* of the last line of an event; NULL: not here */
};

struct watch_total {
	__u64 splits[2], collapses[2]; /* of pages of 2M, of 1G */
	__u64 by_nobody; /* of those, done by nobody known */
	__u64 elsewhere;
	__u64 lost; /* events the hooks had no room for */
};

/* HOW: "fentry", "kprobe"; NULL: nothing is hooked, WHY says why. */
void out_watch_head_text(FILE *f, const char *how, const char *why);
void out_watch_line_text(FILE *f, const struct watch_line *l);
void out_watch_end_text(FILE *f, const struct watch_total *t);
/* The same as JSON, an object a line. */
void out_watch_head_json(FILE *f, const char *how, const char *why);
void out_watch_line_json(FILE *f, const struct watch_line *l);
void out_watch_end_json(FILE *f, const struct watch_total *t);

#endif
