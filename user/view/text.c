/* SPDX-License-Identifier: GPL-2.0 */
/* The closing summary: perf stat's shape, the value first and what it counts after. */
#include <string.h>

#include "model/counters.h"
#include "agg/figures.h"
#include "model/words.h"
#include "model/regions.h"
#include "view/accesses.h"
#include "view/areas.h"
#include "view/format.h"
#include "view/memory.h"
#include "view/view.h"

/* Bits of the error code, arch/x86/include/asm/trap_pf.h. */
#define PF_PROT 1
#define PF_WRITE 2
#define PF_INSTR 16

struct text {
	FILE *f;
	const struct summary *s;
	struct figures fig;
	double seconds;
};

static void section(const struct text *t, const char *name)
{
	fprintf(t->f, "\n%s\n", name);
}

/* A row; NOTE fills what is left of the line (24 columns). */
static void row(const struct text *t, struct figure v, const char *what, const char *note)
{
	char buf[FORMAT_MAX];

	if (!v.known)
		note = v.why;
	fprintf(t->f, "%20s  ", v.known ? format_count(buf, v.value) : "unknown");
	if (*note)
		fprintf(t->f, "%-32.32s  %.24s\n", what, note);
	else
		fprintf(t->f, "%.32s\n", what);
}

/* Without a note: its rate. */
static void rate_row(const struct text *t, struct figure v, const char *what)
{
	char note[64] = "", buf[FORMAT_MAX];

	if (v.known && v.value && t->seconds > 0)
		snprintf(note, sizeof(note), "%s/s", format_short(buf, v.value / t->seconds));
	row(t, v, what, note);
}

static void share_row(const struct text *t, struct figure v, struct figure whole, const char *what)
{
	char note[64] = "";

	if (v.known && whole.known && whole.value)
		snprintf(note, sizeof(note), "%5.1f %%", 100.0 * v.value / whole.value);
	row(t, v, what, note);
}

static struct figure plain(__u64 value)
{
	return (struct figure){ true, value, "" };
}

static void quantiles(const struct text *t, const struct hist *h, const char *what,
		      const char *(*format)(char *, __u64))
{
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX];

	if (!h->count)
		return;
	fprintf(t->f, "%20s  %-26s p50 %s, p99 %s\n", "", what,
		format(a, hist_percentile(h, 50)), format(b, hist_percentile(h, 99)));
	fprintf(t->f, "%20s  %-26s max %s\n", "", "", format(c, h->max));
}

static void tasks(const struct text *t)
{
	const struct figures *g = &t->fig;
	char note[64] = "", buf[FORMAT_MAX];

	section(t, "Tasks");
	if (g->vforks.value)
		snprintf(note, sizeof(note), "%s by vfork", format_count(buf, g->vforks.value));
	row(t, g->forks, "processes created (fork)", note);
	row(t, g->threads, "threads created", "");
	if (g->kthreads.value)
		row(t, g->kthreads, "kernel threads created", "");
	row(t, g->execs, "execs", "");
	row(t, g->exits, "tasks exited", "");
}

static void pgds(const struct text *t)
{
	const struct figures *g = &t->fig;

	section(t, g->pgd_derived ? "Top-level page tables (PGD), derived: no hook in pgd_alloc" :
				    "Top-level page tables (PGD)");
	row(t, g->pgd_alloc, "allocated", "");
	row(t, g->pgd_free, "freed", "");
	row(t, g->pgd_live, "in use at the end", "");
	row(t, g->pgd_bytes_each, "bytes each", "");
	quantiles(t, &t->s->pgd_lifetime_ns, "lifetime", format_ns);
	quantiles(t, &t->s->pgd_exit_to_free_ns, "from last exit to free", format_ns);
}

static void crossings(const struct text *t)
{
	const struct figures *g = &t->fig;

	section(t, "Entries from user mode to the kernel");
	rate_row(t, g->syscall, "system calls");
	if (g->syscall_refused.value)
		row(t, g->syscall_refused, "  refused by seccomp", "");
	rate_row(t, g->page_fault, "page faults");
	rate_row(t, g->irq, "interrupts of user mode");
	rate_row(t, g->exception, "other exceptions (derived)");
	rate_row(t, g->nmi, "NMIs");
	rate_row(t, g->irq_kernel, "(interrupts of kernel mode)");
	if (g->nmi_kernel.value)
		rate_row(t, g->nmi_kernel, "(NMIs of kernel mode)");
}

