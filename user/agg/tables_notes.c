/* SPDX-License-Identifier: GPL-2.0 */
/* Sentences of the long text: what its figures and tables rest on in this run. */
#include <stdio.h>

#include "agg/records.h"
#include "agg/tables.h"
#include "model/words.h"

static const char *kpti_cost(const struct figures *g, char *buf, size_t len)
{
	enum answer writes = meta_kpti_writes(&g->summary->meta->host);

	if (!g->f[FIGURE_KPTI_NS].known)
		return NULL;
	snprintf(buf, len, "KPTI %s that time at %g ns a pair of CR3 writes (--kpti-cost).",
		 writes == ANSWER_YES ? "takes" :
		 writes == ANSWER_NO  ? "would take" : "takes or would take",
		 g->summary->kpti_cost_ns);
	return buf;
}

const struct table table_kpti_cost_note = TEXT_NOTE(SECTION_CR3, kpti_cost);

static const char *pgd_derived(const struct figures *g, char *buf, size_t len)
{
	return g->f[FIGURE_PGD_DERIVED].value ?
		       "PGDs are derived from forks, execs and frees of pages: pgd_alloc has no hook." :
		       NULL;
}

const struct table table_pgd_derived_note = TEXT_NOTE(SECTION_PGDS, pgd_derived);

static const char *callers_purges(const struct figures *g, char *buf, size_t len)
{
	return g->summary->areas.nr_rows ?
		       "Each purge is one TLB flush of kernel addresses on all CPUs." : NULL;
}

const struct table table_callers_note = TEXT_NOTE(SECTION_VMALLOC, callers_purges);

static const char *flushes_derived(const struct figures *g, char *buf, size_t len)
{
	return g->f[FIGURE_KERNEL_FLUSHES_DERIVED].value ?
		       "TLB flushes of kernel ranges are those that purges make, derived: flushes have "
		       "no hook here." : NULL;
}

const struct table table_flushes_derived_note = TEXT_NOTE(SECTION_VMALLOC, flushes_derived);

/* Seen + lost = happened: what breaks that, by kind. */
static const char *events_unaccounted(const struct figures *g, char *buf, size_t len)
{
	const struct summary *s = g->summary;
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END && at < len; k++) {
		__u64 told = s->seen[k] + s->c[KVAS_C_LOST_RING + k], happened = records_happened(s, k);

		/* What is missing of a recording that was cut short is said of it as a whole. */
		if (!(s->meta->emit & (1u << k)) || told == happened || meta_cut_why(s->meta))
			continue;
		at += snprintf(buf + at, len - at, "%s%s: %llu %s", at ? ", " : "Records of ",
			       word_kind_name(k), told < happened ? happened - told : told - happened,
			       told < happened ? "unaccounted" : "more than were counted");
	}
	if (at && at + 1 < len)
		snprintf(buf + at, len - at, ".");
	return buf;
}

const struct table table_events_note = TEXT_NOTE(SECTION_LOST, events_unaccounted);
