/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/pgds.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "kernel/alive.h"

/* More tables than a process of 1 TiB has; a walk that goes wrong ends here. */
#define PROCESS_BUDGET (1u << 20)
#define KERNEL_BUDGET (1u << 24)

/* Physical addresses of tables with the level in the low bits, to count each once. */
struct tables {
	__u64 *item;
	size_t nr, room;
	bool lost;
	int only; /* level to keep; 0 all */
};

static void keep(void *ctx, int level, __u64 pa)
{
	struct tables *t = ctx;

	if (t->lost || (t->only && level != t->only))
		return;
	if (t->nr == t->room) {
		size_t room = t->room ? t->room * 2 : 1024;
		void *more = realloc(t->item, room * sizeof(*t->item));

		if (!more) {
			t->lost = true;
			return;
		}
		t->item = more;
		t->room = room;
	}
	t->item[t->nr++] = pa | level;
}

static int by_value(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

/* Sort and leave each once. */
static void unique(struct tables *t)
{
	size_t n = 0;

	if (t->nr)
		qsort(t->item, t->nr, sizeof(*t->item), by_value);
	for (size_t i = 0; i < t->nr; i++)
		if (!n || t->item[n - 1] != t->item[i])
			t->item[n++] = t->item[i];
	t->nr = n;
}

static int read_top(const struct space *s, __u64 va, __u64 entry[PAGING_ENTRIES])
{
	const struct paging *p = paging_of(s->host.layout.levels);

	return paging_read_table(p, reader_read, s->reader, va, p->levels, entry);
}

/* Several ways lead to one table (espfix): each is counted once. */
static void count_shared(const struct space *s, struct pgds *p, __u64 pgd_va)
{
	struct tables all = { 0 };
	const struct paging *pg = paging_of(s->host.layout.levels);
	struct table_walk w = { reader_read, s->reader, s->host.layout.page_offset, pg,
				KERNEL_BUDGET, keep, &all, NULL };
	__u64 began = clock_monotonic_ns();

	table_count(&w, p->entry, pgd_va, pg->kernel_first, paging_top(pg), &p->shared);
	unique(&all);
	memset(p->shared.tables, 0, sizeof(p->shared.tables));
	p->shared.unsure += all.lost;
	for (size_t i = 0; i < all.nr; i++)
		p->shared.tables[(all.item[i] & 7) - 1]++;
	free(all.item);
	p->kernel_ns = clock_monotonic_ns() - began;
}

/* The table nobody's process runs on: by its symbol, or else by its content. -1: not even
 * kvas's own table can be read, to stand in for it. */
static int read_reference(const struct space *s, struct pgds *p)
{
	__u64 own = space_own_pgd(s), symbol = s->host.kernel_table;

	swapper_find(&s->host.layout, reader_read, s->reader, own, &p->found);
	p->by_symbol = symbol && !read_top(s, symbol, p->entry);
	p->kernel_va = p->by_symbol ? symbol : p->found.va;
	if (p->found.va && !p->by_symbol)
		memcpy(p->entry, p->found.entry, sizeof(p->entry));
	if (!p->kernel_va && (!own || read_top(s, own, p->entry)))
		return -1;
	count_shared(s, p, p->kernel_va ? p->kernel_va : own);
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct pgd_row *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* A row per mm. The tasks get sorted by it. */
static int make_rows(struct space *s, struct pgds *p)
{
	p->row = calloc(s->nr_tasks + 1, sizeof(*p->row));
	if (!p->row)
		return -1;
	alive_sort(s->tasks, s->nr_tasks);
	for (size_t i = 0; i < s->nr_tasks; i++) {
		const struct kvas_reader_task *t = &s->tasks[i];
		struct pgd_row *r = p->nr ? &p->row[p->nr - 1] : NULL;

		p->kernel_threads += t->kthread && !t->mm;
		if (!t->mm || !t->pgd || t->kthread) /* a kernel thread may borrow one */
			continue;
		if (!r || r->mm != t->mm || r->ctx_id != t->ctx_id) {
			r = &p->row[p->nr++];
			*r = (struct pgd_row){ .mm = t->mm, .pgd = t->pgd, .ctx_id = t->ctx_id,
					       .pid = t->pid };
			memcpy(r->comm, t->comm, sizeof(r->comm));
		}
		r->tasks++;
	}
	qsort(p->row, p->nr, sizeof(*p->row), by_pid);
	return 0;
}

static void add_counts(struct table_count *to, const struct table_count *more)
{
	for (int i = 0; i < TABLE_LOWER; i++)
		to->tables[i] += more->tables[i];
	to->unsure += more->unsure;
}

static bool wanted(const struct pgds_want *want, const struct pgd_row *r)
{
	return want->mm && r->mm == want->mm && r->ctx_id == want->ctx_id;
}

static void look_through(const struct space *s, __u64 table, struct survey *out)
{
	survey_kernel(&s->host.layout, reader_read, s->reader, table, NULL, NULL, out);
}

/* MEMORY NULL: not asked for. */
static void read_lower(const struct space *s, struct pgd_row *r, const __u64 entry[PAGING_ENTRIES],
		       struct tables *pmds, struct memory_count *memory)
{
	const struct paging *p = paging_of(s->host.layout.levels);
	struct table_walk w = { reader_read, s->reader, s->host.layout.page_offset, p,
				PROCESS_BUDGET, keep, pmds, memory };
	struct table_count ldt;

	if (memory)
		memset(memory, 0, sizeof(*memory));
	table_count(&w, entry, r->pgd, 0, p->kernel_first, &r->lower);
	w.memory = NULL;
	if (p->own_entry < 0)
		return;
	table_count(&w, entry, r->pgd, p->own_entry, p->own_entry + 1, &ldt);
	add_counts(&r->lower, &ldt);
}

/* Compare one PGD, and what else is wanted; 0, or -1 when it cannot be read. */
static int read_row(const struct space *s, struct pgds *p, const struct pgds_want *want,
		    struct pgd_row *r, struct tables *pmds)
{
	const struct paging *pg = paging_of(s->host.layout.levels);
	__u64 entry[PAGING_ENTRIES], began = clock_monotonic_ns(), ns;
	struct survey user;

	if (read_top(s, r->pgd, entry))
		return -1;
	table_compare(pg, entry, p->entry, &r->half);
	r->user_entries = 0;
	for (unsigned int i = 0; i < pg->kernel_first; i++)
		r->user_entries += entry[i] & X86_PTE_P ? 1 : 0;
	ns = clock_monotonic_ns() - began;
	p->compare_ns += ns;
	if (ns > p->compare_max_ns)
		p->compare_max_ns = ns;
	if (want->lower)
		read_lower(s, r, entry, pmds, wanted(want, r) ? want->memory : NULL);
	if (p->user_tables) {
		look_through(s, r->pgd + X86_TABLE_BYTES, &user);
		survey_user_table(&user, &r->user);
	}
	if (!wanted(want, r))
		return 0;
	memcpy(want->entry, entry, paging_top(pg) * sizeof(entry[0]));
	if (want->user)
		look_through(s, r->pgd + X86_TABLE_BYTES, want->user);
	if (want->kernel)
		look_through(s, r->pgd, want->kernel);
	return 0;
}

/* Process IDs in /proc, to be freed; how many in *NR. */
static __u32 *list_proc(size_t *nr)
{
	DIR *d = opendir("/proc");
	__u32 *pids = NULL;
	size_t room = 0;
	struct dirent *f;

	*nr = 0;
	while (d && (f = readdir(d))) {
		if (!isdigit((unsigned char)f->d_name[0]))
			continue;
		if (*nr == room) {
			void *more = realloc(pids, (room + 1024) * sizeof(*pids));

			if (!more)
				break;
			pids = more;
			room += 1024;
		}
		pids[(*nr)++] = strtoul(f->d_name, NULL, 10);
	}
	if (d)
		closedir(d);
	return pids;
}

static int tid_order(const void *a, const void *b)
{
	const struct kvas_reader_task *x = a, *y = b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

/* Of those that were in /proc before TASKS were listed and are there still, who is not
 * listed? TASKS get sorted. */
static __u32 count_hidden(const __u32 *pids, size_t nr_pids, struct kvas_reader_task *tasks,
			  size_t nr)
{
	__u32 hidden = 0;
	char path[32];

	qsort(tasks, nr, sizeof(*tasks), tid_order);
	for (size_t i = 0; i < nr_pids; i++) {
		struct kvas_reader_task key = { .tid = pids[i] };

		snprintf(path, sizeof(path), "/proc/%u", pids[i]);
		hidden += !bsearch(&key, tasks, nr, sizeof(*tasks), tid_order) && !access(path, F_OK);
	}
	return hidden;
}

/* Is the address space of R still there, by the tasks of now? If not, its table was freed while
 * it was read. It is known by a process that has it now: PID if that is one. */
static void settle_row(struct pgd_row *r, __u32 pid, const struct kvas_reader_task *now, size_t nr)
{
	const struct alive_mm was = { r->mm, r->ctx_id, r->pgd };
	const struct kvas_reader_task *t = alive_mm(&was, pid, now, nr);

	r->unread = r->gone && t;
	r->gone |= !t;
	if (!t || t->pid == r->pid)
		return;
	r->pid = t->pid;
	memcpy(r->comm, t->comm, sizeof(r->comm));
}

static int mark_gone(const struct space *s, struct pgds *p, const struct pgds_want *want,
		     struct err *e)
{
	struct kvas_reader_task *tasks;
	size_t nr, nr_pids;
	__u32 *pids = list_proc(&nr_pids);

	if (reader_tasks(&tasks, &nr, e)) {
		free(pids);
		return -1;
	}
	alive_sort(tasks, nr);
	for (size_t i = 0; i < p->nr; i++) {
		struct pgd_row *r = &p->row[i];

		settle_row(r, wanted(want, r) && want->pid ? want->pid : r->pid, tasks, nr);
		p->gone += r->gone;
	}
	qsort(p->row, p->nr, sizeof(*p->row), by_pid);
	if (s->inner_pid_ns)
		p->partial = "kvas runs in a PID namespace of its own, and is told of those in it only";
	else
		p->hidden = count_hidden(pids, nr_pids, tasks, nr);
	free(pids);
	free(tasks);
	return 0;
}

/* The page allocator gives two pages (order 1) on an even page frame: one odd PGD proves
 * order 0, and that none of many is odd order 1. With KPTI there are two tables. */
#define ENOUGH_PGDS 20
static __u32 bytes_each(const struct pgds *p, enum answer kpti)
{
	size_t odd = 0;

	for (size_t i = 0; i < p->nr; i++)
		odd += p->row[i].pgd / X86_TABLE_BYTES % 2;
	if (kpti == ANSWER_YES)
		return 2 * X86_TABLE_BYTES;
	return odd ? X86_TABLE_BYTES : p->nr >= ENOUGH_PGDS ? 2 * X86_TABLE_BYTES : 0;
}

/* Compare R once more with what the reference holds now. The entries to be kept follow in
 * the kernel's half: they are shown beside that reference. */
static void compare_again(const struct space *s, struct pgds *p, const struct pgds_want *want,
			  struct pgd_row *r)
{
	const struct paging *pg = paging_of(s->host.layout.levels);
	__u64 reference = p->kernel_va ? p->kernel_va : space_own_pgd(s), now[PAGING_ENTRIES],
	      entry[PAGING_ENTRIES];

	if (read_top(s, reference, now) || read_top(s, r->pgd, entry))
		return;
	memcpy(p->entry, now, paging_top(pg) * sizeof(now[0]));
	table_compare(pg, entry, p->entry, &r->half);
	if (wanted(want, r))
		memcpy(want->entry + pg->kernel_first, entry + pg->kernel_first,
		       (paging_top(pg) - pg->kernel_first) * sizeof(entry[0]));
}

/* A new top-level entry reaches one table after the other (sync_global_pgds_l4()): what
 * differed is compared once more, and last what is to be shown. */
static void settle(const struct space *s, struct pgds *p, const struct pgds_want *want)
{
	struct pgd_row *shown = NULL;
	bool again = false;

	for (size_t i = 0; i < p->nr; i++) {
		struct pgd_row *r = &p->row[i];

		if (r->gone)
			continue;
		if (wanted(want, r))
			shown = r;
		again |= r->half.differ != 0;
		if (r->half.differ && r != shown)
			compare_again(s, p, want, r);
	}
	if (again && shown)
		compare_again(s, p, want, shown);
}

int pgds_read(struct space *s, const struct pgds_want *want, struct pgds *out, struct err *e)
{
	struct tables pmds = { .only = 2 };
	size_t led_to;

	memset(out, 0, sizeof(*out));
	out->user_tables = want->user_tables && s->host.kpti == ANSWER_YES;
	if (read_reference(s, out))
		return err_set(e, "kvas's own page table cannot be read");
	if (make_rows(s, out))
		return err_set(e, "out of memory for %zu tasks", s->nr_tasks);
	for (size_t i = 0; i < out->nr; i++)
		out->row[i].gone = read_row(s, out, want, &out->row[i], &pmds);
	settle(s, out, want);
	led_to = pmds.nr;
	unique(&pmds);
	out->pmd_tables_shared = led_to - pmds.nr;
	free(pmds.item);
	out->bytes_each = bytes_each(out, s->host.kpti);
	if (pmds.lost || mark_gone(s, out, want, e)) {
		if (pmds.lost)
			err_set(e, "out of memory for the processes' tables");
		pgds_free(out);
		return -1;
	}
	return 0;
}

void pgds_free(struct pgds *p)
{
	free(p->row);
	memset(p, 0, sizeof(*p));
}
