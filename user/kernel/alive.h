/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is what one list of the tasks named still there, by a later one? What is, was there all
 * the time between. The kernel gives addresses and numbers out again, of an mm and its PGD
 * those freed last first; an mm's ctx_id it never does. No I/O.
 */
#ifndef KVAS_ALIVE_H
#define KVAS_ALIVE_H

#include <linux/types.h>
#include <stddef.h>

#include "kvas/reader.h"

/* Sort NR tasks by address space, of one those of processes before kernel threads that borrow
 * it, the lowest tid first: the order that alive_mm() looks through. */
void alive_sort(struct kvas_reader_task *tasks, size_t nr);

/* An address space that a task had. */
struct alive_mm {
	__u64 mm, ctx_id, pgd;
};
/* The task of a process that has it among the NR of NOW, sorted: one of process PID if any,
 * else the lowest tid, for processes may share one (vfork, CLONE_VM). NULL none. */
const struct kvas_reader_task *alive_mm(const struct alive_mm *was, __u32 pid,
					const struct kvas_reader_task *now, size_t nr);

enum alive_task {
	ALIVE_ENDED = 0, /* or exiting: its memory is given up */
	ALIVE_STILL = 1, /* the same task, with the same address space */
	ALIVE_EXEC = 2, /* the same task, with another: it began another program */
};
/* What became of task WAS among the NR of NOW, in any order? A kernel thread has no
 * address space; one it borrows for a while says nothing. */
enum alive_task alive_task(const struct kvas_reader_task *was, const struct kvas_reader_task *now,
			   size_t nr);

#endif
