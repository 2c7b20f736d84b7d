/* SPDX-License-Identifier: GPL-2.0 */
#include "view/check.h"

#include <jansson.h>

#include "model/wrap.h"

#define INDENT 9

void view_check_text(FILE *f, const struct host_info *host, const struct fact *facts, size_t nr)
{
	unsigned int count[3] = { 0 };

	fprintf(f, "kvas check: Linux %s %s\n\n", host->kernel, host->arch);
	for (size_t i = 0; i < nr; i++) {
		fprintf(f, "%-8s %s\n", verdict_name(facts[i].verdict), facts[i].id);
		wrap_paragraph(f, INDENT, facts[i].claim);
		wrap_paragraph(f, INDENT, facts[i].evidence);
		count[facts[i].verdict]++;
	}
	fprintf(f, "\n%zu facts: %u hold, %u fail, %u unknown\n", nr, count[VERDICT_HOLDS],
		count[VERDICT_FAILS], count[VERDICT_UNKNOWN]);
}

void view_check_json(FILE *f, const struct host_info *host, const struct fact *facts, size_t nr)
{
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "id", facts[i].id, "claim",
					facts[i].claim, "verdict", verdict_name(facts[i].verdict),
					"checked", (json_int_t)facts[i].checked, "broken",
					(json_int_t)facts[i].broken, "evidence", facts[i].evidence));
	root = json_pack("{s:i, s:s, s:o}", "schema", 1, "kernel", host->kernel, "facts", list);
	json_dumpf(root, f, JSON_INDENT(1));
	fputc('\n', f);
	json_decref(root);
}
