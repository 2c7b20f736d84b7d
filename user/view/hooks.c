/* SPDX-License-Identifier: GPL-2.0 */
#include "view/hooks.h"

#include <jansson.h>
#include <stdlib.h>

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

static void print_row(FILE *f, const struct plan_row *row)
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

void view_hooks_text(FILE *f, const struct plan *p, const struct meta *m)
{
	unsigned int observed = 0, derived = 0, missing = 0;

	fprintf(f, "kvas hooks: Linux %s %s, %u CPUs\n\n%s", m->host.kernel, m->host.arch,
		m->host.cpus, intro);
	for (size_t i = 0; i < p->nr; i++) {
		const struct plan_row *row = &p->row[i];

		print_row(f, row);
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

static json_t *row_json(const struct plan_row *row)
{
	json_t *tried = json_array();

	for (int i = 0; i < HOOK_CANDIDATES && row->hook->candidate[i].how; i++) {
		const struct hook_candidate *c = &row->hook->candidate[i];
		const struct plan_try *t = &row->tried[i];

		json_array_append_new(
			tried, json_pack("{s:s, s:s, s:b, s:s, s:s?}", "how",
					 attach_how_name(c->how), "target", c->target, "derived",
					 c->derived, "result",
					 i == row->chosen ? "chosen" :
					 t->result == 1	  ? "not tried" :
							    "refused",
					 "why", t->result < 0 ? t->why : NULL));
	}
	return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", row->hook->name, "what",
			 row->hook->what, "required", row->hook->required, "provenance",
			 provenance(row), "candidates", tried);
}

void view_hooks_json(FILE *f, const struct plan *p, const struct meta *m)
{
	json_t *rows = json_array(), *root;

	for (size_t i = 0; i < p->nr; i++)
		json_array_append_new(rows, row_json(&p->row[i]));
	root = json_pack("{s:i, s:s, s:o}", "schema", 1, "kernel", m->host.kernel, "hooks", rows);
	json_dumpf(root, f, JSON_INDENT(2));
	fputc('\n', f);
	json_decref(root);
}
