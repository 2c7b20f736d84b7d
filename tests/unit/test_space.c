/* SPDX-License-Identifier: GPL-2.0 */
/* What is a task's own, of a kernel made up in memory. */
#include "test.h"
#include "fake_kernel.h"
#include "kernel/space.h"

/* In place of the BPF reader: CTX is the made-up memory. */
int reader_read(void *ctx, __u64 va, void *buf, size_t len)
{
	return fake_read(ctx, va, buf, len);
}

int reader_create(struct reader **out, struct err *e)
{
	*out = NULL;
	return err_set(e, "no reader");
}

void reader_destroy(struct reader *r)
{
	(void)r;
}

int reader_self(struct reader *r, struct reader_self *out)
{
	(void)r;
	(void)out;
	return -1;
}

int reader_tasks(struct kvas_reader_task **rows, size_t *nr, struct err *e)
{
	(void)rows;
	(void)nr;
	return err_set(e, "no tasks");
}

#define OTHERS_PGD 0x155000000ULL /* physical: a process's, which maps nothing */

/* A kernel thread that works on the memory of a process (kthread_use_mm()). */
TEST(a_borrowed_mm_is_not_the_kernel_threads_own)
{
	struct kernel *k = build4();
	struct space s = { .reader = (struct reader *)k->f };
	struct kvas_reader_task t = { .task = 1, .pid = 60, .tid = 60, .comm = "vhost-1" };
	struct walk_view v;
	struct err e;
	__u64 va;

	assert_int_equal(layout_solve(&k->in, fake_read, k->f, &k->out, &k->proof, k->how,
				      sizeof(k->how)), 0);
	s.host.layout = k->out;
	s.self.pgd = k->in.pgd;
	fake_page(k->f, OTHERS_PGD, true);
	t.mm = k->in.mm;
	t.pgd = k->page_offset + OTHERS_PGD;
	/* Of a process the table is its own, and maps nothing. */
	assert_int_equal(space_walk(&s, &t, 0xffffffff81000000, &v, &e), 0);
	assert_false(v.borrowed);
	assert_int_equal(v.table.walk.leaf_level, 0);
	assert_int_equal(space_address(&t, "mm", &va, &e), 0);
	assert_int_equal(va, t.mm);
	assert_int_equal(space_address(&t, "pgd", &va, &e), 0);
	assert_int_equal(va, t.pgd);
	t.kthread = 1;
	assert_int_equal(space_walk(&s, &t, 0xffffffff81000000, &v, &e), 0);
	assert_true(v.borrowed);
	assert_int_equal(v.table.walk.pa, 0x1000000);
	assert_int_equal(space_walk(&s, &t, 0x1000, &v, &e), -1);
	assert_non_null(strstr(e.text, "60 (vhost-1) has no user memory"));
	assert_int_equal(space_address(&t, "mm", &va, &e), -1);
	assert_non_null(strstr(e.text, "has no mm"));
	assert_int_equal(space_address(&t, "pgd", &va, &e), -1);
	assert_int_equal(space_address(&t, "task", &va, &e), 0);
	destroy(k);
}

TESTS_RUN(NULL, NULL)
