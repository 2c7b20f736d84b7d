/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/space.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/alive.h"
#include "kernel/features.h"
#include "kernel/host.h"
#include "kernel/ksyms.h"
#include "kernel/symbol_name.h"
#include "kvas/x86.h"
#include "pgtable/entry.h"

/* The kernel's tasks have the numbers of the first PID namespace, whose inode is the same
 * everywhere: PROC_PID_INIT_INO, include/linux/proc_ns.h, 3.8 to 7.2. */
#define FIRST_PID_NS 0xeffffffcUL

/* A kernel without PID namespaces has no such file. */
bool space_inner_pid_ns(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino != FIRST_PID_NS;
}

int space_followable(int pid, struct err *e)
{
	char path[32], line[512] = "", state = 0, *end;
	int threads = 0;
	FILE *f;

	/* Not by /proc, which may hide it or not be there. */
	if (kill(pid, 0) && errno == ESRCH)
		return err_set(e, "there is no process %d (-p)", pid);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	end = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	/* Where the first thread alone has ended, others go on: num_threads, proc(5), counts it too. */
	if (end && sscanf(end, ") %c %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %d",
			  &state, &threads) == 2 && state == 'Z' && threads <= 1)
		return err_set(e, "process %d (-p) has ended: its parent has not waited for it yet", pid);
	return 0;
}

int space_open(struct space *s, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->inner_pid_ns = space_inner_pid_ns();
	if (features_bpf_allowed(e) || reader_create(&s->reader, e) ||
	    reader_tasks(&s->tasks, &s->nr_tasks, e)) {
		space_close(s);
		return -1;
	}
	host_learn(&s->host, s->reader, &s->proof);
	if (reader_self(s->reader, &s->self))
		memset(&s->self, 0, sizeof(s->self));
	if (s->host.layout.page_offset && s->host.layout.levels)
		return 0;
	err_set_status(e, KVAS_EXIT_HOST,
		       "where the direct map begins is not known here (%.80s), so no table can be "
		       "followed", s->host.layout_how);
	space_close(s);
	return -1;
}

void space_close(struct space *s)
{
	reader_destroy(s->reader);
	free(s->tasks);
	memset(s, 0, sizeof(*s));
}

/* The leader may have exited (pthread_exit) while its threads live: it has no mm then. */
static const struct kvas_reader_task *of_process(const struct space *s, __u32 pid)
{
	const struct kvas_reader_task *main_thread = NULL, *other = NULL;

	for (size_t i = 0; i < s->nr_tasks; i++) {
		const struct kvas_reader_task *t = &s->tasks[i];

		if (t->pid != pid)
			continue;
		if (t->tid == pid)
			main_thread = t;
		else if (t->mm && (!other || t->tid < other->tid))
			other = t;
	}
	return main_thread && (main_thread->mm || !other) ? main_thread : other;
}

static const struct kvas_reader_task *own_task(const struct space *s)
{
	for (size_t i = 0; i < s->nr_tasks; i++)
		if (s->tasks[i].task == s->self.task)
			return &s->tasks[i];
	return NULL;
}

const struct kvas_reader_task *space_task(const struct space *s, __u32 pid, struct err *e)
{
	const struct kvas_reader_task *t;

	if (pid && s->inner_pid_ns) {
		err_set_status(e, KVAS_EXIT_HOST,
			       "process %u (-p) cannot be told here: kvas runs in a PID namespace of its "
			       "own, and the kernel lists processes by their numbers in the first one; run "
			       "it there (a container: with the host's PIDs), or without -p", pid);
		return NULL;
	}
	t = pid ? of_process(s, pid) : own_task(s);
	if (t)
		return t;
	if (!pid) {
		err_set(e, "kvas does not find itself among the tasks");
		return NULL;
	}
	/* Not by /proc, which may hide it or not be there. */
	if (kill(pid, 0) && errno == ESRCH)
		err_set(e, "there is no process %u (-p)", pid);
	else
		err_set(e, "process %u (-p) is a thread, or hidden: the kernel's task iterator lists no "
			   "such process", pid);
	return NULL;
}