static void cr3_kpti(const struct text *t)
{
	const struct figures *g = &t->fig;

	switch (t->s->meta->host.kpti) {
	case ANSWER_YES:
		row(t, g->kpti_syscall, "KPTI entry by system call", "derived");
		row(t, g->kpti_page_fault, "KPTI entry by page fault", "derived");
		row(t, g->kpti_irq, "KPTI entry by interrupt", "derived");
		row(t, g->kpti_exception, "KPTI entry by exception", "derived");
		row(t, g->kpti_nmi, "KPTI entry by NMI", "derived");
		row(t, g->kpti_exit, "KPTI exit to user mode", "derived");
		break;
	case ANSWER_NO:
		row(t, g->kpti_exit, "KPTI entries and exits", "KPTI is off");
		row(t, g->kpti_would_be, "would be with KPTI on", "2 a crossing, derived");
		break;
	case ANSWER_UNKNOWN:
		row(t, g->kpti_exit, "KPTI entries and exits", "");
		row(t, g->kpti_would_be, "would be if KPTI is on", "2 a crossing, derived");
		break;
	}
}

/* What KPTI's writes take, or would, at the cost of a pair that was given. */
static void kpti_time(const struct text *t)
{
	char buf[FORMAT_MAX], what[64], note[64] = "";

	if (!t->fig.kpti_ns.known)
		return;
	if (t->seconds > 0)
		snprintf(note, sizeof(note), "%.2f %% of a CPU",
			 t->fig.kpti_ns.value / (t->seconds * 1e7));
	snprintf(what, sizeof(what), "KPTI %s at %g ns a pair",
		 t->s->meta->host.kpti == ANSWER_YES ? "takes" : "would take", t->s->kpti_cost_ns);
	fprintf(t->f, "%20s  %-32.32s  %.24s\n", format_ns(buf, t->fig.kpti_ns.value), what, note);
}

static void cr3(const struct text *t)
{
	const struct figures *g = &t->fig;

	section(t, "CR3 writes");
	rate_row(t, g->mm_switch, "loads by switch_mm");
	share_row(t, g->flush, g->mm_switch, "  flushing the TLB");
	share_row(t, g->noflush, g->mm_switch, "  keeping it (PCID)");
	cr3_kpti(t);
	row(t, g->tlb_flush, "by TLB flushes", "");
	row(t, g->temporary_mm, "by temporary mms", "");
	if (g->cr3_lower_bound)
		row(t, g->cr3_total, "at least, of the known", g->cr3_lower_why);
	else
		rate_row(t, g->cr3_total, "total");
	kpti_time(t);
}

static void switches(const struct text *t)
{
	const struct figures *g = &t->fig;

	section(t, "Context switches");
	rate_row(t, g->switches, "switches");
	share_row(t, g->mm_loaded, g->switches, "to another mm");
	share_row(t, g->same_mm, g->switches, "to a thread of the same mm");
	share_row(t, g->lazy_kthread, g->switches, "to a kernel thread (lazy TLB)");
	share_row(t, g->lazy_return, g->switches, "back to the mm left lazy");
	row(t, g->lazy_avoided, "of these two, no CR3 write", "");
	if (!g->slot_reused.known)
		return;
	share_row(t, g->slot_reused, g->mm_loaded, "other mm, its ASID slot kept");
	share_row(t, g->slot_evicted, g->mm_loaded, "other mm, a slot taken over");
	share_row(t, g->slot_empty, g->mm_loaded, "other mm, a free slot");
	if (g->slot_global.value)
		share_row(t, g->slot_global, g->mm_loaded, "other mm, no slot: a global ASID");
}

static __u64 codes(const struct summary *s, unsigned int mask, unsigned int want)
{
	__u64 sum = 0;

	for (unsigned int code = 0; code < 32; code++)
		if ((code & mask) == want)
			sum += s->c[KVAS_C_FAULT_CODE + code];
	return sum;
}

static void faults(const struct text *t)
{
	const struct figures *g = &t->fig;
	const struct summary *s = t->s;
	struct figure all = plain(g->faults_user.value + g->faults_kernel.value);

	section(t, "Page faults");
	rate_row(t, g->faults_user, "from user mode");
	rate_row(t, g->faults_kernel, "from kernel mode");
	if (!all.value)
		return;
	share_row(t, plain(codes(s, PF_PROT, 0)), all, "page not present");
	share_row(t, plain(codes(s, PF_PROT, PF_PROT)), all, "protection");
	share_row(t, plain(codes(s, PF_WRITE | PF_INSTR, 0)), all, "read");
	share_row(t, plain(codes(s, PF_WRITE | PF_INSTR, PF_WRITE)), all, "write");
	share_row(t, plain(codes(s, PF_INSTR, PF_INSTR)), all, "instruction fetch");
	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		char what[48];

		if (!s->c[KVAS_C_FAULT_REGION + r])
			continue;
		snprintf(what, sizeof(what), "address in %s", region_name(r));
		share_row(t, plain(s->c[KVAS_C_FAULT_REGION + r]), all, what);
	}
}

