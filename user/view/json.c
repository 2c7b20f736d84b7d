/* SPDX-License-Identifier: GPL-2.0 */
#include "view/json.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "model/counters.h"
#include "agg/figures.h"
#include "event/event.h"
#include "model/words.h"
#include "event/json_text.h"
#include "model/regions.h"
#include "view/accesses.h"
#include "view/areas.h"
#include "view/memory.h"
#include "view/view.h"

static json_t *answer(enum answer a)
{
	return a == ANSWER_UNKNOWN ? json_null() : json_boolean(a == ANSWER_YES);
}

static json_t *base(const struct meta *m, __u64 v)
{
	char buf[32];

	if (!v || m->redacted)
		return json_null();
	snprintf(buf, sizeof(buf), "0x%" PRIx64, (uint64_t)v);
	return json_string(buf);
}

static json_t *host(const struct meta *m)
{
	const struct host_info *h = &m->host;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kernel",
			 text(h->kernel), "arch", text(h->arch), "cpus", num(h->cpus),
			 "paging_levels", h->layout.levels ? num(h->layout.levels) : json_null(),
			 "kpti", answer(h->kpti), "pcid", answer(h->pcid), "kaslr",
			 answer(h->kaslr), "page_offset", base(m, h->layout.page_offset),
			 "vmalloc_base", base(m, h->layout.vmalloc_base), "vmemmap_base",
			 base(m, h->layout.vmemmap_base), "kpti_how", text(h->kpti_how),
			 "layout_how", text(h->layout_how));
}

static json_t *lost(const struct summary *s)
{
	json_t *by = json_object(), *ring = json_object();
	__u64 records = 0;

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++) {
		__u64 n = s->c[KVAS_C_LOST_RING + k];

		records += n;
		if (s->meta->emit & (1u << k))
			json_object_set_new(ring, word_kind_name(k), num(n));
	}
	json_object_set_new(by, "events", num(records));
	json_object_set_new(by, "ring_full", ring);
	for (unsigned int i = 0; i < s->meta->nr_losses; i++) {
		const struct loss_info *l = &s->meta->losses[i];
		json_t *cause = json_object_get(by, l->cause);

		if (!cause) {
			cause = json_object();
			json_object_set_new(by, l->cause, cause);
		}
		json_object_set_new(cause, l->what, num(l->count));
	}
	return by;
}

static json_t *events(const struct summary *s)
{
	json_t *by = json_object();

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		if (s->meta->emit & (1u << k))
			json_object_set_new(by, word_kind_name(k),
					    json_pack("{s:o, s:o, s:o}", "seen", num(s->seen[k]),
						      "lost", num(s->c[KVAS_C_LOST_RING + k]),
						      "happened", num(figures_happened(s, k))));
	return by;
}

static json_t *hooks(const struct meta *m)
{
	json_t *by = json_object();

	for (unsigned int i = 0; i < m->nr_hooks; i++) {
		const struct hook_info *h = &m->hooks[i];
		bool none = !strcmp(h->provenance, "none");

		json_object_set_new(by, h->name,
				    json_pack("{s:o, s:o, s:o}", "how",
					      none ? json_null() : text(h->how), "provenance",
					      none ? json_null() : text(h->provenance), "why",
					      h->why[0] ? text(h->why) : json_null()));
	}
	return by;
}

json_t *view_quantiles(const struct hist *h)
{
	if (!h->count)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "count", num(h->count), "min",
			 num(h->min), "p50", num(hist_percentile(h, 50)), "p90",
			 num(hist_percentile(h, 90)), "p99", num(hist_percentile(h, 99)), "max",
			 num(h->max));
}

static json_t *by_region(const __u64 *counts)
{
	json_t *by = json_object();

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (counts[r])
			json_object_set_new(by, region_name(r), num(counts[r]));
	return by;
}

static json_t *faults(const struct summary *s, const struct figures *g)
{
	json_t *by_code = json_object();

	for (unsigned int code = 0; code < 32; code++) {
		char flags[EVENT_FLAGS_MAX + 1];

		if (!s->c[KVAS_C_FAULT_CODE + code])
			continue;
		flags[event_fault_flags(code, flags)] = '\0';
		json_object_set_new(by_code, flags[0] ? flags : "none",
				    num(s->c[KVAS_C_FAULT_CODE + code]));
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "user", fig(g->faults_user), "kernel",
			 fig(g->faults_kernel), "by_region", by_region(&s->c[KVAS_C_FAULT_REGION]),
			 "by_code", by_code);
}

/* Why the objects of kind O that began are not known; NULL they are. */
static const char *objects_why(const struct summary *s, enum object_kind o)
{
	return figures_met_why(s, o == OBJECT_PGD ? MET_PGD_ALLOC : MET_TASK);
}

static json_t *objects(const struct summary *s)
{
	json_t *by = json_object();

	for (int o = 0; o < OBJECT_COUNT; o++)
		json_object_set_new(by, object_name(o),
				    objects_why(s, o) ? json_null() : by_region(s->objects[o]));
	return by;
}

