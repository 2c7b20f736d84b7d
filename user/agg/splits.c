// SPDX-License-Identifier: GPL-2.0
#include "agg/splits.h"

#include <stdbool.h>

#include "kvas/x86.h"

static bool splits(const struct slot_change *c)
{
	return c->to < c->from;
}

/* Level of the larger page of the two. */
static int level(const struct slot_change *c)
{
	return splits(c) ? c->from : c->to;
}

static bool in_reach(const struct kvas_dmap_event *e, const struct slot_change *c)
{
	return e->address < c->va + c->bytes && c->va < e->address + e->pages * X86_TABLE_BYTES;
}

/* What of REST the change C may take from; NULL: an event that did no such thing. */
static __u64 *share(const struct kvas_dmap_event *e, struct split_rest *rest,
		    const struct slot_change *c)
{
	__s64 delta = level(c) == 3 ? -e->delta_1g : e->delta_4k;

	if (splits(c) ? delta <= 0 : delta >= 0)
		return NULL;
	return level(c) == 3 ? &rest->large : &rest->small;
}

static __u64 magnitude(__s64 v)
{
	return v < 0 ? -v : v;
}

static int by_address(const struct kvas_dmap_event *events, size_t nr, const struct slot_change *c,
		      struct split_rest *rest)
{
	for (size_t i = 0; i < nr; i++) {
		__u64 *left = share(&events[i], &rest[i], c);

		if (left && *left && in_reach(&events[i], c)) {
			--*left;
			return i;
		}
	}
	return -1;
}

/* The one event that could have done what nobody did: all of the kind, and no more. */
static int by_count(const struct kvas_dmap_event *events, size_t nr, const struct slot_change *c,
		    struct split_rest *rest, size_t open)
{
	int found = -1;

	for (size_t i = 0; i < nr; i++) {
		__u64 *left = share(&events[i], &rest[i], c);

		if (!left || !*left)
			continue;
		if (found >= 0 || events[i].shared || *left != open)
			return -1;
		found = i;
	}
	return found;
}

static bool same_kind(const struct slot_change *a, const struct slot_change *b)
{
	return a->from == b->from && a->to == b->to;
}

/* The part of a counter's way to END, which DELTA says it went, that it had gone before it came
 * to TOLD; TOLD is moved on. */
static __u64 gone_before(__s64 *told, __s64 end, __s64 delta)
{
	__s64 begin = end - delta, at = *told;

	if (delta > 0) {
		*told = at > end ? at : end;
		return at <= begin ? 0 : (at < end ? at : end) - begin;
	}
	*told = at < end ? at : end;
	return at >= begin ? 0 : begin - (at > end ? at : end);
}

struct split_rest splits_again(struct split_told *t, const struct kvas_dmap_event *e)
{
	struct split_rest again = { 0 };

	if (t->known && e->shared) {
		again.small = gone_before(&t->pages_4k, e->end_4k, e->delta_4k) / 512;
		again.large = gone_before(&t->pages_1g, e->end_1g, e->delta_1g);
	} else {
		*t = (struct split_told){ true, e->end_4k, e->end_1g };
	}
	return again;
}

static void take(__u64 *rest, __u64 *from)
{
	__u64 both = *rest < *from ? *rest : *from;

	*rest -= both;
	*from -= both;
}

/* What was told twice is a rest of one of the calls that were not alone. */
static void leave_out_again(const struct kvas_dmap_event *events, size_t nr, struct split_rest *rest,
			    struct split_rest again)
{
	for (size_t i = 0; i < nr; i++)
		if (events[i].shared) {
			take(&rest[i].small, &again.small);
			take(&rest[i].large, &again.large);
		}
}

void splits_match(const struct kvas_dmap_event *events, size_t nr_events,
		  const struct slot_change *changes, size_t nr_changes, int *who,
		  struct split_rest *rest, struct split_rest again)
{
	for (size_t i = 0; i < nr_events; i++)
		rest[i] = (struct split_rest){ magnitude(events[i].delta_1g),
					       magnitude(events[i].delta_4k) / 512 };
	for (size_t i = 0; i < nr_changes; i++)
		who[i] = by_address(events, nr_events, &changes[i], rest);
	for (size_t i = 0; i < nr_changes; i++) {
		size_t open = 0;
		int only;

		if (who[i] >= 0)
			continue;
		for (size_t k = 0; k < nr_changes; k++)
			open += who[k] < 0 && same_kind(&changes[i], &changes[k]);
		only = by_count(events, nr_events, &changes[i], rest, open);
		if (only < 0)
			continue;
		for (size_t k = i; k < nr_changes; k++)
			if (who[k] < 0 && same_kind(&changes[i], &changes[k])) {
				who[k] = only;
				--*share(&events[only], &rest[only], &changes[k]);
			}
	}
	leave_out_again(events, nr_events, rest, again);
}

void splits_by_nobody(const struct kvas_dmap_event *events, size_t nr_events,
		      struct split_rest *rest, const struct slot_change *c)
{
	for (size_t i = 0; i < nr_events; i++) {
		__u64 *left = share(&events[i], &rest[i], c);

		if (left && *left) {
			--*left;
			return;
		}
	}
}
