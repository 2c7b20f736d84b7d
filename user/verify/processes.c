// SPDX-License-Identifier: GPL-2.0
/* What processes have of the kernel in their tables, and the kernel of theirs. */
#include <stdio.h>
#include <string.h>

#include "kvas/x86.h"
#include "model/kernel_functions.h"
#include "verify/facts.h"

static void kernel_half(const struct verify_input *in, struct fact *f)
{
	const struct pgds *p = in->pgds;
	const struct pgd_row *first = NULL;
	__u64 ldts = 0, entries = 0, unread = 0;

	fact_begin(f, "kernel-half-equal",
		   "the kernel's half of the top-level table is the same in every process");
	for (size_t i = 0; i < p->nr; i++) {
		const struct pgd_row *r = &p->row[i];

		unread += r->unread;
		if (r->gone)
			continue;
		f->checked++;
		f->broken += r->half.differ != 0;
		entries += r->half.present;
		ldts += r->half.ldt;
		if (r->half.differ && !first)
			first = r;
	}
	if (first)
		fact_end(f, "%llu of %llu processes differ, first %u in %u entries from %u on", f->broken,
			 f->checked, first->pid, first->half.differ, first->half.first);
	else if (unread)
		fact_unknown(f, "%llu PGDs could not be read; %llu processes are equal", unread,
			     f->checked);
	else
		fact_end(f, "%llu processes, %llu entries present, equal to %s; %llu have an LDT's entry "
			    "of their own, the one that may differ",
			 f->checked, entries, p->kernel_va ? "the kernel's own table" : "kvas's",
			 ldts);
}

static void own_table(const struct verify_input *in, struct fact *f)
{
	const struct paging *pg = paging_of(in->layout->levels);
	const struct pgds *p = in->pgds;
	__u64 shared_by = 0;
	char threads[16] = "the";

	fact_begin(f, "kernel-own-table",
		   "the kernel has a page table of its own that no process runs on, and its threads "
		   "have none");
	if (!p->kernel_va) {
		fact_unknown(f, "no page of the kernel image holds init_mm's table");
		return;
	}
	for (unsigned int i = 0; i < pg->kernel_first; i++)
		f->broken += p->entry[i] & X86_PTE_P;
	for (size_t i = 0; i < p->nr; i++)
		shared_by += !p->row[i].gone && p->row[i].pgd == p->kernel_va;
	f->broken += shared_by;
	f->checked = 1;
	if (!p->partial)
		snprintf(threads, sizeof(threads), "%u", p->kernel_threads);
	fact_end(f, "init_mm's table is in the kernel image at 0x%llx, %llu of its user entries "
		    "present, used by %llu of %zu processes; %s kernel threads borrow the table of "
		    "whoever ran before",
		 p->kernel_va, f->broken - shared_by, shared_by, p->nr - p->gone, threads);
}

