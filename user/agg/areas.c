/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/areas.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "hash.h"
#include "short_memory.h"

#define MOST_CALLERS 512
#define OTHERS "(others)"

struct row {
	struct area_row r;
	__u64 taken; /* bytes, by the purge at hand */
	UT_hash_handle hh;
};

struct cause {
	struct area_cause c;
	UT_hash_handle hh;
};

/* A process with live areas, in the table until it ends. */
struct owner {
	__u32 pid;
	int ended;
	__u64 areas;
	UT_hash_handle hh;
};

/* Live, or freed and not purged. */
struct area {
	__u64 address, bytes;
	struct row *row; /* NULL: neither its allocation nor that it was there was seen */
	int older; /* there when the window opened */
	struct owner *owner;
	struct area *prev, *next; /* among the freed, oldest first */
	UT_hash_handle hh;
};

struct areas {
	struct row *rows;
	struct cause *purges, *flushes;
	struct owner *owners;
	struct area *live, *lazy;
	size_t nr_lazy;
	struct area_sum older;
	__u64 lazy_system_bytes, untracked, start_untracked;
	int lazy_system_known;
	struct area_row *sorted;
	struct area_cause *sorted_purges, *sorted_flushes;
};

struct areas *areas_create(void)
{
	return calloc(1, sizeof(struct areas));
}

static void causes_free(struct cause **head)
{
	struct cause *c, *next;

	HASH_FREE(*head, c, next);
}

static void disown(struct areas *a, struct area *area)
{
	if (area->owner && !--area->owner->areas) {
		if (!area->owner->ended)
			HASH_DEL(a->owners, area->owner);
		free(area->owner);
	}
	area->owner = NULL;
}

static void forget_live(struct areas *a, struct area *area)
{
	HASH_DEL(a->live, area);
	disown(a, area);
}

void areas_destroy(struct areas *a)
{
	struct area *area, *next;
	struct row *r, *next_row;

	if (!a)
		return;
	HASH_ITER(hh, a->live, area, next) {
		forget_live(a, area);
		free(area);
	}
	DL_FOREACH_SAFE(a->lazy, area, next) {
		DL_DELETE(a->lazy, area);
		free(area);
	}
	HASH_FREE(a->rows, r, next_row);
	causes_free(&a->purges);
	causes_free(&a->flushes);
	free(a->sorted);
	free(a->sorted_purges);
	free(a->sorted_flushes);
	free(a);
}

/* Past MOST_CALLERS all go into one row. NULL when out of memory. */
static struct row *caller_row(struct areas *a, const char *caller)
{
	const char *name = caller;
	struct row *r;

	HASH_FIND_STR(a->rows, name, r);
	if (!r && HASH_COUNT(a->rows) >= MOST_CALLERS) {
		name = OTHERS;
		HASH_FIND_STR(a->rows, name, r);
	}
	if (!r)
		HASH_MAKE(a->rows, r.caller, name, strnlen(name, sizeof(r->r.caller) - 1), r);
	return r;
}

static void count_cause(struct cause **head, const struct kvas_rec_vmalloc *r)
{
	const char *name = r->caller;
	struct cause *c;

	HASH_FIND_STR(*head, name, c);
	if (!c && HASH_COUNT(*head) >= MOST_CALLERS) {
		name = OTHERS;
		HASH_FIND_STR(*head, name, c);
	}
	if (!c) {
		HASH_MAKE(*head, c.caller, name, strnlen(name, sizeof(c->c.caller) - 1), c);
		if (!c) {
			short_memory_note();
			return;
		}
	}
	c->c.count++;
	c->c.bytes += r->bytes;
}

static void area_enters(struct area_sum *s, __u64 bytes)
{
	s->areas++;
	s->bytes += bytes;
}

static void area_leaves(struct area_sum *s, __u64 bytes)
{
	s->areas--;
	s->bytes -= bytes;
}

static struct owner *owner_of(struct areas *a, __u32 pid)
{
	struct owner *o;

	HASH_FIND_OR_MAKE(a->owners, pid, &pid, sizeof(pid), o);
	return o;
}

static void own(struct areas *a, struct area *area, __u32 pid)
{
	disown(a, area);
	area->owner = owner_of(a, pid);
	if (area->owner)
		area->owner->areas++;
	else
		a->untracked++; /* whether it leaks is not known then */
}

