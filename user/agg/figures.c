/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/figures.h"

#include <string.h>

#include "agg/bounds.h"
#include "agg/figure_rules.h"
#include "agg/records.h"
#include "agg/rows.h"
#include "model/counters.h"

const char figure_no_hook[] = "its hook is missing here";

struct figure figure_known(__u64 value)
{
	return (struct figure){ .known = true, .value = value };
}

struct figure figure_unknown(const char *why)
{
	return (struct figure){ .why = why };
}

struct figure figure_known_unless(const char *why, __u64 value)
{
	return why ? figure_unknown(why) : figure_known(value);
}

const char *figures_uncounted_why(const struct summary *s)
{
	if (s->counted || !meta_cut_why(s->meta))
		return NULL;
	return s->meta->under_way ? "its first interval has not ended yet" :
				    "the recording is cut short before its first interval ended";
}

/* Why counter C alone is not known: nothing was counted, and no record tells it. */
const char *figure_uncounted_why(const struct summary *s, unsigned int c)
{
	return rows_tell(s->meta->emit, c) ? NULL : figures_uncounted_why(s);
}

struct figure figure_rule_counter(struct figures_run *run, int c)
{
	return figure_known_unless(figure_uncounted_why(run->s, c), run->s->c[c]);
}

/* The sum of PARTS that are known; a lower bound when one is not, unknown when none is. */
static struct figure sum_of(struct figures_run *run, const enum figure_id *parts, size_t nr)
{
	struct figure sum = { 0 };

	for (size_t i = 0; i < nr; i++) {
		const struct figure *f = figure_get(run, parts[i]);

		sum.value += f->value;
		sum.known |= f->known;
		if (!f->known || f->at_least)
			sum.at_least = f->known ? f->at_least : f->why;
	}
	return sum.known ? sum : figure_unknown(sum.at_least);
}

#define SUM_OF(run, ...)                                             \
	sum_of(run, (const enum figure_id[]){ __VA_ARGS__ },         \
	       sizeof((const enum figure_id[]){ __VA_ARGS__ }) / sizeof(enum figure_id))

static struct figure figure_rule_crossings(struct figures_run *run, int arg)
{
	return SUM_OF(run, FIGURE_SYSCALL, FIGURE_PAGE_FAULT, FIGURE_IRQ, FIGURE_EXCEPTION, FIGURE_NMI);
}

static struct figure figure_rule_faults_total(struct figures_run *run, int arg)
{
	return SUM_OF(run, FIGURE_FAULTS_USER, FIGURE_FAULTS_KERNEL);
}

/* One write per crossing of a known cause when KPTI is on, none when it is off. */
static struct figure figure_rule_kpti(struct figures_run *run, int crossing)
{
	const struct host_info *h = &run->s->meta->host;

	if (meta_kpti_writes(h) == ANSWER_UNKNOWN)
		return figure_unknown(meta_kpti_writes_why(h));
	return meta_kpti_writes(h) == ANSWER_NO ? figure_known(0) : *figure_get(run, crossing);
}

static struct figure figure_rule_would_be(struct figures_run *run, int arg)
{
	struct figure f = *figure_get(run, FIGURE_CROSSINGS);

	f.value *= 2;
	return f;
}

static struct figure figure_rule_mm_switch(struct figures_run *run, int arg)
{
	return figure_known_unless(figure_uncounted_why(run->s, KVAS_C_CR3_FLUSH),
			    run->s->c[KVAS_C_CR3_FLUSH] + run->s->c[KVAS_C_CR3_NOFLUSH]);
}

/* Without hooks of temporary mms their loads count as any other of switch_mm_irqs_off, so
 * the total has them all the same. */
static struct figure figure_rule_cr3_total(struct figures_run *run, int arg)
{
	const struct meta *m = run->s->meta;
	struct figure sum = SUM_OF(run, FIGURE_KPTI_SYSCALL, FIGURE_KPTI_PAGE_FAULT, FIGURE_KPTI_IRQ,
				   FIGURE_KPTI_EXCEPTION, FIGURE_KPTI_NMI, FIGURE_KPTI_EXIT,
				   FIGURE_MM_SWITCH, FIGURE_TLB_FLUSH);

	sum.value += figure_get(run, FIGURE_TEMPORARY_MM)->value;
	/* The way out of an NMI of kernel mode restores CR3: always in 6.1, only when the
	 * way in had to change it in 7.2 (RESTORE_CR3 and PARANOID_RESTORE_CR3,
	 * arch/x86/entry/calling.h). Nothing tells which this kernel does. */
	if (sum.known && meta_kpti_writes(&m->host) == ANSWER_YES && run->s->c[KVAS_C_NMI_KERNEL])
		sum.at_least = "NMIs may write CR3 too";
	return sum;
}

static struct figure figure_rule_cr3_lower(struct figures_run *run, int arg)
{
	const struct figure *total = figure_get(run, FIGURE_CR3_TOTAL);
	struct figure f = figure_known(!total->known || total->at_least);