static __u64 larger(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

/* The most any one of them maps; of what none may, and could not be read, all together. */
static void most(struct user_table *u, const struct user_table *one)
{
	u->bytes = larger(u->bytes, one->bytes);
	u->entry_area = larger(u->entry_area, one->entry_area);
	u->image = larger(u->image, one->image);
	u->linear = larger(u->linear, one->linear);
	if (!u->forbidden)
		u->example = one->example;
	u->forbidden += one->forbidden;
	u->unread += one->unread;
}

static void kpti_user(const struct verify_input *in, struct fact *f)
{
	struct user_table u = { 0 };

	fact_begin(f, "kpti-user-table",
		   "under KPTI user mode's table has the kernel's entry area, a page per CPU and "
		   "read-only parts of the image, and no other memory of the kernel");
	if (in->kpti != ANSWER_YES) {
		fact_unknown(f, "KPTI is %s here: there is one table, and it maps all",
			     in->kpti == ANSWER_NO ? "off" : "not known to be on");
		return;
	}
	for (size_t i = 0; in->pgds->user_tables && i < in->pgds->nr; i++) {
		u.unread += in->pgds->row[i].unread;
		if (in->pgds->row[i].gone)
			continue;
		most(&u, &in->pgds->row[i].user);
		f->checked++;
	}
	f->broken = u.forbidden + (u.linear > in->cpus ? u.linear : 0);
	if (u.forbidden)
		fact_end(f, "user tables map %llu bytes they should not, first at 0x%llx", u.forbidden,
			 u.example);
	else if (u.unread && !f->broken)
		fact_unknown(f, "%llu ranges of %llu user tables could not be read; in what could be is "
				"nothing that should not", u.unread, f->checked);
	else
		fact_end(f, "%llu user tables: of the kernel at most %llu KiB, of that at most %llu KiB "
			    "cpu_entry_area and %llu KiB image, all read-only; of direct map and vmalloc at "
			    "most %llu pages (the TSS of each of %u CPUs); nothing of vmemmap and modules",
			 f->checked, u.bytes >> 10, u.entry_area >> 10, u.image >> 10, u.linear,
			 in->cpus);
}

void facts_of_processes(const struct verify_input *in, struct fact out[FACTS_OF_PROCESSES])
{
	kernel_half(in, &out[0]);
	own_table(in, &out[1]);
	kpti_user(in, &out[2]);
}

void fact_other_process(const struct marked_page *m, struct fact *out)
{
	fact_begin(out, "other-process-readable",
		   "a page of another process is in the kernel's reach through the direct map");
	if (!m->found || !m->told) {
		fact_unknown(out, "%s",
			     m->why[0] ? m->why :
			     !m->found ? "the page of kvas's child could not be walked to and read" :
					 "kvas's child did not say what it wrote");
		return;
	}
	out->checked = 1;
	out->broken = !m->same;
	fact_end(out, "process %u's page at 0x%llx is physical 0x%llx; at 0x%llx the kernel reads %s "
		      "%u random bytes it wrote", m->pid, m->user_va, m->pa, m->alias,
		 m->same ? "the" : "other than the", m->bytes);
}

/* The faults at kernel addresses, sorted out. */
struct sorted_faults {
	__u64 safe, open;
	const struct fault_place *first_safe, *first_open;
};

static void sort_faults(const struct kernel_faults *k, struct sorted_faults *s)
{
	*s = (struct sorted_faults){ .open = k->elsewhere };
	for (unsigned int i = 0; i < k->nr_places; i++) {
		const struct fault_place *p = &k->place[i];
		bool safe = kfunc_in(KFUNC_FAILS_SAFELY, p->function);
		const struct fault_place **first = safe ? &s->first_safe : &s->first_open;

		*(safe ? &s->safe : &s->open) += p->count;
		if (!*first)
			*first = p;
	}
}

/* Faults at kernel addresses that nothing explains leave the fact open: the kernel got over
 * them, else nobody would read this. */
static void open_faults(const struct sorted_faults *s, struct fact *f, const char *rest)
{
	const struct fault_place *p = s->first_open;

	if (p && p->function[0])
		fact_unknown(f, "%llu of %llu hit kernel addresses, first 0x%llx in %s at 0x%llx, which is "
				"not known to be made to fail; it may be%s", s->open, f->checked,
			     p->address, p->function, p->ip, rest);
	else if (p)
		fact_unknown(f, "%llu of %llu hit kernel addresses, first 0x%llx from 0x%llx, and "
				"/proc/kallsyms names no function there: it may be made to fail%s",
			     s->open, f->checked, p->address, p->ip, rest);
	else
		fact_unknown(f, "%llu of %llu hit kernel addresses at more instructions than kvas keeps%s",
			     s->open, f->checked, rest);
}

void fact_kernel_faults(const struct kernel_faults *k, struct fact *out)
{
	char rest[256] = "";
	struct sorted_faults s;
	int len = 0;

	fact_begin(out, "kernel-faults-user",
		   "page faults of kernel mode fetch user memory, and never the kernel's own. Only code "
		   "that is made to fail safely touches kernel addresses that are not mapped");
	out->broken = k->served;
	if (k->served) {
		out->checked = k->tried;
		fact_end(out, "of %llu reads of kernel addresses that were not mapped %llu did not fail, "
			      "or left them mapped, first 0x%llx", k->tried, k->served, k->first_served);
		return;
	}
	if (!k->seen) {
		fact_unknown(out, "%s", k->why);
		return;
	}
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		out->checked += k->by_region[r];
	sort_faults(k, &s);
	if (s.safe)
		len = snprintf(rest, sizeof(rest), "; at kernel addresses, made to fail safely: %llu, first "
						   "0x%llx in %s", s.safe, s.first_safe->address,
			       s.first_safe->function);
	if (k->tried)
		snprintf(rest + len, sizeof(rest) - len, "; %llu reads of kvas's own at addresses not "
							 "mapped failed, and mapped none", k->tried);
	if (!out->checked)
		fact_unknown(out, "no page fault of kernel mode was seen");
	else if (s.open)
		open_faults(&s, out, rest);
	else
		fact_end(out, "%llu page faults of kernel mode were seen, %llu at user addresses%s",
			 out->checked, k->by_region[KVAS_REGION_USER], rest);
}
