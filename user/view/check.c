/* SPDX-License-Identifier: GPL-2.0 */
#include "view/check.h"

#include "model/wrap.h"
#include "view/json_doc.h"

#define INDENT 9

static void check_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct check_view *v = what;
	const struct fact *facts = v->facts;
	unsigned int count[3] = { 0 };

	(void)o;
	fprintf(f, "kvas check: Linux %s %s\n\n", v->host->kernel, v->host->arch);
	for (size_t i = 0; i < v->nr; i++) {
		fprintf(f, "%-8s %s\n", verdict_name(facts[i].verdict), facts[i].id);
		wrap_paragraph(f, INDENT, facts[i].claim);
		wrap_paragraph(f, INDENT, facts[i].evidence);
		count[facts[i].verdict]++;
	}
	fprintf(f, "\n%zu facts: %u hold, %u fail, %u unknown\n", v->nr, count[VERDICT_HOLDS],
		count[VERDICT_FAILS], count[VERDICT_UNKNOWN]);
}

static void check_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct check_view *v = what;
	const struct fact *facts = v->facts;
	json_t *list = json_array();
	struct json_doc d = { 0 };

	(void)o;
	for (size_t i = 0; i < v->nr; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "id", facts[i].id, "claim",
					facts[i].claim, "verdict", verdict_name(facts[i].verdict),
					"checked", (json_int_t)facts[i].checked, "broken",
					(json_int_t)facts[i].broken, "evidence", facts[i].evidence));
	d.root = json_pack("{s:i, s:s, s:o}", "schema", 1, "kernel", v->host->kernel, "facts", list);
	json_doc_print(&d, f, JSON_INDENT(1));
}

const struct document document_check = {
	"check", { [FORMAT_TEXT] = check_as_text, [FORMAT_JSON] = check_as_json }
};
