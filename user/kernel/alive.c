// SPDX-License-Identifier: GPL-2.0
#include "kernel/alive.h"

#include <stdlib.h>

static int by_mm(const void *a, const void *b)
{
	const struct kvas_reader_task *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	/* One that was freed and given out again while the tasks were listed is two. */
	if (x->ctx_id != y->ctx_id)
		return x->ctx_id < y->ctx_id ? -1 : 1;
	if (!x->kthread != !y->kthread)
		return x->kthread ? 1 : -1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

void alive_sort(struct kvas_reader_task *tasks, size_t nr)
{
	if (nr)
		qsort(tasks, nr, sizeof(*tasks), by_mm);
}

/* The first of NR that is not before KEY. */
static size_t first_from(const struct kvas_reader_task *key, const struct kvas_reader_task *now,
			 size_t nr)
{
	size_t low = 0;

	while (low < nr) {
		size_t middle = low + (nr - low) / 2;

		if (by_mm(&now[middle], key) < 0)
			low = middle + 1;
		else
			nr = middle;
	}
	return low;
}

const struct kvas_reader_task *alive_mm(const struct alive_mm *was, __u32 pid,
					const struct kvas_reader_task *now, size_t nr)
{
	const struct kvas_reader_task key = { .mm = was->mm, .ctx_id = was->ctx_id }, *any = NULL;

	for (size_t i = first_from(&key, now, nr); i < nr; i++) {
		const struct kvas_reader_task *t = &now[i];

		if (t->mm != was->mm || t->ctx_id != was->ctx_id || t->kthread)
			break;
		if (t->pgd != was->pgd)
			continue;
		if (t->pid == pid)
			return t;
		any = any ? any : t;
	}
	return any;
}

enum alive_task alive_task(const struct kvas_reader_task *was, const struct kvas_reader_task *now,
			   size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct kvas_reader_task *t = &now[i];

		if (t->task != was->task || t->tid != was->tid || t->pid != was->pid)
			continue;
		if (was->kthread ||
		    (t->mm == was->mm && t->ctx_id == was->ctx_id && t->pgd == was->pgd))
			return ALIVE_STILL;
		return t->mm ? ALIVE_EXEC : ALIVE_ENDED;
	}
	return ALIVE_ENDED;
}