int space_still(const struct kvas_reader_task *t, struct err *e)
{
	struct kvas_reader_task *now;
	enum alive_task what;
	size_t nr;

	if (reader_tasks(&now, &nr, e))
		return -1;
	what = alive_task(t, now, nr);
	free(now);
	if (what == ALIVE_STILL)
		return 0;
	if (what == ALIVE_EXEC)
		return err_set(e, "process %u (%.16s) began another program while its table was read; "
				  "try again", t->pid, t->comm);
	return err_set(e, "process %u (%.16s) ended while its table was read", t->pid, t->comm);
}

static int named_object(const struct kvas_reader_task *t, const char *name, __u64 *va)
{
	/* A kernel thread may borrow an mm for a while (kthread_use_mm()): it is a process's. */
	const struct {
		const char *name;
		__u64 va;
	} objects[] = {
		{ "task", t->task }, { "stack", t->stack },
		{ "mm", t->kthread ? 0 : t->mm }, { "pgd", t->kthread ? 0 : t->pgd },
	};

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (!strcmp(name, objects[i].name)) {
			*va = objects[i].va;
			return 1;
		}
	return 0;
}

/* "'init_once' is at 12 places", and which: one is to be picked by its number. */
static int which_place(const char *address, const struct symbol_name *n,
		       const struct symbol_places *p, struct err *e)
{
	size_t shown = p->nr < SYMBOL_PLACES ? p->nr : SYMBOL_PLACES, at;

	if (n->nth)
		err_set_status(e, KVAS_EXIT_USAGE, "'%.80s': there are %zu symbols of that name:", address,
			       p->nr);
	else
		err_set_status(e, KVAS_EXIT_USAGE, "'%.80s' is the name of %zu symbols; pick one, as "
			       "%.80s#1:", address, p->nr, n->name);
	at = strlen(e->text);
	for (size_t i = 0; i < shown && at < sizeof(e->text); i++)
		at += snprintf(e->text + at, sizeof(e->text) - at, "\n  #%zu 0x%016llx %s", i + 1,
			       p->place[i].value, p->place[i].module[0] ? p->place[i].module : "kernel");
	if (shown < p->nr && at < sizeof(e->text))
		snprintf(e->text + at, sizeof(e->text) - at, "\n  and %zu more", p->nr - shown);
	return -1;
}

static int symbol_address(const char *address, __u64 *va, struct err *e)
{
	struct symbol_places p;
	struct symbol_name n;
	__u64 value;

	if (!symbol_name_parse(address, &n) || symbol_places(KALLSYMS, &n, &p) || !p.nr)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "'%s' is neither a hexadecimal address of up to 64 bits, a symbol "
				      "in " KALLSYMS ", nor task, stack, mm or pgd", address);
	if (p.chosen < 0)
		return which_place(address, &n, &p, e);
	value = p.place[p.chosen].value;
	if (!value)
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "'%s' has the value 0 in " KALLSYMS ": addresses are hidden "
				      "(kptr_restrict), or it is a per-CPU offset", address);
	if (!(value >> 63))
		return err_set_status(e, KVAS_EXIT_USAGE,
				      "'%s' is 0x%llx in " KALLSYMS ": a per-CPU offset, not an address",
				      address, value);
	if (__builtin_add_overflow(value, n.offset, va))
		return err_set_status(e, KVAS_EXIT_USAGE, "'%s' is beyond the last address", address);
	return 1;
}

int space_address(const struct kvas_reader_task *t, const char *address, __u64 *va,
		  struct err *e)
{
	char *end;

	if (named_object(t, address, va)) {
		if (*va)
			return 0;
		return err_set(e, "process %u (%.16s) has no %s: it is a kernel thread, or exiting",
			       t->pid, t->comm, address);
	}
	errno = 0;
	*va = strtoull(address, &end, 16);
	/* strtoull() takes blanks and a sign, too. */
	if (isxdigit((unsigned char)address[0]) && !*end && !errno)
		return 0;
	return symbol_address(address, va, e);
}

__u64 space_own_pgd(const struct space *s)
{
	return s->self.pgd;
}

