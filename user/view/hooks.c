/* SPDX-License-Identifier: GPL-2.0 */
#include "view/hooks.h"

#include "view/json_doc.h"

static const char intro[] =
	"A hook is a place in the kernel where kvas runs a small checked program (BPF).\n"
	"Each was just tried here by attaching an empty program, then detached. Ways\n"
	"are tried in order; the first that holds is used:\n"
	"  fentry, fexit      at entry or return of a kernel function, cheapest\n"
	"  kprobe, kretprobe  the same through a breakpoint or jump\n"
	"  tp_btf             at a tracepoint, a place the kernel's authors marked\n"
	"observed: a program runs where it happens. derived: it follows from other\n"
	"events by a rule.\n\n";

static const char *provenance(const struct plan_row *row)
{
	if (row->chosen < 0)
		return "missing";
	return row->hook->candidate[row->chosen].derived ? "derived" : "observed";
}

static void hook_text(FILE *f, const struct plan_row *row)
{
	char how[64] = "-";

	if (row->chosen >= 0)
		snprintf(how, sizeof(how), "%s %s",
			 attach_how_name(row->hook->candidate[row->chosen].how),
			 row->hook->candidate[row->chosen].target);
	fprintf(f, "%-25s%-9s %s\n", row->hook->name, provenance(row), how);
	fprintf(f, "    %s\n", row->hook->what);
	for (int i = 0; i < HOOK_CANDIDATES && row->hook->candidate[i].how; i++)
		if (row->tried[i].result && row->tried[i].result != 1)
			fprintf(f, "    not by %s %s:\n      %s\n",
				attach_how_name(row->hook->candidate[i].how),
				row->hook->candidate[i].target, row->tried[i].why);
	if (row->chosen < 0)
		fprintf(f, "    so unknown here: %s\n", row->hook->without);
}

static void hooks_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct hooks_view *v = what;
	const struct plan *p = v->plan;
	unsigned int observed = 0, derived = 0, missing = 0;

	(void)o;
	fprintf(f, "kvas hooks: Linux %s %s, %u CPUs\n\n%s", v->host->kernel, v->host->arch,
		v->host->cpus, intro);
	for (size_t i = 0; i < p->nr; i++) {
		const struct plan_row *row = &p->row[i];

		hook_text(f, row);
		if (row->chosen < 0)
			missing++;
		else if (row->hook->candidate[row->chosen].derived)
			derived++;
		else
			observed++;
	}
	fprintf(f, "\n%zu hooks: %u observed, %u derived, %u missing\n", p->nr, observed, derived,
		missing);
}

static json_t *candidate_json(struct json_doc *d, const struct hook_candidate *c,
			      const struct plan_try *t, bool chosen)
{
	const char *result = chosen ? "chosen" : t->result == 1 ? "not tried" : "refused";
	json_t *o = json_pack("{s:s, s:s, s:b, s:s}", "how", attach_how_name(c->how), "target",
			      c->target, "derived", c->derived, "result", result);

	json_object_set_new(o, "why",
			    t->result < 0 ? json_string(t->why) :
					    json_unknown(d, "the kernel did not refuse this way",
							 "hooks[].candidates[].why"));
	return o;
}

static json_t *hook_json(struct json_doc *d, const struct plan_row *row)
{
	json_t *tried = json_array();

	for (int i = 0; i < HOOK_CANDIDATES && row->hook->candidate[i].how; i++)
		json_array_append_new(tried, candidate_json(d, &row->hook->candidate[i],
							    &row->tried[i], i == row->chosen));
	return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", row->hook->name, "what",
			 row->hook->what, "required", row->hook->required, "provenance",
			 provenance(row), "candidates", tried);
}

static void hooks_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct hooks_view *v = what;
	json_t *rows = json_array();
	struct json_doc d = { 0 };

	(void)o;
	for (size_t i = 0; i < v->plan->nr; i++)
		json_array_append_new(rows, hook_json(&d, &v->plan->row[i]));
	d.root = json_pack("{s:i, s:s, s:o}", "schema", 1, "kernel", v->host->kernel, "hooks", rows);
	json_doc_print(&d, f, JSON_INDENT(2));
}

const struct document document_hooks = {
	"hooks", { [FORMAT_TEXT] = hooks_as_text, [FORMAT_JSON] = hooks_as_json }
};
