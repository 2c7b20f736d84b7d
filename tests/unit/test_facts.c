/* SPDX-License-Identifier: GPL-2.0 */
/* Facts about kernels made up in memory: as Linux is, and each broken in one way. */
#include "test.h"
#include "fake_kernel.h"
#include "verify/facts.h"

#define IMAGE 0xffffffff80000000ULL

enum { IDENTITY, SCATTERED, STACKS, IMAGE_OFFSET, HUGE, EQUAL = 0, OWN, KPTI };

struct world {
	struct kernel *k;
	struct kvas_reader_task task[2];
	struct pgd_row row[2];
	struct pgds pgds;
	struct verify_input in;
	struct fact table[FACTS_OF_TABLES], process[FACTS_OF_PROCESSES];
};

/* Two tasks, one process and a kernel thread; the second's stack is scattered. */
static struct world *world(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct kernel *k = w->k = build4();
	__u64 po = k->page_offset;

	assert_int_equal(layout_solve(&k->in, fake_read, k->f, &k->out, &k->proof, k->how,
				      sizeof(k->how)), 0);
	for (int i = 0; i < 4; i++)
		fake_map(k->f, k->vmalloc + 0x20000 + i * 4096, 0x9000000 - i * 4096, 1);
	fake_map(k->f, IMAGE + 0x1200000, 0x1200000, 2);
	w->task[0] = (struct kvas_reader_task){ .task = po + 0x2345c0000, .stack = k->vmalloc + 0x4000,
						.mm = k->in.mm, .pgd = k->in.pgd, .pid = 7, .tid = 7,
						.cred = po + 0x300000040, .signal = po + 0x40001000,
						.files = po + 0x1000 };
	w->task[1] = (struct kvas_reader_task){ .task = po + 0x2345d0000, .stack = k->vmalloc + 0x20000,
						.pid = 2, .tid = 2, .kthread = 1,
						.files = IMAGE + 0x1210000 };
	w->row[0] = (struct pgd_row){ .mm = k->in.mm, .pgd = k->in.pgd, .pid = 7, .tasks = 1,
				      .half = { .present = 69, .same = 69 } };
	w->row[1] = (struct pgd_row){ .pid = 8, .gone = true, .half = { .differ = 3 }, .pgd = 0x123 };
	w->pgds = (struct pgds){ .row = w->row, .nr = 2, .gone = 1, .kernel_threads = 1,
				 .kernel_va = IMAGE + 0x1200000, .by_symbol = true };
	w->in = (struct verify_input){ .layout = &k->out, .read = fake_read, .ctx = k->f,
				       .pgd = k->in.pgd, .tasks = w->task, .nr_tasks = 2,
				       .pgds = &w->pgds, .kpti = ANSWER_NO, .cpus = 2 };
	return w;
}

static void end(struct world *w)
{
	destroy(w->k);
	free(w);
}

static struct world *w;

TEST_FIXTURE(as_linux_is, w = world())
TEST_FIXTURE(drop, end(w))

#define TEST_OF_WORLD(name) TEST_BETWEEN(name, as_linux_is, drop)

/* As pgds_read() does. */
static void look_through_user_table(struct world *w)
{
	struct survey s;

	survey_kernel(&w->k->out, fake_read, w->k->f, w->k->in.pgd + 4096, NULL, NULL, &s);
	survey_user_table(&s, &w->row[0].user);
	w->pgds.user_tables = true;
}

static void judge(struct world *w)
{
	if (w->in.kpti == ANSWER_YES)
		look_through_user_table(w);
	facts_of_tables(&w->in, w->table);
	facts_of_processes(&w->in, w->process);
}

static void image_is_said_at(const struct world *w, const char *phys_base, __u64 pa)
{
	char words[128];

	snprintf(words, sizeof(words), "phys_base %s; the direct map has the same memory at 0x%llx "
				       "and on", phys_base, w->k->page_offset + pa);
	assert_non_null(strstr(w->table[IMAGE_OFFSET].evidence, words));
}