static void walk_one(const struct space *s, __u64 pgd, __u64 va, struct walk_one *out)
{
	const struct layout *l = &s->host.layout;

	out->outcome = walk_steady(reader_read, s->reader, pgd, paging_of(l->levels), l->page_offset, va,
				   &out->walk);
}

/* Where the direct map would have the byte, and whether it has it: it has no page of a
 * device, nor of memory that was taken out (memfd_secret). */
static void find_alias(const struct space *s, __u64 pgd, struct walk_view *v)
{
	const struct layout *l = &s->host.layout;
	struct walk_one at;

	if (v->table.outcome != WALK_DONE || !v->table.walk.leaf_level)
		return;
	v->alias = l->page_offset + v->table.walk.pa;
	v->aliased = ANSWER_NO;
	if (l->direct_map_end && v->alias - l->page_offset >= l->direct_map_end - l->page_offset)
		return;
	walk_one(s, pgd, v->alias, &at);
	if (at.outcome != WALK_DONE)
		v->aliased = ANSWER_UNKNOWN;
	else if (at.walk.leaf_level && at.walk.pa == v->table.walk.pa)
		v->aliased = ANSWER_YES;
}

/* Kernel image and modules are from X86_KERNEL_MAP on; below, the nearest symbol says nothing. */
void space_name_symbols(struct walk_view *v, size_t nr)
{
	struct ksym_near *near = calloc(nr, sizeof(*near));
	struct region_map regions;
	size_t wanted = 0;

	for (size_t i = 0; near && i < nr; i++) {
		near[i].addr = v[i].symbol[0] || v[i].va < X86_KERNEL_MAP ? 0 : v[i].va;
		wanted += near[i].addr != 0;
	}
	if (!wanted || ksyms_nearest(KALLSYMS, near, nr)) {
		free(near);
		return;
	}
	region_map_make(&regions, &v[0].layout);
	for (size_t i = 0; i < nr; i++) {
		__u64 off = near[i].addr - near[i].start;

		if (!ksym_reaches(&near[i], &regions))
			continue;
		/* Code is a function from its symbol to the next; data ends where nothing tells. */
		v[i].nearest = off && !(v[i].table.outcome == WALK_DONE &&
					v[i].table.walk.leaf_level &&
					walk_access(paging_of(v[i].layout.levels),
							  &v[i].table.walk).execute);
		if (off)
			snprintf(v[i].symbol, sizeof(v[i].symbol), "%s+0x%llx", near[i].name, off);
		else
			snprintf(v[i].symbol, sizeof(v[i].symbol), "%s", near[i].name);
	}
	free(near);
}

int space_walk(const struct space *s, const struct kvas_reader_task *t, __u64 va,
	       struct walk_view *out, struct err *e)
{
	const struct layout *l = &s->host.layout;
	const struct paging *p = paging_of(l->levels);
	bool own = t->pgd && !t->kthread; /* a kernel thread may borrow one for a while */
	__u64 pgd = own ? t->pgd : space_own_pgd(s);

	memset(out, 0, sizeof(*out));
	if (!walk_canonical(p, va))
		return err_set(e, "0x%llx is no address: with %d levels bits %d to 63 must be equal",
			       va, l->levels, p->va_bits - 1);
	if (!own && !paging_kernel_half(p, va))
		return err_set(e, "process %u (%.16s) has no user memory: it is a kernel thread, or "
				  "exiting", t->pid, t->comm);
	if (!pgd)
		return err_set(e, "no page table of a process could be found to walk");
	out->kernel = s->host.kernel;
	out->pid = t->pid;
	memcpy(out->comm, t->comm, sizeof(out->comm));
	out->va = va;
	out->layout = *l;
	walk_one(s, pgd, va, &out->table);
	out->borrowed = !own;
	out->kpti = s->host.kpti;
	out->kpti_how = s->host.kpti_how;
	out->has_user_table = out->kpti == ANSWER_YES;
	if (out->has_user_table)
		walk_one(s, pgd + X86_TABLE_BYTES, va, &out->user_table);
	find_alias(s, pgd, out);
	return 0;
}
