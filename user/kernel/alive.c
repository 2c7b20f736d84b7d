// SPDX-License-Identifier: GPL-2.0
#include "kernel/alive.h"

#include <stdlib.h>

static int by_mm(const void *a, const void *b)
{
	const struct kvas_memory_task *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

void alive_sort(struct kvas_memory_task *tasks, size_t nr)
{
	if (nr)
		qsort(tasks, nr, sizeof(*tasks), by_mm);
}

bool alive_mm(const struct alive_mm *was, const struct kvas_memory_task *now, size_t nr)
{
	const struct kvas_memory_task key = { .mm = was->mm, .pid = was->pid };
	const struct kvas_memory_task *t = nr ? bsearch(&key, now, nr, sizeof(*now), by_mm) : NULL;

	return t && t->ctx_id == was->ctx_id && t->pgd == was->pgd;
}

enum alive_task alive_task(const struct kvas_memory_task *was, const struct kvas_memory_task *now,
			   size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct kvas_memory_task *t = &now[i];

		if (t->task != was->task || t->tid != was->tid || t->pid != was->pid)
			continue;
		if (was->kthread ||
		    (t->mm == was->mm && t->ctx_id == was->ctx_id && t->pgd == was->pgd))
			return ALIVE_STILL;
		return t->mm ? ALIVE_EXEC : ALIVE_ENDED;
	}
	return ALIVE_ENDED;
}