/* A number of areas and their bytes. */
static void area_row(const struct text *t, struct figure areas, struct figure bytes,
		     const char *what, const char *more)
{
	char buf[FORMAT_MAX], note[64] = "";

	if (bytes.known)
		snprintf(note, sizeof(note), "%s%s", format_bytes(buf, bytes.value), more);
	row(t, areas, what, note);
}

static void purges(const struct text *t)
{
	const struct figures *g = &t->fig;
	char buf[FORMAT_MAX], note[64] = "";

	area_row(t, g->vm_lazy, g->vm_bytes_lazy, "of them not given back yet", "");
	if (g->vm_purged_areas.known && g->vm_purges.value)
		snprintf(note, sizeof(note), "of %s areas",
			 format_count(buf, g->vm_purged_areas.value));
	row(t, g->vm_purges, "purges that do (whole system)", note);
	row(t, g->kernel_flushes, "TLB flushes of kernel ranges",
	    g->kernel_flushes_derived ? "those of purges, derived" : "whole system");
}

static void vmalloc(const struct text *t)
{
	const struct figures *g = &t->fig;

	section(t, "vmalloc areas (guard pages included)");
	area_row(t, g->vm_alloc, g->vm_bytes_alloc, "allocated", "");
	area_row(t, g->vm_live, g->vm_bytes_live, "  live at the end", "");
	area_row(t, g->vm_leaked, g->vm_bytes_leaked, "  and of a process that ended", "");
	area_row(t, g->vm_free, g->vm_bytes_free, "freed",
		 t->s->c[KVAS_C_VM_FREE_UNSIZED] ? " and more" : "");
	if (t->s->c[KVAS_C_VM_FREE_UNSIZED])
		row(t, plain(t->s->c[KVAS_C_VM_FREE_UNSIZED]), "  of them of unknown size",
		    "older than the window");
	purges(t);
	quantiles(t, &t->s->vm_bytes, "size", format_bytes);
	quantiles(t, &t->s->vm_lifetime_ns, "lifetime", format_ns);
}

/* Objects met at HOOK in region R; nothing where there were none. */
static void met(const struct text *t, enum object_hook hook, int r)
{
	char buf[FORMAT_MAX];
	__u64 all = 0, n;

	for (int o = 0; o < OBJECT_COUNT; o++)
		all += t->s->met[hook][o][r];
	if (!all)
		return;
	fprintf(t->f, "  %-10s%-15s", object_hook_name(hook), region_name(r));
	for (int o = 0; o < OBJECT_COUNT; o++) {
		n = t->s->met[hook][o][r];
		fprintf(t->f, " %11s", n < 1000000000 ? format_count(buf, n) : format_short(buf, n));
	}
	fputc('\n', t->f);
}

static void objects_by_hook(const struct text *t)
{
	fprintf(t->f, "  %-10s%-15s %11s %11s %11s %11s\n", "MET AT", "REGION", "TASKS", "STACKS",
		"MMS", "PGDS");
	for (int hook = 0; hook < MET_COUNT; hook++) {
		const char *why = figures_met_why(t->s, hook);

		if (why)
			fprintf(t->f, "  %-10sunknown: %.50s\n", object_hook_name(hook), why);
		for (int r = 0; !why && r < KVAS_REGION_COUNT; r++)
			met(t, hook, r);
	}
}

static void objects(const struct text *t)
{
	section(t, "Kernel objects met, by region");
	for (int o = 0; o < OBJECT_COUNT; o++)
		for (int r = 0; r < KVAS_REGION_COUNT; r++) {
			char what[48];

			if (!t->s->objects[o][r])
				continue;
			snprintf(what, sizeof(what), "%s in %s", object_name(o), region_name(r));
			row(t, plain(t->s->objects[o][r]), what, "");
		}
	objects_by_hook(t);
}

/* Who causes the writes: the rest of a row of cpus() and processes(). */
static void put_writes(const struct text *t, struct writes w, __u64 switches)
{
	const __u64 shown[] = { w.crossings, w.mm_switch, w.tlb_flush, switches, w.total };
	char buf[FORMAT_MAX];

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		fprintf(t->f, " %9s", format_short(buf, shown[i]));
	if (t->fig.cr3_total.value)
		fprintf(t->f, " %4.0f", 100.0 * w.total / t->fig.cr3_total.value);
	fputc('\n', t->f);
}