	f.at_least = total->known ? total->at_least : total->why;
	return f;
}

static struct figure figure_rule_kpti_ns(struct figures_run *run, int arg)
{
	struct figure f = *figure_get(run, FIGURE_CROSSINGS);

	if (run->s->kpti_cost_ns <= 0)
		return figure_unknown("give --kpti-cost NS");
	f.value *= run->s->kpti_cost_ns;
	return f;
}

/* The kernel's own decision to leave CR3 alone: a switch to a kernel thread, and one
 * back to the mm that stayed loaded. */
static struct figure figure_rule_lazy_avoided(struct figures_run *run, int arg)
{
	const __u64 *c = run->s->c;
	__u64 lazy = c[KVAS_C_SWITCH_LAZY_KTHREAD] + c[KVAS_C_SWITCH_LAZY_RETURN];

	/* tlb_flush comes before sched_switch: an interval may end between the two. */
	return figure_known_unless(figure_uncounted_why(run->s, KVAS_C_LAZY_LOADED),
			    lazy > c[KVAS_C_LAZY_LOADED] ? lazy - c[KVAS_C_LAZY_LOADED] : 0);
}

static struct figure figure_rule_slot(struct figures_run *run, int c)
{
	const struct summary *s = run->s;
	__u64 slots = s->c[KVAS_C_SLOT_REUSED] + s->c[KVAS_C_SLOT_EVICTED] +
		      s->c[KVAS_C_SLOT_EMPTY] + s->c[KVAS_C_SLOT_GLOBAL];

	/* All 0 in spite of switches to another mm: the state could not be read after all. */
	if (s->meta->host.slots != ANSWER_YES || (s->c[KVAS_C_SWITCH_MM_LOADED] && !slots))
		return figure_unknown("cpu_tlbstate unreadable");
	return figure_known_unless(figure_uncounted_why(s, c), s->c[c]);
}

static struct figure figure_rule_pgd_live(struct figures_run *run, int arg)
{
	const struct summary *s = run->s;
	const __u64 *c = s->run ?: s->c; /* all since the start, in an interval too */
	__s64 live = s->meta->pgd_live_start + (__s64)c[KVAS_C_PGD_ALLOC] -
		     (__s64)(c[KVAS_C_PGD_FREE] + c[KVAS_C_PGD_FREE_MISSED]);

	if (s->meta->pgd_live_start < 0)
		return figure_unknown("how many were in use at the start is not known");
	if (meta_cut_why(s->meta))
		return figure_unknown(meta_cut_why(s->meta));
	return figure_known_unless(live < 0 ? "more were freed than kvas knew of" : NULL, live);
}

static struct figure figure_rule_pgd_bytes_each(struct figures_run *run, int arg)
{
	__u32 order = run->s->meta->pgd_order;

	return figure_known_unless(order < 32 ? NULL : "none was seen freed yet", order < 32 ? 4096ULL << order : 0);
}

static struct figure figure_rule_pgd_derived(struct figures_run *run, int arg)
{
	return figure_known(meta_derived(run->s->meta, HOOK_pgd_alloc));
}

struct figure figure_quantiles(const struct hist *h, const char *why)
{
	struct figure f = figure_known_unless(h->count ? NULL : why, h->count);

	f.hist = f.known ? h : NULL;
	return f;
}

static struct figure figure_rule_pgd_lifetime(struct figures_run *run, int arg)
{
	return figure_quantiles(&run->s->pgd_lifetime_ns, "no PGD was both allocated and freed here");
}

static struct figure figure_rule_pgd_exit_to_free(struct figures_run *run, int arg)
{
	return figure_quantiles(&run->s->pgd_exit_to_free_ns, "no PGD was freed after an exit");
}

const char *figures_hook_why(const struct summary *s, enum hook_id hook)
{
	return meta_attached(s->meta, hook) ? NULL : figure_no_hook;
}

const char *figures_counter_why(const struct summary *s, unsigned int c)
{
	enum hook_id hook = counter_hook(c);

	return (hook == HOOK_COUNT ? NULL : figures_hook_why(s, hook)) ?: figure_uncounted_why(s, c);
}

static struct figure of_sampler(const struct summary *s, __u64 value)
{
	return figure_known_unless(records_sampler_why(s->meta), value);
}

static struct figure figure_rule_samples(struct figures_run *run, int arg)
{
	return of_sampler(run->s, run->s->accesses.samples);
}

static struct figure figure_rule_samples_kernel(struct figures_run *run, int arg)
{
	const struct access_summary *a = &run->s->accesses;

	return of_sampler(run->s, a->samples - a->mode[KVAS_ACCESS_USER] - a->mode[KVAS_ACCESS_IDLE]);
}

/* Without symbols those with interrupts off are among the others. */
static struct figure figure_rule_samples_irqs_off(struct figures_run *run, int arg)
{
	const struct access_summary *a = &run->s->accesses;

