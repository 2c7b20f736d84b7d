/* SPDX-License-Identifier: GPL-2.0 */
/* Who changed the direct map where: calls the hooks saw, against what the tables show. */
#ifndef KVAS_SPLITS_H
#define KVAS_SPLITS_H

#include <linux/types.h>
#include <stddef.h>

#include "kvas/dmap.h"
#include "pgtable/slots.h"

/* What an event's deltas say that no change is put down to (yet). */
struct split_rest {
	__u64 large; /* pages of 1G split or made */
	__u64 small; /* pages of 2M split or made */
};

/* For each of NR_CHANGES say in WHO which of NR_EVENTS did it: its index, or -1, nobody
 * known. A change is an event's when it lies in what the event's call was to change, and
 * the call did as much; what is left is an event's only when it can be nobody else's. An
 * event that was not alone (shared) is put down to nothing but by address. REST gets what
 * of each event was found nowhere: it happened in another mapping of the same memory, or
 * was undone again. */
void splits_match(const struct kvas_dmap_event *events, size_t nr_events,
		  const struct slot_change *changes, size_t nr_changes, int *who,
		  struct split_rest *rest);

#endif
