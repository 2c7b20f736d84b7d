/* SPDX-License-Identifier: GPL-2.0 */
/* One interval of live: rates, a block of lines. */
#include <string.h>

#include "agg/figures.h"
#include "view/accesses.h"
#include "view/format.h"
#include "view/memory.h"
#include "view/view.h"

struct rates {
	double seconds;
	char buf[16][FORMAT_MAX];
	int used;
};

/* V per second, or "?" when unknown; good for this block. */
static const char *per(struct rates *r, struct figure v)
{
	char *buf = r->buf[r->used++ % 16];

	return v.known ? format_short(buf, v.value / r->seconds) : "?";
}

static const char *per_count(struct rates *r, __u64 v)
{
	return per(r, (struct figure){ true, v, "" });
}

static void crossings(FILE *f, struct rates *r, const struct figures *g, const char *clock_text)
{
	fprintf(f, "%s  crossings %s/s: syscall %s, page fault %s, interrupt %s\n", clock_text,
		per_count(r, g->crossings), per(r, g->syscall), per(r, g->page_fault),
		per(r, g->irq));
}

static void cr3(FILE *f, struct rates *r, const struct summary *s, const struct figures *g)
{
	static const char *const kpti[] = { [ANSWER_YES] = "KPTI",
					    [ANSWER_NO] = "KPTI off, would be",
					    [ANSWER_UNKNOWN] = "KPTI ?, would be" };

	fprintf(f, "  CR3 writes/s  switch_mm %s (flush %s, keep %s), TLB flush %s\n",
		per(r, g->mm_switch), per(r, g->flush), per(r, g->noflush), per(r, g->tlb_flush));
	fprintf(f, "                %s %s", kpti[s->meta->host.kpti], per(r, g->kpti_would_be));
	if (g->kpti_ns.known)
		fprintf(f, ", %.2f %% of a CPU at %g ns a pair",
			g->kpti_ns.value / (r->seconds * 1e7), s->kpti_cost_ns);
	fputc('\n', f);
}

static void memory(FILE *f, struct rates *r, const struct figures *g)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], c[FORMAT_MAX], d[FORMAT_MAX];

	fprintf(f, "  switches/s    %s: other mm %s, same %s, kthread %s, lazy back %s\n",
		per(r, g->switches), per(r, g->mm_loaded), per(r, g->same_mm),
		per(r, g->lazy_kthread), per(r, g->lazy_return));
	fprintf(f, "  page faults/s user %s, kernel %s   vmalloc +%s -%s\n",
		per(r, g->faults_user), per(r, g->faults_kernel),
		g->vm_bytes_alloc.known ? format_bytes(a, g->vm_bytes_alloc.value) : "?",
		g->vm_bytes_free.known ? format_bytes(b, g->vm_bytes_free.value) : "?");
	fprintf(f, "  tasks         fork %s, thread %s, exec %s, exit %s",
		format_short(a, g->forks.value), format_short(b, g->threads.value),
		format_short(c, g->execs.value), format_short(d, g->exits.value));
	fprintf(f, "   PGDs +%s -%s\n", g->pgd_alloc.known ? format_short(a, g->pgd_alloc.value) : "?",
		g->pgd_free.known ? format_short(b, g->pgd_free.value) : "?");
}

static void processes(FILE *f, const struct rates *r, const struct summary *s, int top)
{
	char buf[FORMAT_MAX], comm[VIEW_COMM_MAX];

	if (!s->nr_processes || top <= 0)
		return;
	fprintf(f, "  %8s %-16s %9s %9s %9s %9s\n", "PID", "COMM", "SYSCALL/s", "FAULT/s", "SWITCH/s",
		"CR3/s");
	for (size_t i = 0; i < s->nr_processes && i < (size_t)top; i++) {
		const struct process_sum *p = &s->processes[i];
		const __u64 *c = p->c;
		const __u64 shown[] = { c[KVAS_T_SYSCALL],
					c[KVAS_T_FAULT_USER] + c[KVAS_T_FAULT_KERNEL],
					c[KVAS_T_SWITCH], figures_process(s, p).total };

		fprintf(f, "  %8s %-16.16s", format_pid(buf, p->pid, p->folded),
			safe_comm(comm, p->comm));
		for (int k = 0; k < 4; k++)
			fprintf(f, " %9s", format_short(buf, shown[k] / r->seconds));
		fputc('\n', f);
	}
}

void view_interval_text(FILE *f, const struct summary *s, double seconds, const char *clock_text,
		       int top)
{
	struct rates r = { .seconds = seconds > 0 ? seconds : 1 };
	struct figures g;
	__u64 lost = 0;

	figures_of(s, &g);
	crossings(f, &r, &g, clock_text);
	cr3(f, &r, s, &g);
	memory(f, &r, &g);
	view_accesses_line(f, s);
	view_memory_lines(f, s, r.seconds);
	for (unsigned int k = 0; k < KVAS_KIND_END; k++)
		lost += s->c[KVAS_C_LOST_RING + k];
	for (unsigned int m = 0; m < KVAS_LOSS_MAP_END; m++)
		lost += s->c[KVAS_C_LOST_MAP + m];
	if (lost)
		fprintf(f, "  lost          %llu records or map entries\n", lost);
	processes(f, &r, s, top);
}
