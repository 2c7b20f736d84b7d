/* SPDX-License-Identifier: GPL-2.0 */
/* Who changed the direct map where: calls the hooks saw, against what the tables show. */
#ifndef KVAS_SPLITS_H
#define KVAS_SPLITS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
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
	__u64 untold; /* changes beyond what one look can hold: in no other figure */
	__u64 lost; /* events the hooks had no room for */
	__u64 unread; /* GiB that a look could not read, added up over all looks */
};

/* Where a watch's output goes. */
struct watch_sink {
	void *ctx;
	/* Before the first line. HOW: "fentry", "kprobe"; NULL: nothing is hooked, and WHY. */
	void (*begin)(void *ctx, const char *how, const char *why);
	void (*line)(void *ctx, const struct watch_line *l);
	/* All lines of one look at the tables have been handed on. -1 with E. */
	int (*flush)(void *ctx, struct err *e);
	void (*end)(void *ctx, const struct watch_total *t);
};

/* What an event's deltas say that no change is put down to (yet). */
struct split_rest {
	__u64 large; /* pages of 1G split or made */
	__u64 small; /* pages of 2M split or made */
};

/* The kernel's counters as of the events so far. */
struct split_told {
	bool known;
	__s64 pages_4k, pages_1g;
};
/* How much of what E says the events before it, which T keeps, have said: calls at the same
 * time (shared) see each other's changes. */
struct split_rest splits_again(struct split_told *t, const struct kvas_dmap_event *e);

/* For each of NR_CHANGES say in WHO which of NR_EVENTS did it: its index, or -1, nobody
 * known. A change is an event's when it lies in what the event's call was to change, and
 * the call did as much; what is left is an event's only when it can be nobody else's. An
 * event that was not alone (shared) is put down to nothing but by address. REST gets what
 * of each event was found nowhere: it happened in another mapping of the same memory, or
 * was undone again. What the events say twice (AGAIN, summed up over all of them) is no rest. */
void splits_match(const struct kvas_dmap_event *events, size_t nr_events,
		  const struct slot_change *changes, size_t nr_changes, int *who,
		  struct split_rest *rest, struct split_rest again);

/* Nobody is known to have done C: it is one of what the calls are known to have done, and so
 * leaves the REST of one. */
void splits_by_nobody(const struct kvas_dmap_event *events, size_t nr_events,
		      struct split_rest *rest, const struct slot_change *c);

#endif
