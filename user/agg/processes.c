// SPDX-License-Identifier: GPL-2.0
#include "agg/processes.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

struct entry {
	struct process_sum sum;
	UT_hash_handle hh;
};

struct processes {
	struct entry *head;
	struct process_sum others;
	__u64 folded;
	struct process_sum sorted[AGG_MAX_PROCESSES + 1];
};

struct processes *processes_create(void)
{
	struct processes *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	memcpy(p->others.comm, "(others)", sizeof("(others)"));
	p->others.folded = true;
	return p;
}

void processes_destroy(struct processes *p)
{
	struct entry *e, *next;

	if (!p)
		return;
	HASH_FREE(p->head, e, next);
	free(p);
}

static __u64 activity(const struct process_sum *s)
{
	__u64 sum = 0;

	for (int t = 0; t < KVAS_T_COUNT; t++)
		sum += s->c[t];
	return sum;
}

/* Pid 0 may be both the idle task and "(others)", which then comes last. */
static int by_activity(const struct process_sum *a, const struct process_sum *b)
{
	__u64 x = activity(a), y = activity(b);

	if (x != y)
		return x > y ? -1 : 1;
	if (a->id.pid != b->id.pid)
		return a->id.pid < b->id.pid ? -1 : 1;
	if (a->id.start_ns != b->id.start_ns)
		return a->id.start_ns < b->id.start_ns ? -1 : 1;
	return memcmp(b->comm, a->comm, sizeof(a->comm));
}

static int rows_by_activity(const void *a, const void *b)
{
	return by_activity(a, b);
}

static int entries_by_activity(const struct entry *a, const struct entry *b)
{
	return by_activity(&a->sum, &b->sum);
}

static void fold_processes(struct processes *p)
{
	struct entry *e, *next;
	unsigned int place = 0;

	HASH_SORT(p->head, entries_by_activity);
	HASH_ITER(hh, p->head, e, next) {
		if (place++ < AGG_MAX_PROCESSES / 2)
			continue;
		for (int t = 0; t < KVAS_T_COUNT; t++)
			p->others.c[t] += e->sum.c[t];
		HASH_DEL(p->head, e);
		free(e);
		p->folded++;
	}
}

/* NULL: no memory. */
static struct entry *new_entry(struct processes *p, struct process_id id)
{
	struct entry *e;

	if (HASH_COUNT(p->head) >= AGG_MAX_PROCESSES)
		fold_processes(p);
	HASH_MAKE(p->head, sum.id, &id, sizeof(id), e);
	return e;
}

void processes_add(struct processes *p, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int t,
		   __u64 delta)
{
	struct entry *e;

	HASH_FIND(hh, p->head, &id, sizeof(id), e);
	if (!e)
		e = new_entry(p, id);
	if (!e) {
		p->folded++;
		p->others.c[t] += delta;
		return;
	}
	if (comm[0])
		memcpy(e->sum.comm, comm, sizeof(e->sum.comm));
	e->sum.c[t] += delta;
}

const struct process_sum *processes_sorted(struct processes *p, size_t *nr, __u64 *folded)
{
	struct entry *e, *next;
	size_t n = 0;

	HASH_ITER(hh, p->head, e, next)
		p->sorted[n++] = e->sum;
	if (p->folded)
		p->sorted[n++] = p->others;
	qsort(p->sorted, n, sizeof(p->sorted[0]), rows_by_activity);
	*nr = n;
	*folded = p->folded;
	return p->sorted;
}