static void leave_live(struct area *area)
{
	if (!area->older)
		area_leaves(&area->row->r.live, area->bytes);
}

static struct area *find_live(struct areas *a, __u64 address)
{
	struct area *area;

	HASH_FIND(hh, a->live, &address, sizeof(address), area);
	return area;
}

/* The area of R in the table, its caller's ROW with it. NULL: without room for either. */
static struct area *enter(struct areas *a, const struct kvas_rec_vmalloc *r, struct row *row)
{
	struct area *area = find_live(a, r->address);

	if (area) { /* its free was lost */
		leave_live(area);
		forget_live(a, area);
		free(area);
		area = NULL;
	}
	if (row && HASH_COUNT(a->live) < AREAS_MAX)
		HASH_MAKE(a->live, address, &r->address, sizeof(area->address), area);
	if (!area) {
		a->untracked++;
		return NULL;
	}
	area->bytes = r->bytes;
	area->row = row;
	return area;
}

static void allocated(struct areas *a, const struct kvas_rec_vmalloc *r)
{
	struct row *row = caller_row(a, r->caller);
	struct area *area = enter(a, r, row);

	if (row)
		area_enters(&row->r.alloc, r->bytes);
	if (!area)
		return;
	own(a, area, r->h.pid);
	area_enters(&row->r.live, r->bytes);
}

/* It has no owner that could end: who allocated it is not known. */
static void there(struct areas *a, const struct kvas_rec_vmalloc *r)
{
	struct row *row = caller_row(a, r->caller);
	struct area *area;

	if (find_live(a, r->address)) /* it came meanwhile */
		return;
	if (row)
		area_enters(&row->r.start, r->bytes);
	/* Room is left for those that come. */
	area = HASH_COUNT(a->live) < AREAS_MAX / 2 ? enter(a, r, row) : NULL;
	if (area)
		area->older = 1;
	else
		a->start_untracked++;
}

/* AREA's addresses wait no more. */
static void give_back(struct areas *a, struct area *area)
{
	DL_DELETE(a->lazy, area);
	a->nr_lazy--;
	if (area->row && !area->older) {
		area_leaves(&area->row->r.lazy, area->bytes);
		area_enters(&area->row->r.purged, area->bytes);
	}
	if (area->row)
		area->row->taken += area->bytes;
	free(area);
}

static void freed(struct areas *a, const struct kvas_rec_vmalloc *r)
{
	struct area *area = find_live(a, r->address);

	if (r->lazy_bytes) {
		a->lazy_system_bytes = r->lazy_bytes;
		a->lazy_system_known = 1;
	}
	if (area) {
		forget_live(a, area);
		leave_live(area);
		area_enters(area->older ? &area->row->r.start_freed : &area->row->r.freed, area->bytes);
		if (!area->older)
			area_enters(&area->row->r.lazy, area->bytes);
	} else {
		area = calloc(1, sizeof(*area));
		area_enters(&a->older, r->bytes);
		if (!area)
			return;
		*area = (struct area){ .address = r->address, .bytes = r->bytes };
	}
	DL_APPEND(a->lazy, area);
	if (++a->nr_lazy > AREAS_MAX) { /* where purges are not seen */
		a->untracked++;
		give_back(a, a->lazy);
	}
}

/* Was it among those the purge took? It has a range where it is known. */
static int within(const struct area *area, const struct kvas_rec_vmalloc *r)
{
	return !r->bytes ||
	       (area->address >= r->address && area->address - r->address < r->bytes);
}

/* Each caller's part in a purge is its part of the bytes. */
static void share_out(struct areas *a, __u64 all)
{
	struct row *r;

	for (r = a->rows; r; r = r->hh.next) {
		if (all)
			r->r.purges += (double)r->taken / all;
		r->taken = 0;
	}
}

static void purged(struct areas *a, const struct kvas_rec_vmalloc *r)
{
	__u64 left = r->areas ? r->areas : ~0ULL, all = 0;
	struct area *area, *next;

	/* What was freed while it was under way, the newest, waits for another. */
	DL_FOREACH_SAFE(a->lazy, area, next) {
		if (!left)
			break;
		if (!within(area, r))
			continue;
		left--;
		all += area->bytes;
		give_back(a, area);
	}
	share_out(a, all);
	count_cause(&a->purges, r);
}