static json_t *objects_by_hook(const struct summary *s)
{
	json_t *by = json_object();

	for (int hook = 0; hook < MET_COUNT; hook++) {
		json_t *met = figures_met_why(s, hook) ? json_null() : json_object();

		for (int o = 0; json_is_object(met) && o < OBJECT_COUNT; o++) {
			json_t *regions = by_region(s->met[hook][o]);

			if (json_object_size(regions))
				json_object_set(met, object_name(o), regions);
			json_decref(regions);
		}
		json_object_set_new(by, object_hook_name(hook), met);
	}
	return by;
}

/* Why objects are null. */
static void unknown_objects(json_t *by, const struct summary *s)
{
	char name[48];

	for (int o = 0; o < OBJECT_COUNT; o++) {
		snprintf(name, sizeof(name), "objects.%s", object_name(o));
		if (objects_why(s, o))
			json_object_set_new(by, name, json_string(objects_why(s, o)));
	}
	for (int hook = 0; hook < MET_COUNT; hook++) {
		snprintf(name, sizeof(name), "objects_by_hook.%s", object_hook_name(hook));
		if (figures_met_why(s, hook))
			json_object_set_new(by, name, json_string(figures_met_why(s, hook)));
	}
}

static json_t *writes(struct writes w)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "kpti", num(w.kpti), "mm_switch",
			 num(w.mm_switch), "tlb_flush", num(w.tlb_flush), "temporary_mm",
			 num(w.temporary_mm), "total", num(w.total));
}

static json_t *processes(const struct summary *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nr_processes; i++) {
		const struct process_sum *p = &s->processes[i];
		json_t *row = json_pack("{s:o, s:o}", "pid",
					p->folded ? json_null() : num(p->pid), "comm",
					json_text(p->comm, KVAS_COMM_LEN));

		for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
			json_object_set_new(row, task_counter_name(t), num(p->c[t]));
		json_object_set_new(row, "cr3_writes", writes(figures_process(s, p)));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *cpus(const struct summary *s)
{
	json_t *list = json_array();

	for (__u32 cpu = 0; cpu < s->nr_cpus; cpu++) {
		const __u64 *c = s->cpu[cpu];

		json_array_append_new(
			list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cpu",
					num(cpu), "syscall", num(c[KVAS_C_SYSCALL]), "page_fault",
					num(c[KVAS_C_FAULT_USER]), "irq", num(c[KVAS_C_IRQ_USER]),
					"exception", num(c[KVAS_C_EXCEPTION]), "nmi",
					num(c[KVAS_C_NMI_USER]), "switches", num(c[KVAS_C_SWITCH]),
					"flush", num(c[KVAS_C_CR3_FLUSH]), "cr3_writes",
					writes(figures_cpu(s, cpu))));
	}
	return list;
}

static json_t *cr3_writes(const struct figures *g)
{
	json_t *entry = json_pack("{s:o, s:o, s:o, s:o, s:o}", "syscall", fig(g->kpti_syscall),
				  "page_fault", fig(g->kpti_page_fault), "irq", fig(g->kpti_irq),
				  "exception", fig(g->kpti_exception), "nmi", fig(g->kpti_nmi));

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "kpti_entry", entry,
			 "kpti_exit", fig(g->kpti_exit), "mm_switch", fig(g->mm_switch),
			 "tlb_flush", fig(g->tlb_flush), "temporary_mm", fig(g->temporary_mm),
			 "total", fig(g->cr3_total), "total_is_lower_bound", g->cr3_lower_bound,
			 "kpti_would_be", fig(g->kpti_would_be), "kpti_ns", fig(g->kpti_ns));
}

#define FIG(name, field) { name, offsetof(struct figures, field) }
/* Those that one could ask about when they are null. */
static const struct {
	const char *name;
	size_t at;
} asked[] = {
	FIG("pgd.alloc", pgd_alloc),
	FIG("pgd.free", pgd_free),
	FIG("pgd.live", pgd_live),
	FIG("pgd.bytes_each", pgd_bytes_each),
	FIG("crossings.syscall", syscall),
	FIG("crossings.page_fault", page_fault),
	FIG("crossings.irq", irq),
	FIG("crossings.exception", exception),
	FIG("crossings.nmi", nmi),
	FIG("cr3_writes.kpti_exit", kpti_exit),
	FIG("cr3_writes.mm_switch", mm_switch),
	FIG("cr3_writes.tlb_flush", tlb_flush),
	FIG("cr3_writes.temporary_mm", temporary_mm),
	FIG("cr3_writes.kpti_ns", kpti_ns),
	FIG("crossings.syscall_refused", syscall_refused),
	FIG("switches.lazy_avoided", lazy_avoided),
	FIG("asid.reused", slot_reused),
	FIG("switches.flush", flush),
	FIG("faults.user", faults_user),
	FIG("faults.kernel", faults_kernel),
	FIG("vmalloc.alloc", vm_alloc),
	FIG("vmalloc.free", vm_free),
	FIG("vmalloc.live", vm_live),
	FIG("vmalloc.leaked", vm_leaked),
	FIG("vmalloc.lazy", vm_lazy),
	FIG("vmalloc.purges", vm_purges),
	FIG("vmalloc.purged_areas", vm_purged_areas),
	FIG("vmalloc.bytes_lazy_system", vm_bytes_lazy_system),
	FIG("vmalloc.kernel_flushes", kernel_flushes),
};

