/* SPDX-License-Identifier: GPL-2.0 */
/* The facts of the host that head every text view. */
#include <string.h>

#include "model/wrap.h"
#include "view/view.h"

/* The names of the hooks of this PROVENANCE after LABEL; nothing where there are none. */
static void hooks_of(FILE *f, const struct meta *m, const char *label, const char *provenance)
{
	struct wrap w = { f, strlen(label) + 1, 0 };
	char word[4 * sizeof(m->hooks[0].name) + 2] = "";
	bool any = false;

	for (unsigned int i = 0; i < m->nr_hooks; i++) {
		if (strcmp(m->hooks[i].provenance, provenance))
			continue;
		if (any)
			wrap_text(&w, strcat(word, ","));
		else
			w.column = fprintf(f, "%s ", label);
		safe_text(word, m->hooks[i].name);
		any = true;
	}
	wrap_text(&w, word);
	wrap_end(&w);
}

static void base(FILE *f, const char *name, __u64 v)
{
	if (v)
		fprintf(f, "%s 0x%llx", name, v);
	else
		fprintf(f, "%s unknown", name);
}

static void bases(FILE *f, const struct meta *m)
{
	const struct layout *l = &m->host.layout;
	char how[4 * sizeof(m->host.layout_how)];

	if (m->redacted) {
		fprintf(f, "bases redacted\n");
		return;
	}
	base(f, "direct map", l->page_offset);
	base(f, ", vmalloc", l->vmalloc_base);
	fprintf(f, "\n  ");
	base(f, "vmemmap", l->vmemmap_base);
	if (m->host.layout_how[0])
		fprintf(f, " (%.48s)", safe_text(how, m->host.layout_how));
	fputc('\n', f);
}

/* How the facts of the host are known, its bases, and the hooks that are not as they should be. */
static void header_detail(FILE *f, const struct meta *m)
{
	char how[4 * sizeof(m->host.kpti_how)];

	fprintf(f, "KPTI %s: %.60s\n", answer_on_off(m->host.kpti), safe_text(how, m->host.kpti_how));
	bases(f, m);
	hooks_of(f, m, "derived:", "derived");
	hooks_of(f, m, "missing:", "none");
}

void view_header(FILE *f, const struct meta *m, bool verbose)
{
	const struct host_info *h = &m->host;
	char line[256], safe[4 * sizeof(line)], online[24] = "";

	if (h->cpus_online && h->cpus_online != h->cpus)
		snprintf(online, sizeof(online), "%u of ", h->cpus_online);
	snprintf(line, sizeof(line), "kvas %s: Linux %s %s, %s%u CPU%s", m->version, h->kernel,
		 h->arch, online, h->cpus, h->cpus == 1 ? "" : "s");
	fprintf(f, "%.80s\n", safe_text(safe, line));
	fprintf(f, "KPTI %s%s, PCID %s, KASLR %s, ", answer_on_off(h->kpti),
		h->kpti_by_hypervisor == ANSWER_YES ? " by the hypervisor" : "",
		answer_word(h->pcid), answer_on_off(h->kaslr));
	if (h->layout.levels)
		fprintf(f, "%d-level page tables\n", h->layout.levels);
	else
		fprintf(f, "levels of page tables unknown\n");
	if (m->sample_asked && m->sample_hz)
		fprintf(f, "%u samples a second, not %u: kernel.perf_event_max_sample_rate\n", m->sample_hz,
			m->sample_asked);
	if (verbose)
		header_detail(f, m);
}

struct run_words view_run_words(const struct meta *m)
{
	struct run_words w = { "", "the whole host", "", "" };

	if (m->command[0]) {
		w.what = m->command;
		w.of = m->filter[0] ? "" : "the host while ";
		w.behind = m->filter[0] ? " and its children" : " ran";
	} else if (m->filter[0]) {
		w.what = m->filter;
	}
	if (meta_cut_why(m))
		w.cut = m->under_way ? " (the recording is still being made)" :
				       " (the recording is cut short)";
	return w;
}