void areas_add(struct areas *a, const struct kvas_rec_vmalloc *r)
{
	switch (r->op) {
	case KVAS_VM_ALLOC:
		allocated(a, r);
		break;
	case KVAS_VM_THERE:
		there(a, r);
		break;
	case KVAS_VM_FREE:
		freed(a, r);
		break;
	case KVAS_VM_PURGE:
		purged(a, r);
		break;
	case KVAS_VM_FLUSH:
		count_cause(&a->flushes, r);
		break;
	}
}

/* Freed stacks wait in a cache for the next task, so one area has one owner after the other. */
void areas_stack(struct areas *a, __u64 stack, __u32 pid)
{
	struct area *area = find_live(a, stack);

	if (area && !area->older)
		own(a, area, pid);
}

/* What a process of the same PID allocates later is of another owner. */
void areas_exit(struct areas *a, __u32 pid)
{
	struct owner *o;

	HASH_FIND(hh, a->owners, &pid, sizeof(pid), o);
	if (!o)
		return;
	HASH_DEL(a->owners, o);
	o->ended = 1;
}

static void find_leaked(struct areas *a)
{
	struct area *area;
	struct row *r;

	for (r = a->rows; r; r = r->hh.next)
		r->r.leaked = (struct area_sum){ 0, 0 };
	for (area = a->live; area; area = area->hh.next)
		if (area->owner && area->owner->ended)
			area_enters(&area->row->r.leaked, area->bytes);
}

static int by_bytes(const void *a, const void *b)
{
	const struct area_row *x = a, *y = b;

	if (x->alloc.bytes != y->alloc.bytes)
		return x->alloc.bytes < y->alloc.bytes ? 1 : -1;
	if (x->start.bytes != y->start.bytes)
		return x->start.bytes < y->start.bytes ? 1 : -1;
	return strcmp(x->caller, y->caller);
}

static int by_count(const void *a, const void *b)
{
	const struct area_cause *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->caller, y->caller);
}

static size_t sort_causes(const struct cause *head, struct area_cause **sorted)
{
	const struct cause *c;
	size_t n = 0;

	free(*sorted);
	*sorted = calloc(HASH_COUNT(head) + 1, sizeof(**sorted));
	if (!*sorted)
		short_memory_note();
	for (c = head; c && *sorted; c = c->hh.next)
		(*sorted)[n++] = c->c;
	if (n)
		qsort(*sorted, n, sizeof(**sorted), by_count);
	return n;
}

static void sum_up(struct area_sum *to, struct area_sum more)
{
	to->areas += more.areas;
	to->bytes += more.bytes;
}

static void total(const struct area_row *r, struct area_row *all)
{
	sum_up(&all->start, r->start);
	sum_up(&all->start_freed, r->start_freed);
	sum_up(&all->alloc, r->alloc);
	sum_up(&all->freed, r->freed);
	sum_up(&all->live, r->live);
	sum_up(&all->leaked, r->leaked);
	sum_up(&all->lazy, r->lazy);
	sum_up(&all->purged, r->purged);
	all->purges += r->purges;
}

void areas_summary(struct areas *a, struct area_summary *out)
{
	size_t n = 0;
	struct row *r;

	find_leaked(a);
	*out = (struct area_summary){ .older = a->older, .untracked = a->untracked,
				      .start_untracked = a->start_untracked,
				      .lazy_system_bytes = a->lazy_system_bytes,
				      .lazy_system_known = a->lazy_system_known };
	free(a->sorted);
	a->sorted = calloc(HASH_COUNT(a->rows) + 1, sizeof(*a->sorted));
	if (!a->sorted)
		short_memory_note();
	for (r = a->rows; r; r = r->hh.next) {
		total(&r->r, &out->all);
		if (a->sorted)
			a->sorted[n++] = r->r;
	}
	if (n)
		qsort(a->sorted, n, sizeof(*a->sorted), by_bytes);
	out->rows = a->sorted;
	out->nr_rows = n;
	out->nr_purges = sort_causes(a->purges, &a->sorted_purges);
	out->nr_flushes = sort_causes(a->flushes, &a->sorted_flushes);
	out->purges = a->sorted_purges;
	out->flushes = a->sorted_flushes;
}
