/* SPDX-License-Identifier: GPL-2.0 */
/* Per-task totals into per-process differences. */
#include "test.h"
#include "agg/tasks.h"

struct seen {
	__u64 c[100][KVAS_T_COUNT];
	__u32 order[100];
	int nr;
};

static void see(void *ctx, struct process_id id, const char comm[KVAS_COMM_LEN], unsigned int t,
		__u64 delta)
{
	struct seen *s = ctx;

	assert_string_equal(comm, "leader"); /* no thread's */
	s->c[id.pid][t] += delta;
	s->order[s->nr++] = id.pid;
}

static struct kvas_iter_task iter_row(__u64 task, __u32 pid, __u32 tid, __u64 syscalls)
{
	struct kvas_iter_task r = { .task = task, .pid = pid, .tid = tid, .comm = "leader" };

	r.c[KVAS_T_SYSCALL] = syscalls;
	return r;
}

static struct kvas_rec_task exit_of(__u64 task, __u32 pid, __u32 tid, __u64 syscalls)
{
	struct kvas_rec_task r = { .task = task, .op = KVAS_TASK_EXIT,
				   .h.comm = "thread", .process_comm = "leader" };

	r.h.pid = pid;
	r.h.tid = tid;
	r.counts[KVAS_T_SYSCALL] = syscalls;
	return r;
}

TEST(threads_sum_to_their_process)
{
	struct kvas_iter_task rows[] = { iter_row(1, 10, 10, 100), iter_row(2, 10, 11, 23),
					 iter_row(3, 5, 5, 4) };
	struct tasks *t = tasks_create();
	struct seen s = { 0 };

	tasks_reading(t, rows, 3);
	tasks_flush(t, see, &s);
	assert_int_equal(s.c[10][KVAS_T_SYSCALL], 123);
	assert_int_equal(s.c[5][KVAS_T_SYSCALL], 4);
	assert_int_equal(s.nr, 2);
	assert_int_equal(s.order[0], 5); /* in order of pid */
	tasks_destroy(t);
}

TEST(second_reading_gives_the_difference)
{
	struct kvas_iter_task a = iter_row(1, 10, 10, 100), b = iter_row(1, 10, 10, 130);
	struct tasks *t = tasks_create();
	struct seen s = { 0 }, s2 = { 0 };

	tasks_reading(t, &a, 1);
	tasks_flush(t, see, &s);
	tasks_reading(t, &b, 1);
	tasks_flush(t, see, &s2);
	assert_int_equal(s2.c[10][KVAS_T_SYSCALL], 30);
	tasks_destroy(t);
}

/* Exit record before or after the reading that still shows the task: the sum is
 * the same. */
TEST(exit_and_reading_in_either_order)
{
	struct kvas_iter_task a = iter_row(1, 10, 10, 100);
	struct kvas_rec_task x = exit_of(1, 10, 10, 117);

	for (int first = 0; first < 2; first++) {
		struct tasks *t = tasks_create();
		struct seen s = { 0 };

		if (first)
			tasks_exit(t, &x);
		tasks_reading(t, &a, 1);
		if (!first)
			tasks_exit(t, &x);
		tasks_reading(t, NULL, 0);
		tasks_reading(t, NULL, 0);
		tasks_flush(t, see, &s);
		assert_int_equal(s.c[10][KVAS_T_SYSCALL], 117);
		tasks_destroy(t);
	}
}

/* Begun at another time: another task, though the rest is the same; and another process. */
TEST(reused_pid_is_another_process)
{
	struct kvas_rec_task x = exit_of(1, 10, 10, 50), y = exit_of(1, 10, 10, 7);
	struct tasks *t = tasks_create();
	struct seen s = { 0 };

	x.start_ns = x.process_start_ns = 1000;
	y.start_ns = y.process_start_ns = 2000;
	tasks_exit(t, &x);
	tasks_exit(t, &y);
	tasks_flush(t, see, &s);
	assert_int_equal(s.c[10][KVAS_T_SYSCALL], 57);
	assert_int_equal(s.nr, 2);
	tasks_destroy(t);
}

/* exec by a thread gives it its leader's tid. */
TEST(changed_tid_is_the_same_task)
{
	struct kvas_iter_task a = iter_row(1, 10, 11, 100);
	struct kvas_rec_task x = exit_of(1, 10, 10, 117);
	struct tasks *t = tasks_create();
	struct seen s = { 0 };

	a.start_ns = x.start_ns = 1000;
	tasks_reading(t, &a, 1);
	tasks_exit(t, &x);
	tasks_flush(t, see, &s);
	assert_int_equal(s.c[10][KVAS_T_SYSCALL], 117);
	tasks_destroy(t);
}

TEST(reused_tid_is_another_task)
{
	struct kvas_rec_task x = exit_of(1, 10, 10, 50), y = exit_of(2, 10, 10, 7);
	struct tasks *t = tasks_create();
	struct seen s = { 0 };

	tasks_exit(t, &x);
	tasks_exit(t, &y);
	tasks_flush(t, see, &s);
	assert_int_equal(s.c[10][KVAS_T_SYSCALL], 57);
	tasks_destroy(t);
}

/* A reading that overlapped a switch may be too high; nothing is counted twice. */
TEST(smaller_total_counts_nothing)
{
	struct kvas_iter_task a = iter_row(1, 10, 10, 100), b = iter_row(1, 10, 10, 90),
			      c = iter_row(1, 10, 10, 101);
	struct tasks *t = tasks_create();
	struct seen s = { 0 };

	tasks_reading(t, &a, 1);
	tasks_reading(t, &b, 1);
	tasks_reading(t, &c, 1);
	tasks_flush(t, see, &s);
	assert_int_equal(s.c[10][KVAS_T_SYSCALL], 101);
	tasks_destroy(t);
}

/* As many as live, and so many of the dead: memory does not grow with all that ever lived. */
TEST(the_dead_are_forgotten)
{
	struct kvas_iter_task living = iter_row(1, 99, 99, 5);
	struct tasks *t = tasks_create();
	struct seen s = { 0 };

	for (__u64 i = 0; i < 400000; i++) {
		struct kvas_rec_task x = exit_of(2 + i % 1000, 1 + i % 50, 1000, 3);

		x.start_ns = i;
		if (i % 100000 == 50000)
			tasks_reading(t, &living, 1);
		tasks_exit(t, &x);
		assert_true(tasks_held(t) <= TASKS_EXITED_MAX + 1);
		assert_true(tasks_waiting(t) <= 51);
	}
	tasks_reading(t, &living, 1);
	tasks_flush(t, see, &s);
	assert_int_equal(tasks_waiting(t), 0);
	for (int pid = 1; pid <= 50; pid++)
		assert_int_equal(s.c[pid][KVAS_T_SYSCALL], 400000 / 50 * 3);
	assert_int_equal(s.c[99][KVAS_T_SYSCALL], 5);
	tasks_destroy(t);
}

TESTS_RUN(NULL, NULL)