TEST_OF_WORLD(a_kernel_as_linux_is)
{
	judge(w);
	for (int i = 0; i < FACTS_OF_TABLES; i++)
		assert_int_equal(w->table[i].verdict, VERDICT_HOLDS);
	/* A PGD, two tasks, an mm, cred, signal and files; one static object is not asked.
	 * Of 4096 spread over 24 GiB those in the 1 GiB hole are no addresses. */
	assert_in_range(w->table[IDENTITY].checked, 7 + 3900, 7 + 3950);
	assert_non_null(strstr(w->table[IDENTITY].evidence, "1 static objects"));
	/* Of the pairs side by side, 3 of the first stack are in order, 3 of the second not. */
	assert_non_null(strstr(w->table[SCATTERED].evidence, "of 6 pairs"));
	assert_non_null(strstr(w->table[SCATTERED].evidence, " 3 lie apart"));
	assert_int_equal(w->table[STACKS].checked, 2);
	assert_non_null(strstr(w->table[STACKS].evidence, "lists no idle task"));
	assert_null(strstr(w->table[STACKS].evidence, "/proc"));
	w->pgds.hidden = 3;
	judge(w);
	assert_non_null(strstr(w->table[STACKS].evidence, "of the processes in /proc it hides 3"));
	assert_int_equal(w->table[IMAGE_OFFSET].checked, 2);
	/* 16 MiB into memory, where it is linked for. */
	image_is_said_at(w, "0x0", 0x1000000);
	assert_int_equal(w->process[EQUAL].verdict, VERDICT_HOLDS);
	assert_int_equal(w->process[EQUAL].checked, 1); /* who ended says nothing */
	assert_int_equal(w->process[OWN].verdict, VERDICT_HOLDS);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_UNKNOWN);
}

TEST_OF_WORLD(an_object_elsewhere_breaks_the_identity)
{
	__u64 va = w->task[0].cred & ~0x3fffffffULL, pud;

	/* The GiB of the cred is mapped to the next GiB of memory. */
	pud = fake_table_of(w->k->f, va, 3);
	fake_page(w->k->f, pud, false)[va >> 30 & 511] += GIB;
	judge(w);
	assert_int_equal(w->table[IDENTITY].verdict, VERDICT_FAILS);
	assert_in_range(w->table[IDENTITY].broken, 1 + 160, 1 + 175); /* and its share of the spread */
	end(w);
	w = world();
	w->task[1].task = w->k->vmalloc + 0x4000;
	judge(w);
	assert_int_equal(w->table[IDENTITY].verdict, VERDICT_FAILS);
	assert_int_equal(w->table[IDENTITY].broken, 1);
}

TEST_OF_WORLD(a_linear_vmalloc_is_refuted)
{
	for (int i = 0; i < 4; i++)
		fake_map(w->k->f, w->k->vmalloc + 0x20000 + i * 4096, 0x9000000 + i * 4096, 1);
	judge(w);
	assert_int_equal(w->table[SCATTERED].verdict, VERDICT_FAILS);
}

TEST_OF_WORLD(stacks_in_the_direct_map)
{
	w->task[1].stack = w->k->page_offset + 0x5000000;
	judge(w);
	assert_int_equal(w->table[STACKS].verdict, VERDICT_FAILS);
	assert_int_equal(w->table[STACKS].broken, 1);
	w->k->out.vmalloc_base = 0;
	judge(w);
	assert_int_equal(w->table[STACKS].verdict, VERDICT_UNKNOWN);
}

TEST_OF_WORLD(an_image_in_two_pieces)
{
	fake_map(w->k->f, IMAGE + 0x1200000, 0x5200000, 2);
	judge(w);
	assert_int_equal(w->table[IMAGE_OFFSET].verdict, VERDICT_FAILS);
	assert_int_equal(w->table[IMAGE_OFFSET].broken, 1);
}

