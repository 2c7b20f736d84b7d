/* SPDX-License-Identifier: GPL-2.0 */
/* A sink for replay() that counts the events and takes no note of anything else. */
#ifndef COUNTING_SINK_H
#define COUNTING_SINK_H

#include "event/recording.h"

static inline void counting_event(void *ctx, const union kvas_record *ev)
{
	(void)ev;
	++*(size_t *)ctx;
}

/* EVENTS is set to 0 and counts from then on. */
static inline struct sink counting_sink(size_t *events)
{
	*events = 0;
	return (struct sink){ .ctx = events, .event = counting_event };
}

#endif