/* Why each null is null. */
static json_t *unknowns(const struct summary *s, const struct figures *g)
{
	json_t *by = json_object();

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		const struct figure *f = (const struct figure *)((const char *)g + asked[i].at);

		if (!f->known)
			json_object_set_new(by, asked[i].name, json_string(f->why));
	}
	unknown_objects(by, s);
	if (g->cr3_lower_bound)
		json_object_set_new(by, "cr3_writes.total_is_lower_bound",
				    json_string(g->cr3_lower_why));
	if (view_accesses_why(s))
		json_object_set_new(by, "accesses", text(view_accesses_why(s)));
	if (!s->meta->precise)
		json_object_set_new(by, "accesses.precise", text(s->meta->precise_how));
	if (view_memory_why(s))
		json_object_set_new(by, "memory", text(view_memory_why(s)));
	if (view_memory_regions_why(s))
		json_object_set_new(by, "memory.by_region", text(view_memory_regions_why(s)));
	return by;
}

static void add_counts(json_t *root, const struct summary *s, const struct figures *g)
{
	json_object_set_new(root, "tasks",
			    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "forks", fig(g->forks),
				      "threads", fig(g->threads), "execs", fig(g->execs), "exits",
				      fig(g->exits), "vforks", fig(g->vforks), "kthreads",
				      fig(g->kthreads)));
	json_object_set_new(
		root, "pgd",
		json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "alloc", fig(g->pgd_alloc),
			  "free", fig(g->pgd_free), "live", fig(g->pgd_live), "bytes_each",
			  fig(g->pgd_bytes_each), "derived", g->pgd_derived, "lifetime_ns",
			  view_quantiles(&s->pgd_lifetime_ns), "exit_to_free_ns",
			  view_quantiles(&s->pgd_exit_to_free_ns)));
	json_object_set_new(root, "crossings",
			    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "syscall", fig(g->syscall),
				      "page_fault", fig(g->page_fault), "irq", fig(g->irq),
				      "exception", fig(g->exception), "nmi", fig(g->nmi),
				      "syscall_refused", fig(g->syscall_refused)));
	json_object_set_new(root, "interrupts_of_kernel", fig(g->irq_kernel));
	json_object_set_new(root, "nmis_of_kernel", fig(g->nmi_kernel));
	json_object_set_new(root, "cr3_writes", cr3_writes(g));
	json_object_set_new(root, "switches",
			    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "total",
				      fig(g->switches), "mm_loaded", fig(g->mm_loaded), "same_mm",
				      fig(g->same_mm), "lazy_kthread", fig(g->lazy_kthread),
				      "lazy_return", fig(g->lazy_return), "flush", fig(g->flush),
				      "noflush", fig(g->noflush), "lazy_avoided",
				      fig(g->lazy_avoided)));
	json_object_set_new(root, "asid",
			    json_pack("{s:o, s:o, s:o, s:o}", "reused", fig(g->slot_reused),
				      "evicted", fig(g->slot_evicted), "empty", fig(g->slot_empty),
				      "global", fig(g->slot_global)));
	json_object_set_new(root, "faults", faults(s, g));
	json_object_set_new(root, "accesses", view_accesses_json(s));
	json_object_set_new(root, "vmalloc", view_areas_json(s, g));
	json_object_set_new(root, "memory", view_memory_json(s));
}

json_t *summary_json(const struct summary *s)
{
	const struct meta *m = s->meta;
	json_t *root = json_object();
	struct figures g;

	figures_of(s, &g);
	json_object_set_new(root, "schema", num(1));
	json_object_set_new(root, "kvas", text(m->version));
	json_object_set_new(root, "host", host(m));
	json_object_set_new(root, "command", m->command[0] ? text(m->command) : json_null());
	json_object_set_new(root, "filter", m->filter[0] ? text(m->filter) : json_null());
	json_object_set_new(root, "window_ns",
			    num(m->end_ns > m->start_ns ? m->end_ns - m->start_ns : 0));
	json_object_set_new(root, "complete", json_boolean(m->complete != ANSWER_NO));
	json_object_set_new(root, "lost", lost(s));
	json_object_set_new(root, "events", events(s));
	json_object_set_new(root, "hooks", hooks(m));
	add_counts(root, s, &g);
	json_object_set_new(root, "objects", objects(s));
	json_object_set_new(root, "objects_by_hook", objects_by_hook(s));
	json_object_set_new(root, "unknown", unknowns(s, &g));
	json_object_set_new(root, "processes_folded", num(s->processes_folded));
	json_object_set_new(root, "cpus", cpus(s));
	json_object_set_new(root, "processes", processes(s));
	return root;
}

void view_summary_json(FILE *f, const struct summary *s)
{
	json_t *root = summary_json(s);

	json_dumpf(root, f, JSON_INDENT(1));
	fputc('\n', f);
	json_decref(root);
}
