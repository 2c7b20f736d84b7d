/* SPDX-License-Identifier: GPL-2.0 */
/* All processes' tables, of a kernel made up in memory in which processes end meanwhile. */
#include "test.h"
#include "fake_kernel.h"
#include "kernel/pgds.h"

#define OTHER 0x155000000ULL /* physical: the second process's PGD */
#define NEW_ENTRY 0x1777067ULL

/* In place of the BPF reader. */
static struct kernel *k;
static struct kvas_reader_task later[4];
static size_t nr_later;
static bool listed; /* the last list of the tasks was made */
static unsigned int reads_too_late;
static unsigned int new_entry_at; /* once the second PGD was read this entry is everywhere */

int reader_read(void *ctx, __u64 va, void *buf, size_t len)
{
	int r = fake_read(k->f, va, buf, len);

	(void)ctx;
	reads_too_late += listed;
	if (new_entry_at && va == k->page_offset + OTHER && len == X86_TABLE_BYTES) {
		fake_put(k->f, OTHER, new_entry_at, NEW_ENTRY);
		fake_put(k->f, k->f->pgd, new_entry_at, NEW_ENTRY);
	}
	return r;
}

int reader_tasks(struct kvas_reader_task **rows, size_t *nr, struct err *e)
{
	(void)e;
	*rows = malloc(sizeof(later));
	memcpy(*rows, later, sizeof(later));
	*nr = nr_later;
	listed = true;
	return 0;
}

__u64 space_own_pgd(const struct space *s)
{
	(void)s;
	return k->in.pgd;
}

static struct space s;
static struct {
	__u64 entry[PAGING_ENTRIES];
	struct survey user, kernel;
} kept;
static struct pgds_want want; /* all there is to want */
static const struct pgds_want lower_alone = { .lower = true };
static struct pgds p;

/* kvas and another process, each with its table and user mode's beside it. */
static void make_two(void)
{
	__u64 *upper;

	s = (struct space){ .nr_tasks = 3 };
	k = build4();
	assert_int_equal(layout_solve(&k->in, fake_read, k->f, &k->out, &k->proof, k->how,
				      sizeof(k->how)), 0);
	upper = fake_page(k->f, k->f->pgd, false);
	for (unsigned int i = 256; i < 512; i++)
		fake_put(k->f, OTHER, i, upper[i]);
	fake_put(k->f, OTHER, 3, fake_table(k->f) | 0x67);
	for (int i = 0; i < 512; i++)
		fake_put(k->f, OTHER + 4096, i, i == 508 ? upper[508] : 0);
	s.host.layout = k->out;
	s.host.kpti = ANSWER_YES;
	s.tasks = calloc(s.nr_tasks, sizeof(*s.tasks));
	s.tasks[0] = (struct kvas_reader_task){ .pid = 90, .tid = 90, .mm = k->in.mm,
						.pgd = k->in.pgd, .ctx_id = 5 };
	s.tasks[1] = (struct kvas_reader_task){ .pid = 80, .tid = 80, .mm = k->in.mm + 0x800,
						.pgd = k->page_offset + OTHER, .ctx_id = 6 };
	s.tasks[2] = (struct kvas_reader_task){ .pid = 2, .tid = 2, .kthread = 1 };
	memcpy(later, s.tasks, s.nr_tasks * sizeof(*s.tasks));
	nr_later = s.nr_tasks;
	listed = false;
	reads_too_late = new_entry_at = 0;
	want = (struct pgds_want){ .lower = true, .user_tables = true, .mm = k->in.mm + 0x800,
				   .ctx_id = 6, .entry = kept.entry, .user = &kept.user,
				   .kernel = &kept.kernel };
}

static void end(void)
{
	pgds_free(&p);
	free(s.tasks);
	destroy(k);
}

TEST_FIXTURE(two_processes, make_two())
TEST_FIXTURE(drop, end())

#define TEST_OF_TWO(name) TEST_BETWEEN(name, two_processes, drop)

static void again(void)
{
	end();
	make_two();
}

/* Of so many PGDs so many ended while they were read. */
static void are_read(size_t nr, size_t gone)
{
	assert_int_equal(pgds_read(&s, &want, &p, NULL), 0);
	assert_int_equal(p.nr, nr);
	assert_int_equal(p.gone, gone);
}

