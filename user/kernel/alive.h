/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is what one list of the tasks named still there, by a later one? What is, was there all
 * the time between. The kernel gives addresses and numbers out again, of an mm and its PGD
 * those freed last first; an mm's ctx_id it never does. No I/O.
 */
#ifndef KVAS_ALIVE_H
#define KVAS_ALIVE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/reader.h"

/* Sort NR tasks in the order that alive_mm() looks through. */
void alive_sort(struct kvas_memory_task *tasks, size_t nr);

/* The address space that a task of process PID had. */
struct alive_mm {
	__u32 pid;
	__u64 mm, ctx_id, pgd;
};
/* Does a task of the same process have it among the NR of NOW, sorted? */
bool alive_mm(const struct alive_mm *was, const struct kvas_memory_task *now, size_t nr);

enum alive_task {
	ALIVE_ENDED = 0, /* or exiting: its memory is given up */
	ALIVE_STILL = 1, /* the same task, with the same address space */
	ALIVE_EXEC = 2, /* the same task, with another: it began another program */
};
/* What became of task WAS among the NR of NOW, in any order? A kernel thread has no
 * address space; one it borrows for a while says nothing. */
enum alive_task alive_task(const struct kvas_memory_task *was, const struct kvas_memory_task *now,
			   size_t nr);

#endif
