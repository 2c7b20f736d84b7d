/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks say who changed how many pages, the tables say which. When an event comes or
 * the kernel's counters move, the tables are looked at again and compared with before.
 */
#include "trace/dmap_loop.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kernel/ksyms.h"
#include "kernel/meminfo.h"
#include "model/kernel_functions.h"
#include "trace/ending.h"
#include "trace/watch.h"

#define TICK_MS 100
#define EVENTS_MAX 256
#define CHANGES_MAX 4096

struct loop {
	struct space *space;
	const struct watch_sink *sink;
	struct watch *watch; /* NULL: nothing hooked */
	struct slots slots; /* as of the last look */
	struct meminfo counters;
	struct watch_total total;
	struct kvas_dmap_event events[EVENTS_MAX];
	struct watch_stack stacks[EVENTS_MAX];
	struct split_rest rest[EVENTS_MAX];
	size_t nr_events;
	struct split_told told;
	struct split_rest again; /* of what the events say */
	struct slot_change changes[CHANGES_MAX];
	int who[CHANGES_MAX];
	size_t nr_held; /* the first changes of the next look: see hold_back() */
	bool last_look;
};

static void on_event(void *ctx, const struct kvas_dmap_event *ev)
{
	struct loop *l = ctx;
	struct split_rest again = splits_again(&l->told, ev);

	l->again.small += again.small;
	l->again.large += again.large;
	if (l->nr_events < EVENTS_MAX)
		l->events[l->nr_events++] = *ev;
	else
		l->total.lost++;
}

static int by_va(const void *a, const void *b)
{
	__u64 x = ((const struct ksym_near *)a)->addr, y = ((const struct ksym_near *)b)->addr;

	return x < y ? -1 : x > y;
}

/* Frames of the hook itself and of what it hooks: all up to the last of these. */
static bool of_the_hook(const char *name)
{
	return kfunc_in(KFUNC_SPLITS_DIRECT_MAP, name);
}

static void name_stack(struct watch_stack *out, const struct kvas_dmap_event *ev,
		       const struct ksym_near *near, size_t nr)
{
	out->nr = 0;
	for (unsigned int i = 0; i < ev->frames; i++) {
		struct ksym_near key = { .addr = ev->stack[i] };
		const struct ksym_near *n = bsearch(&key, near, nr, sizeof(*near), by_va);
		char *frame = out->frame[out->nr++];

		if (!n || !n->start)
			snprintf(frame, WATCH_FRAME, "0x%llx", ev->stack[i]);
		else
			snprintf(frame, WATCH_FRAME, "%.80s+0x%llx", n->name, n->addr - n->start);
		if (n && out->nr == 1 && of_the_hook(n->name))
			out->nr = 0;
	}
}

/* Sort, and leave each address once: stacks have most of theirs in common. */
static size_t unique(struct ksym_near *near, size_t nr)
{
	size_t n = 0;

	qsort(near, nr, sizeof(*near), by_va);
	for (size_t i = 0; i < nr; i++)
		if (!n || near[n - 1].addr != near[i].addr)
			near[n++] = near[i];
	return n;
}

/* All stacks in one pass over kallsyms. */
static void name_stacks(struct loop *l)
{
	struct ksym_near *near = calloc(l->nr_events * KVAS_DMAP_FRAMES + 1, sizeof(*near));
	size_t nr = 0;

	for (size_t i = 0; near && i < l->nr_events; i++)
		for (unsigned int k = 0; k < l->events[i].frames; k++)
			near[nr++].addr = l->events[i].stack[k];
	if (nr)
		nr = unique(near, nr);
	if (nr)
		ksyms_nearest(KALLSYMS, near, nr);
	for (size_t i = 0; i < l->nr_events; i++)
		name_stack(&l->stacks[i], &l->events[i], near, nr);
	free(near);
}

static void hand_on(struct loop *l, struct watch_line *line)
{
	__u64 now = clock_realtime_ns();
	struct tm tm;
	time_t s;

	line->unix_ns = line->event ? now - clock_monotonic_ns() + line->event->time_ns :
				      now;
	s = line->unix_ns / 1000000000LL;
	strftime(line->clock, sizeof(line->clock), "%H:%M:%S", localtime_r(&s, &tm));
	l->sink->line(l->sink->ctx, line);
}

static void count(struct loop *l, const struct slot_change *c, bool nobody)
{
	if (c->to < c->from)
		l->total.splits[c->from - 2]++;
	else
		l->total.collapses[c->to - 2]++;
	l->total.by_nobody += nobody;
}

/* What event I did that the tables do not show. */
static void hand_on_rest(struct loop *l, size_t i, bool with_stack)
{
	const struct kvas_dmap_event *e = &l->events[i];
	const struct split_rest *r = &l->rest[i];
	bool split = r->large ? e->delta_1g < 0 : e->delta_4k > 0;
	struct watch_line line = {
		.change = { e->address, split ? (r->large ? 3 : 2) : (r->large ? 2 : 1),
			    split ? (r->large ? 2 : 1) : (r->large ? 3 : 2) },
		.elsewhere = true,
		.region = region_of(&l->space->host.layout, e->address),
		.event = e,
		.stack = with_stack ? &l->stacks[i] : NULL,
	};

	l->total.elsewhere += r->large + r->small;
	hand_on(l, &line);
}

/* The changes whose doer is known, or will not be: of the others, the call may not have ended
 * yet. They are held until the next look, and then stand first among its changes. */
