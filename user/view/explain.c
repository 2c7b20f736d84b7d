/* SPDX-License-Identifier: GPL-2.0 */
#include "view/explain.h"

#include <string.h>

#include "model/wrap.h"
#include "view/json_doc.h"

const struct explain_topic *explain_topic(const char *name)
{
	for (const struct explain_topic *t = explain_topics; t->name; t++)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

static void explain_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct explain_view *v = what;
	struct explain_answer a = { .nr = 0 };

	(void)o;
	for (const struct explain_topic *t = explain_topics; !v->topic && t->name; t++)
		fprintf(f, "%-16s %s\n", t->name, t->question);
	if (!v->topic)
		return;
	v->topic->answer(v, &a);
	fprintf(f, "%s\n", v->topic->question);
	for (unsigned int i = 0; i < a.nr; i++)
		wrap_paragraph(f, 2, a.text[i]);
	fprintf(f, "more: %s\n", v->topic->more);
}

static json_t *topic_json(const struct explain_view *v, const struct explain_topic *t)
{
	struct explain_answer a = { .nr = 0 };
	json_t *answer = json_array();

	if (v->topic)
		t->answer(v, &a);
	for (unsigned int i = 0; i < a.nr; i++)
		json_array_append_new(answer, json_string(a.text[i]));
	return json_pack("{s:s, s:s, s:o, s:s}", "topic", t->name,
			 "question", t->question, "answer", answer, "more", t->more);
}

static void explain_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct explain_view *v = what;
	struct json_doc d = { 0 };
	json_t *list = json_array();

	(void)o;
	for (const struct explain_topic *t = explain_topics; t->name; t++)
		if (!v->topic || v->topic == t)
			json_array_append_new(list, topic_json(v, t));
	d.root = json_pack("{s:i, s:o}", "schema", 1, "topics", list);
	json_doc_print(&d, f, JSON_INDENT(1));
}

const struct document document_explain = {
	"explain", { [FORMAT_TEXT] = explain_as_text, [FORMAT_JSON] = explain_as_json }
};