/* Physical KASLR puts the image below the place it is linked for. */
TEST_OF_WORLD(an_image_moved_down)
{
	fake_map(w->k->f, IMAGE + 0x1000000, 0x400000, 2);
	fake_map(w->k->f, IMAGE + 0x1200000, 0x600000, 2);
	judge(w);
	assert_int_equal(w->table[IMAGE_OFFSET].verdict, VERDICT_HOLDS);
	image_is_said_at(w, "-0xc00000", 0x400000);
}

TEST_OF_WORLD(a_direct_map_of_small_pages)
{
	__u64 po = w->k->page_offset, table;

	/* Every 1G page but one makes way for one table of 4K pages, met 512 times. */
	fake_map(w->k->f, po + 0x200000000000, 0, 1);
	table = fake_table_of(w->k->f, po + 0x200000000000, 2);
	for (int i = 0; i < 512; i++)
		fake_put(w->k->f, table, i, fake_table_of(w->k->f, po, 1) | 0x63);
	for (__u64 va = po + GIB; va < po + 23 * GIB; va += GIB)
		fake_put(w->k->f, fake_table_of(w->k->f, va, 3), va >> 30 & 511, table | 0x63);
	judge(w);
	assert_int_equal(w->table[HUGE].verdict, VERDICT_FAILS);
}

TEST_OF_WORLD(processes_that_differ)
{
	w->row[0].half.differ = 2;
	w->row[0].half.first = 402;
	judge(w);
	assert_int_equal(w->process[EQUAL].verdict, VERDICT_FAILS);
	assert_non_null(strstr(w->process[EQUAL].evidence, "first 7 in 2 entries from 402"));
}

TEST_OF_WORLD(a_kernel_without_a_table_of_its_own)
{
	w->pgds.entry[3] = 0x1067; /* user memory in it */
	judge(w);
	assert_int_equal(w->process[OWN].verdict, VERDICT_FAILS);
	w->pgds.entry[3] = 0;
	w->row[0].pgd = w->pgds.kernel_va; /* a process runs on it */
	judge(w);
	assert_int_equal(w->process[OWN].verdict, VERDICT_FAILS);
	w->pgds.kernel_va = 0;
	judge(w);
	assert_int_equal(w->process[OWN].verdict, VERDICT_UNKNOWN);
}

/* The user table is the page after the PGD. Of the kernel it has the entry area. */
static void user_table(struct world *w, __u64 pgd_index, __u64 entry)
{
	fake_put(w->k->f, w->k->f->pgd + 4096, pgd_index, entry);
}

TEST_OF_WORLD(what_user_mode_may_reach_under_kpti)
{
	__u64 *pgd = fake_page(w->k->f, w->k->f->pgd, false);
	unsigned int entry_area = 0xfffffe0000000000ULL >> 39 & 511;
	struct fake *f = w->k->f;
	__u64 image, pud;

	/* Until now the direct map's PUD table, which is not asked about here. */
	memset(fake_page(f, f->pgd + 4096, true), 0, 4096);
	w->in.kpti = ANSWER_YES;
	user_table(w, entry_area, pgd[entry_area]);
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_HOLDS);
	assert_int_equal(w->process[KPTI].checked, 1);
	/* Writable kernel data. */
	user_table(w, 511, pgd[511]);
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_FAILS);
	/* Read-only at some level is allowed: entry code. */
	image = pgd[511];
	user_table(w, 511, image & ~2ULL);
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_HOLDS);
	/* The vmalloc area: five pages, of which one a CPU may be there. */
	pud = w->k->vmalloc >> 39 & 511;
	user_table(w, pud, pgd[pud]);
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_FAILS);
}

