/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/tasks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "hash.h"

/* A task is one task_struct, which is used again, from when it began. A tid is no mark of it: exec by
 * a thread changes it. */
struct task_key {
	__u64 task;
	__u64 start_ns;
};

struct task_sum {
	struct task_key key;
	__u64 last[KVAS_T_COUNT];
	__u32 reading; /* number of the last reading it was in */
	bool exited;
	struct task_sum *prev, *next; /* among the exited, oldest first */
	UT_hash_handle hh;
};

struct process_delta {
	struct process_id id;
	char comm[KVAS_COMM_LEN];
	__u64 c[KVAS_T_COUNT];
	UT_hash_handle hh;
};

struct tasks {
	struct task_sum *tasks, *exited;
	size_t nr_exited;
	struct process_delta *processes;
	__u32 reading;
};

struct tasks *tasks_create(void)
{
	return calloc(1, sizeof(struct tasks));
}

void tasks_destroy(struct tasks *t)
{
	struct process_delta *p, *pn;
	struct task_sum *s, *sn;

	if (!t)
		return;
	HASH_FREE(t->tasks, s, sn);
	HASH_FREE(t->processes, p, pn);
	free(t);
}

static void forget(struct tasks *t, struct task_sum *s)
{
	HASH_DEL(t->tasks, s);
	if (s->exited) {
		DL_DELETE(t->exited, s);
		t->nr_exited--;
	}
	free(s);
}

/* NULL: no memory. */
static struct process_delta *delta_of_process(struct tasks *t, struct process_id id)
{
	struct process_delta *p;

	HASH_FIND_OR_MAKE(t->processes, id, &id, sizeof(id), p);
	return p;
}

static struct task_sum *sum_of_task(struct tasks *t, __u64 addr, __u64 start_ns)
{
	struct task_key key = { addr, start_ns };
	struct task_sum *s;

	HASH_FIND_OR_MAKE(t->tasks, key, &key, sizeof(key), s);
	return s;
}

/* Totals only grow; a smaller one is a reading that overlapped a switch, and the
 * next one makes up for it. */
static void add_growth(struct tasks *t, struct task_sum *s, struct process_id id, const char *comm,
		       const __u64 *totals)
{
	struct process_delta *p = NULL;

	for (int i = 0; i < KVAS_T_COUNT; i++) {
		if (totals[i] <= s->last[i])
			continue;
		if (!p)
			p = delta_of_process(t, id);
		if (!p)
			return;
		p->c[i] += totals[i] - s->last[i];
		s->last[i] = totals[i];
	}
	if (p)
		memcpy(p->comm, comm, sizeof(p->comm));
}

void tasks_reading(struct tasks *t, const struct kvas_iter_task *rows, size_t nr)
{
	struct task_sum *s, *next;

	t->reading++;
	for (size_t i = 0; i < nr; i++) {
		s = sum_of_task(t, rows[i].task, rows[i].start_ns);
		if (!s)
			continue;
		s->reading = t->reading;
		add_growth(t, s, (struct process_id){ rows[i].process_start_ns, rows[i].pid, 0 },
			   rows[i].comm, rows[i].c);
	}
	HASH_ITER(hh, t->tasks, s, next) {
		if (t->reading - s->reading >= 2)
			forget(t, s);
	}
}

void tasks_exit(struct tasks *t, const struct kvas_rec_task *r)
{
	struct task_sum *s = sum_of_task(t, r->task, r->start_ns);

	if (!s)
		return;
	add_growth(t, s, (struct process_id){ r->process_start_ns, r->h.pid, 0 }, r->process_comm,
		   r->counts);
	/* Kept for a while: a reading made as the task exited may still come, and must not count
	 * everything again. */
	s->reading = t->reading;
	if (!s->exited) {
		s->exited = true;
		DL_APPEND(t->exited, s);
		if (++t->nr_exited > TASKS_EXITED_MAX)
			forget(t, t->exited);
	}
}

size_t tasks_held(const struct tasks *t)
{
	return HASH_COUNT(t->tasks);
}

size_t tasks_waiting(const struct tasks *t)
{
	return HASH_COUNT(t->processes);
}

static int by_pid(const struct process_delta *a, const struct process_delta *b)
{
	if (a->id.pid != b->id.pid)
		return a->id.pid < b->id.pid ? -1 : 1;
	return a->id.start_ns < b->id.start_ns ? -1 : a->id.start_ns > b->id.start_ns;
}

void tasks_flush(struct tasks *t, tasks_fn fn, void *ctx)
{
	struct process_delta *p, *next;

	HASH_SORT(t->processes, by_pid);
	HASH_ITER(hh, t->processes, p, next) {
		for (unsigned int i = 0; i < KVAS_T_COUNT; i++)
			if (p->c[i])
				fn(ctx, p->id, p->comm, i, p->c[i]);
		HASH_DEL(t->processes, p);
		free(p);
	}
}