static void hold_back(struct loop *l, size_t *nr)
{
	struct slot_change held[CHANGES_MAX];
	size_t waiting = 0, told = 0;

	for (size_t i = 0; i < *nr; i++)
		if (l->watch && !l->last_look && i >= l->nr_held && l->who[i] < 0) {
			held[waiting++] = l->changes[i];
		} else {
			l->changes[told] = l->changes[i];
			l->who[told++] = l->who[i];
		}
	memcpy(l->changes + told, held, waiting * sizeof(*held));
	l->nr_held = waiting;
	*nr = told;
}

static void hand_on_changes(struct loop *l, size_t nr)
{
	/* An event's stack goes with the last line of it. */
	for (size_t i = 0; i < nr; i++) {
		struct watch_line line = { .change = l->changes[i] };
		bool last = true;

		for (size_t k = i + 1; k < nr; k++)
			last &= l->who[k] != l->who[i];
		if (l->who[i] >= 0) {
			line.event = &l->events[l->who[i]];
			line.stack = last ? &l->stacks[l->who[i]] : NULL;
		} else {
			splits_by_nobody(l->events, l->nr_events, l->rest, &l->changes[i]);
		}
		count(l, &l->changes[i], l->who[i] < 0);
		hand_on(l, &line);
	}
}

static void hand_on_rests(struct loop *l, size_t nr)
{
	for (size_t i = 0; i < l->nr_events; i++) {
		bool named = false;

		for (size_t k = 0; k < nr; k++)
			named |= l->who[k] == (int)i;
		if (l->rest[i].large || l->rest[i].small)
			hand_on_rest(l, i, !named);
	}
}

static int compare_slots(struct loop *l, struct err *e)
{
	struct space *s = l->space;
	struct slots now;
	size_t nr, most = CHANGES_MAX - l->nr_held;

	if (slots_make(&s->host.layout, KVAS_REGION_DIRECT_MAP, reader_read, s->reader,
		       space_own_pgd(s), &now))
		return err_set(e, "out of memory for the direct map");
	l->total.unread += now.unread;
	nr = slots_diff(&l->slots, &now, l->changes + l->nr_held, most);
	if (nr > most) {
		l->total.untold += nr - most;
		nr = most;
	}
	nr += l->nr_held;
	splits_match(l->events, l->nr_events, l->changes, nr, l->who, l->rest, l->again);
	name_stacks(l);
	hold_back(l, &nr);
	hand_on_changes(l, nr);
	hand_on_rests(l, nr);
	memmove(l->changes, l->changes + nr, l->nr_held * sizeof(*l->changes));
	l->nr_events = 0;
	l->again = (struct split_rest){ 0 };
	slots_free(&l->slots);
	l->slots = now;
	return l->sink->flush(l->sink->ctx, e);
}

/* Wait up to TIMEOUT_MS, then look if there is anything to see. */
static int turn(struct loop *l, int timeout_ms, struct err *e)
{
	struct meminfo now;

	if (!l->watch)
		poll(NULL, 0, timeout_ms);
	else if (watch_poll(l->watch, timeout_ms, on_event, l, e))
		return -1;
	meminfo_read("/proc/meminfo", &now);
	if (!l->nr_events && !l->nr_held && !memcmp(&now, &l->counters, sizeof(now)))
		return 0;
	l->counters = now;
	return compare_slots(l, e);
}

static int watch_until(struct loop *l, __u64 end, struct err *e)
{
	while (!ending_asked() && (!end || clock_monotonic_ns() < end))
		if (turn(l, TICK_MS, e))
			return -1;
	/* What came since the last look, which takes its time; then what that one held back. */
	if (turn(l, 0, e))
		return -1;
	l->last_look = true;
	return l->nr_held ? turn(l, TICK_MS, e) : 0;
}

static int watch(struct loop *l, unsigned int avoid, double duration_s, struct err *e)
{
	struct err why = { 0 };
	int r;

	if (watch_create(&l->watch, avoid, &why))
		l->watch = NULL;
	/* What attaching itself split is before the beginning. */
	if (l->watch)
		watch_poll(l->watch, 0, on_event, l, NULL);
	l->nr_events = 0;
	l->again = (struct split_rest){ 0 };
	meminfo_read("/proc/meminfo", &l->counters);
	if (!l->space->host.layout.direct_map_end)
		return err_set(e, "where the direct map ends is not known here (%.80s)",
			       l->space->host.layout_how);
	if (slots_make(&l->space->host.layout, KVAS_REGION_DIRECT_MAP, reader_read,
		       l->space->reader, space_own_pgd(l->space), &l->slots))
		return err_set(e, "out of memory for the direct map");
	l->total.unread += l->slots.unread;
	l->sink->begin(l->sink->ctx, l->watch ? watch_how(l->watch) : NULL, why.text);
	r = watch_until(l, duration_s > 0 ?
			   clock_monotonic_ns() + (__u64)(duration_s * NS_PER_S) : 0, e);
	if (l->watch)
		l->total.lost += watch_lost(l->watch);
	l->sink->end(l->sink->ctx, &l->total);
	return r;
}

int dmap_watch(struct space *s, unsigned int avoid, double duration_s,
	       const struct watch_sink *sink, struct err *e)
{
	struct loop *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_set(e, "out of memory");
	l->space = s;
	l->sink = sink;
	r = ending_begin(1, e) ? -1 : watch(l, avoid, duration_s, e);
	watch_destroy(l->watch);
	slots_free(&l->slots);
	free(l);
	return r;
}