TEST_OF_WORLD(user_tables_that_tell_nothing)
{
	unsigned int entry_area = 0xfffffe0000000000ULL >> 39 & 511;
	__u64 *pgd = fake_page(w->k->f, w->k->f->pgd, false);
	struct user_table small;

	memset(fake_page(w->k->f, w->k->f->pgd + 4096, true), 0, 4096);
	user_table(w, entry_area, pgd[entry_area]);
	w->in.kpti = ANSWER_YES;
	judge(w);
	small = w->row[0].user;
	/* Of two that differ the most is told. */
	w->row[1].gone = false;
	w->row[1].user = (struct user_table){ .bytes = 8192, .entry_area = 4096, .image = 4096 };
	judge(w);
	assert_int_equal(w->process[KPTI].checked, 2);
	assert_non_null(strstr(w->process[KPTI].evidence, "at most 8 KiB"));
	w->row[0].user = w->row[1].user;
	w->row[1].user = small;
	facts_of_processes(&w->in, w->process);
	assert_non_null(strstr(w->process[KPTI].evidence, "at most 8 KiB"));
	/* Of a process that ended the table was another's: it is no evidence. */
	w->row[1].gone = true;
	w->row[1].user = (struct user_table){ .forbidden = 4096, .linear = 99, .unread = 1 };
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_HOLDS);
	assert_int_equal(w->process[KPTI].checked, 1);
	/* What could not be read might map anything. */
	w->k->f->unreadable = w->k->in.pgd + 4096;
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(w->process[KPTI].evidence, "1 ranges of 1 user tables"));
	/* And what they should not map is no less wrong for it. */
	w->row[1].gone = false;
	judge(w);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_FAILS);
	w->pgds.user_tables = false;
	facts_of_processes(&w->in, w->process);
	assert_int_equal(w->process[KPTI].verdict, VERDICT_UNKNOWN);
}

static const struct fact *without(struct world *w, __u64 table, int fact)
{
	w->k->f->unreadable = w->k->page_offset + table;
	judge(w);
	return &w->table[fact];
}

TEST_OF_WORLD(tables_that_cannot_be_read)
{
	struct fake *f = w->k->f;
	const struct fact *fact;

	/* The direct map's PUD table: nothing of it can be walked to. */
	fact = without(w, fake_table_of(f, w->k->page_offset, 3), IDENTITY);
	assert_int_equal(fact->verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(fact->evidence, "could not be read"));
	assert_null(strstr(fact->evidence, "changed"));
	assert_int_equal(w->table[HUGE].verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(w->table[HUGE].evidence, "direct_map could not be read"));
	assert_int_equal(w->table[IMAGE_OFFSET].verdict, VERDICT_HOLDS);
	/* One small table of it. */
	fact = without(w, fake_table_of(f, w->k->page_offset, 1), HUGE);
	assert_int_equal(fact->verdict, VERDICT_UNKNOWN);
	fact = without(w, fake_table_of(f, IMAGE + 0x1200000, 2), IMAGE_OFFSET);
	assert_int_equal(fact->verdict, VERDICT_UNKNOWN);
	assert_int_equal(w->table[IDENTITY].verdict, VERDICT_HOLDS);
	/* No pair in vmalloc is left to look at; with some of them left one decides. */
	fact = without(w, fake_table_of(f, w->k->vmalloc, 1), SCATTERED);
	assert_int_equal(fact->verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(fact->evidence, "vmalloc could not be read"));
	fact = without(w, fake_table_of(f, w->k->vmalloc + 9 * GIB, 2), SCATTERED);
	assert_int_equal(fact->verdict, VERDICT_HOLDS);
	for (int i = 0; i < 4; i++)
		fake_map(f, w->k->vmalloc + 0x20000 + i * 4096, 0x9000000 + i * 4096, 1);
	judge(w);
	assert_int_equal(w->table[SCATTERED].verdict, VERDICT_UNKNOWN);
}

TEST(the_page_of_another_process)
{
	struct marked_page m = { .pid = 9, .bytes = 4096, .found = true, .told = true, .same = true };
	struct fact f;

	fact_other_process(&m, &f);
	assert_int_equal(f.verdict, VERDICT_HOLDS);
	m.same = false;
	fact_other_process(&m, &f);
	assert_int_equal(f.verdict, VERDICT_FAILS);
	m.told = false;
	fact_other_process(&m, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	m = (struct marked_page){ .told = true };
	fact_other_process(&m, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	m = (struct marked_page){ .why = "no child" };
	fact_other_process(&m, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	assert_string_equal(f.evidence, "no child");
}

TESTS_RUN(NULL, NULL)