static void head(const struct text *t, const char *first)
{
	fprintf(t->f, "\n%s %9s %9s %9s %9s %9s %4s\n", first, "CROSSINGS", "SWITCH_MM", "TLBFLUSH",
		"SWITCHES", "CR3", "%");
}

/* A machine with many has a table too long to read: csv and json have it. */
#define CPUS_SHOWN 16

static void cpus(const struct text *t)
{
	if (!t->s->nr_cpus || t->s->nr_cpus > CPUS_SHOWN)
		return;
	head(t, "By CPU                ");
	for (__u32 cpu = 0; cpu < t->s->nr_cpus; cpu++) {
		fprintf(t->f, "%5u %-16s", cpu, "");
		put_writes(t, figures_cpu(t->s, cpu), t->s->cpu[cpu][KVAS_C_SWITCH]);
	}
}

static void processes(const struct text *t, int top)
{
	char comm[VIEW_COMM_MAX], pid[FORMAT_MAX];

	if (!t->s->nr_processes || top <= 0)
		return;
	head(t, "     By process       ");
	for (size_t i = 0; i < t->s->nr_processes && i < (size_t)top; i++) {
		const struct process_sum *p = &t->s->processes[i];

		fprintf(t->f, "%7s %-14.14s", format_pid(pid, p->pid, p->folded),
			safe_comm(comm, p->comm));
		put_writes(t, figures_process(t->s, p), p->c[KVAS_T_SWITCH]);
	}
	if (t->s->nr_processes > (size_t)top)
		fprintf(t->f, "%8s %zu more\n", "", t->s->nr_processes - (size_t)top);
}

/* Seen + lost = happened, for each kind that was recorded. */
static void events(const struct text *t)
{
	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++) {
		__u64 seen = t->s->seen[k], lost = t->s->c[KVAS_C_LOST_RING + k];
		__u64 happened = figures_happened(t->s, k);
		char what[48];

		if (!(t->s->meta->emit & (1u << k)))
			continue;
		snprintf(what, sizeof(what), "%s records", word_kind_name(k));
		row(t, plain(happened), what, seen == happened && !lost ? "all seen" : "");
		if (seen == happened && !lost)
			continue;
		row(t, plain(seen), "  seen", "");
		row(t, plain(lost), "  lost: a ring was full", "try --ring-size");
		if (seen + lost < happened)
			row(t, plain(happened - seen - lost), "  unaccounted", "");
		else if (seen + lost > happened)
			row(t, plain(seen + lost - happened), "  more than were counted", "");
	}
}

static void losses(const struct text *t)
{
	__u64 ring = 0, lost = 0;
	char buf[FORMAT_MAX];

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		ring += t->s->c[KVAS_C_LOST_RING + k];
	for (unsigned int i = 0; i < t->s->meta->nr_losses; i++)
		lost += t->s->meta->losses[i].count;
	section(t, ring + lost ? "lost: see below" : "lost: nothing");
	events(t);
	for (unsigned int i = 0; i < t->s->meta->nr_losses; i++) {
		const struct loss_info *l = &t->s->meta->losses[i];

		fprintf(t->f, "%20s  %.24s (%.30s)\n", format_count(buf, l->count), l->cause,
			l->what);
	}
}

void view_summary_text(FILE *f, const struct summary *s, int top)
{
	struct text t = { .f = f, .s = s };
	const struct meta *m = s->meta;

	t.seconds = m->end_ns > m->start_ns ? (m->end_ns - m->start_ns) / 1e9 : 0;
	figures_of(s, &t.fig);
	fprintf(f, "\n%.3f seconds", t.seconds);
	if (m->command[0]) {
		char safe[sizeof(m->command) * 4 + 1];

		fprintf(f, " of: %.60s", safe_text(safe, m->command));
	}
	if (m->complete == ANSWER_NO)
		fprintf(f, " (the recording is cut short)");
	fputc('\n', f);
	tasks(&t);
	pgds(&t);
	crossings(&t);
	cr3(&t);
	switches(&t);
	faults(&t);
	vmalloc(&t);
	objects(&t);
	view_accesses_text(f, s, top);
	view_areas_text(f, s, &t.fig, top);
	view_memory_text(f, s, top);
	cpus(&t);
	processes(&t, top);
	losses(&t);
}