TEST_OF_TWO(nothing_is_read_after_the_last_list)
{
	/* An entry that differs is read once more: before the list, too. */
	fake_put(k->f, OTHER, 300, NEW_ENTRY);
	are_read(2, 0);
	assert_true(listed);
	assert_int_equal(reads_too_late, 0);
	assert_int_equal(p.row[0].pid, 80);
	assert_int_equal(p.row[0].half.differ, 1);
	assert_int_equal(p.row[0].lower.tables[2], 1);
	assert_int_equal(p.row[0].user.bytes, 4096);
	assert_int_equal(p.row[0].user.entry_area, 4096);
	assert_memory_equal(kept.entry, fake_page(k->f, OTHER, false), 4096);
	assert_int_equal(kept.user.region[KVAS_REGION_CPU_ENTRY_AREA].leaves[0], 1);
	assert_int_equal(kept.user.region[KVAS_REGION_DIRECT_MAP].leaves[2], 0);
	assert_int_equal(kept.kernel.region[KVAS_REGION_DIRECT_MAP].leaves[2], 22);
}

TEST_OF_TWO(whose_table_was_given_to_another_has_ended)
{
	/* A process that began meanwhile got the mm and the PGD, both freed last. */
	later[1].pid = later[1].tid = 95;
	later[1].ctx_id = 7;
	are_read(2, 1);
	assert_true(p.row[0].gone);
	assert_false(p.row[1].gone);
	/* And even the number. */
	again();
	later[1].ctx_id = 7;
	are_read(2, 1);
	assert_true(p.row[0].gone);
}

/* An mm that was freed and given out again while the first list was made is in it twice. */
TEST_OF_TWO(two_owners_in_one_list_are_two_rows)
{
	want = lower_alone;
	s.tasks[2] = s.tasks[1];
	s.tasks[2].pid = s.tasks[2].tid = 95;
	s.tasks[2].ctx_id = 7;
	later[1] = s.tasks[2];
	are_read(3, 1);
	assert_int_equal(p.row[0].pid, 80);
	assert_true(p.row[0].gone);
	assert_int_equal(p.row[2].pid, 95);
	assert_int_equal(p.row[2].tasks, 1);
}

/* Processes that share an mm (vfork): it is there as long as one of them has it. */
TEST_OF_TWO(of_several_that_share_it_one_ends)
{
	s.tasks[2] = s.tasks[1];
	s.tasks[2].pid = s.tasks[2].tid = 95;
	later[1] = s.tasks[2]; /* 80, the lower one, has ended */
	are_read(2, 0);
	assert_int_equal(p.row[0].pid, 90);
	assert_int_equal(p.row[1].pid, 95);
	assert_int_equal(p.row[1].tasks, 2);
	/* While both live, the row is that of the one that was asked for. */
	again();
	want.pid = 95;
	s.tasks[2] = later[2] = s.tasks[1];
	s.tasks[2].pid = s.tasks[2].tid = later[2].pid = later[2].tid = 95;
	are_read(2, 0);
	assert_int_equal(p.row[1].pid, 95);
}

TEST_OF_TWO(a_table_that_cannot_be_read_has_not_ended)
{
	want = lower_alone;
	k->f->unreadable = k->page_offset + OTHER;
	are_read(2, 1);
	assert_true(p.row[0].gone && p.row[0].unread);
	assert_false(p.row[1].gone || p.row[1].unread);
	again();
	want = lower_alone;
	k->f->unreadable = k->page_offset + OTHER;
	later[1].mm = 0;
	are_read(2, 1);
	assert_true(p.row[0].gone && !p.row[0].unread);
}

/* A new top-level entry, in all tables a moment after one was read without it. */
TEST_OF_TWO(an_entry_that_comes_meanwhile)
{
	new_entry_at = 300;
	fake_put(k->f, k->f->pgd, 300, NEW_ENTRY);
	are_read(2, 0);
	assert_int_equal(p.row[0].half.differ, 0);
	assert_int_equal(p.entry[300], NEW_ENTRY);
	assert_int_equal(kept.entry[300], NEW_ENTRY);
	assert_int_equal(reads_too_late, 0);
	/* One that the reference had not yet, either: another process shows it first. */
	again();
	new_entry_at = 300;
	are_read(2, 0);
	assert_int_equal(p.row[0].half.differ + p.row[1].half.differ, 0);
	assert_int_equal(p.entry[300], NEW_ENTRY);
	assert_int_equal(kept.entry[300], NEW_ENTRY);
}

TESTS_RUN(NULL, NULL)
