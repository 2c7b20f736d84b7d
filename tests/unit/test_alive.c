/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of tasks, an earlier and a later one: what of the earlier is still there? */
#include "test.h"
#include "kernel/alive.h"

#define MM 0xffff888100001000ULL
#define PGD 0xffff888100200000ULL
#define TASK 0xffff888100300000ULL

#define NR(list) (sizeof(list) / sizeof((list)[0]))

static struct kvas_reader_task task(__u32 pid, __u32 tid, __u64 task, __u64 mm, __u64 ctx_id)
{
	return (struct kvas_reader_task){ .task = task, .pid = pid, .tid = tid, .mm = mm,
					  .pgd = mm ? mm - MM + PGD : 0, .ctx_id = ctx_id };
}

static const struct alive_mm was = { MM, 7, PGD };

/* Who has it, of process PID if it can be: a tid, 0 nobody. */
static __u32 holder(__u32 pid, struct kvas_reader_task *now, size_t nr)
{
	const struct kvas_reader_task *t;

	alive_sort(now, nr);
	t = alive_mm(&was, pid, now, nr);
	return t ? t->tid : 0;
}

TEST(an_address_space_that_is_still_there)
{
	struct kvas_reader_task now[] = {
		task(300, 300, TASK + 0x3000, MM + 0x2000, 9),
		task(100, 100, TASK, 0, 0), /* the leader has exited, a thread lives */
		task(100, 102, TASK + 0x1000, MM, 7),
		task(50, 50, TASK + 0x2000, MM, 7), /* shares it: vfork */
		task(2, 2, TASK + 0x4000, 0, 0),
	};

	assert_int_equal(holder(100, now, NR(now)), 102);
	assert_int_equal(holder(50, now, NR(now)), 50);
	/* The process it was known by has ended: whoever shared it has it still. */
	assert_int_equal(holder(70, now, NR(now)), 50);
}

TEST(one_that_is_not)
{
	struct kvas_reader_task reused[] = { task(200, 200, TASK, MM, 8) };
	struct kvas_reader_task number[] = { task(100, 100, TASK, MM, 8) };
	struct kvas_reader_task borrowed[] = { task(60, 60, TASK + 0x1000, MM, 7) };
	struct kvas_reader_task moved[] = { task(100, 100, TASK, MM, 7) };
	struct kvas_reader_task exiting[] = { task(100, 100, TASK, 0, 0) };

	/* Its mm and PGD went to a process that began since. */
	assert_int_equal(holder(100, reused, 1), 0);
	/* And so did its number. */
	assert_int_equal(holder(100, number, 1), 0);
	/* A kernel thread that works on it is no process. */
	borrowed[0].kthread = 1;
	assert_int_equal(holder(100, borrowed, 1), 0);
	moved[0].pgd += 0x1000;
	assert_int_equal(holder(100, moved, 1), 0);
	assert_int_equal(holder(100, exiting, 1), 0);
	assert_int_equal(holder(100, NULL, 0), 0);
}

TEST(a_task)
{
	struct kvas_reader_task then = task(100, 100, TASK, MM, 7);
	struct kvas_reader_task now[] = { task(200, 200, TASK + 0x1000, MM + 0x1000, 8),
					  task(100, 101, TASK + 0x2000, MM, 7),
					  task(100, 100, TASK, MM, 7) };

	assert_int_equal(alive_task(&then, now, 3), ALIVE_STILL);
	now[2].ctx_id = 9; /* exec: the old mm was freed and taken again */
	assert_int_equal(alive_task(&then, now, 3), ALIVE_EXEC);
	now[2] = task(100, 100, TASK, 0, 0);
	assert_int_equal(alive_task(&then, now, 3), ALIVE_ENDED);
	now[2] = task(100, 100, TASK + 0x3000, MM, 7); /* another task with its number */
	assert_int_equal(alive_task(&then, now, 3), ALIVE_ENDED);
	now[2] = task(400, 400, TASK, MM, 7); /* another task in its place */
	assert_int_equal(alive_task(&then, now, 3), ALIVE_ENDED);
	assert_int_equal(alive_task(&then, now, 2), ALIVE_ENDED);
	assert_int_equal(alive_task(&then, NULL, 0), ALIVE_ENDED);
}

TEST(a_kernel_thread)
{
	struct kvas_reader_task then = task(2, 2, TASK, 0, 0), now = then;

	then.kthread = now.kthread = 1;
	assert_int_equal(alive_task(&then, &now, 1), ALIVE_STILL);
	now.mm = MM; /* it works for a process just now */
	now.ctx_id = 7;
	assert_int_equal(alive_task(&then, &now, 1), ALIVE_STILL);
	now.task += 0x1000;
	assert_int_equal(alive_task(&then, &now, 1), ALIVE_ENDED);
}

TESTS_RUN(NULL, NULL)