	if (run->s->meta->sample_hz && a->mode[KVAS_ACCESS_NO_SYMBOLS])
		return figure_unknown("/proc/kallsyms shows no addresses of functions");
	return of_sampler(run->s, a->mode[KVAS_ACCESS_IRQS_OFF] + a->mode[KVAS_ACCESS_RETURN]);
}

static struct figure figure_rule_lost_events(struct figures_run *run, int arg)
{
	__u64 sum = 0;

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		sum += run->s->c[KVAS_C_LOST_RING + k];
	/* What was counted until it was cut short; none counted is not none lost. */
	return figure_known_unless(figures_uncounted_why(run->s) ?: sum ? NULL : meta_cut_why(run->s->meta),
			    sum);
}

/* What kvas costs: its time and memory, and under no filter its part of the counts. */
static const char *self_why(const struct summary *s)
{
	return s->meta->self.pid ? NULL : "which process is kvas is not known here";
}

static struct figure self_count(const struct summary *s, __u64 value)
{
	const char *why = self_why(s);

	if (!why && s->meta->filter[0])
		why = "a filter leaves kvas out";
	return figure_known_unless(why ?: figures_uncounted_why(s), value);
}

/* A process has memory: 0 stands for a recording that tells of none. */
static const char *usage_why(const struct summary *s)
{
	return self_why(s) ?:
	       s->meta->self.max_rss_bytes ? NULL :
	       meta_cut_why(s->meta) ?: "the recording does not tell";
}

static struct figure figure_rule_self_cpu(struct figures_run *run, int arg)
{
	return figure_known_unless(usage_why(run->s), run->s->self_cpu_ns);
}

static struct figure figure_rule_self_rss(struct figures_run *run, int arg)
{
	return figure_known_unless(usage_why(run->s), run->s->meta->self.max_rss_bytes);
}

static struct figure figure_rule_self_crossings(struct figures_run *run, int arg)
{
	return self_count(run->s, figures_task_crossings(run->s->self));
}

static struct figure figure_rule_self_switches(struct figures_run *run, int arg)
{
	return self_count(run->s, run->s->self[KVAS_T_SWITCH]);
}

static struct figure figure_rule_self_faults(struct figures_run *run, int arg)
{
	return self_count(run->s, run->s->self[KVAS_T_FAULT_USER] + run->s->self[KVAS_T_FAULT_KERNEL]);
}

static const struct {
	struct figure (*rule)(struct figures_run *run, int arg);
	int arg;
} rules[FIGURE_COUNT] = {
#define FIGURE(id, path, label, unit, kind, source, shown, of, rule, arg, hooks, without, doc) \
	[FIGURE_##id] = { figure_rule_##rule, arg },
#include "model/figures.def"
};

/* The figure by its rule, when all hooks that it needs are attached. */
static struct figure compute(struct figures_run *run, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	enum figure_source source = row->source;
	struct figure f;

	for (int h = 0; h < HOOK_COUNT; h++) {
		if (!(row->hooks >> h & 1))
			continue;
		if (!meta_attached(run->s->meta, h))
			return figure_unknown(row->without);
		if (meta_derived(run->s->meta, h))
			source = SOURCE_DERIVED;
	}
	f = rules[id].rule(run, rules[id].arg);
	if (source > f.source)
		f.source = source;
	figure_bounds(run->s, id, source != row->source, &f);
	return f;
}

const struct figure *figure_get(struct figures_run *run, enum figure_id id)
{
	if (!run->done[id])
		run->g->f[id] = compute(run, id);
	run->done[id] = true;
	return &run->g->f[id];
}

void figures_of(const struct summary *s, struct figures *g)
{
	struct figures_run run = { .s = s, .g = g };

	memset(g, 0, sizeof(*g));
	g->summary = s;
	g->seconds = s->length_ns / 1e9;
	for (int id = 0; id < FIGURE_COUNT; id++)
		figure_get(&run, id);
}

double figure_rate(const struct figures *g, enum figure_id id)
{
	return g->f[id].known && g->seconds > 0 ? g->f[id].value / g->seconds : 0;
}

double figure_share(const struct figures *g, enum figure_id id)
{
	enum figure_id of = figure_rows[id].of;

	if (of == FIGURE_NONE || !g->f[id].known || !g->f[of].known || !g->f[of].value)
		return -1;
	return (double)g->f[id].value / g->f[of].value;
}

bool figure_says(const struct figures *g, enum figure_id id)
{
	if (!g->f[id].known || !g->f[id].value)
		return false;
	if (meta_kpti_writes(&g->summary->meta->host) != ANSWER_YES)
		return true;
	/* With KPTI on its writes are counted, a cause of kernel entries each. */
	return id != FIGURE_KPTI_WOULD_BE && id != FIGURE_SYSCALL && id != FIGURE_PAGE_FAULT &&
	       id != FIGURE_IRQ && id != FIGURE_EXCEPTION && id != FIGURE_NMI;
}
