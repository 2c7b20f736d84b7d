/* SPDX-License-Identifier: GPL-2.0 */
/* Each null of a document has its reason, and each reason is there once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/json_doc.h"
#include "view/schema.h"

static const char *reason(json_t *root, const char *path)
{
	return json_string_value(json_object_get(json_object_get(root, "unknown"), path));
}

static void reasons_are_noted_by_path(void **state)
{
	struct json_doc d = { .root = json_object() };
	json_t *root, *list = json_array();

	(void)state;
	json_array_append_new(list, json_unknown(&d, "no hook", "list[]"));
	json_array_append_new(list, json_unknown(&d, "no hook", "list[]"));
	/* One reason may be the beginning of another, and is still one of its own. */
	json_array_append_new(list, json_unknown(&d, "no hook here", "list[]"));
	json_array_append_new(list, json_unknown(&d, "no", "list[]"));
	json_array_append_new(list, json_unknown(&d, "no hook here", "list[]"));
	json_object_set_new(d.root, "list", list);
	json_object_set_new(d.root, "kpti", json_answer(&d, ANSWER_UNKNOWN, "not told", "kpti"));
	json_object_set_new(d.root, "pcid", json_answer(&d, ANSWER_NO, "not told", "pcid"));
	json_object_set_new(d.root, "kaslr", json_answer(&d, ANSWER_YES, "not told", "kaslr"));
	root = json_doc_finish(&d);
	assert_string_equal(reason(root, "list[]"), "no hook; or: no hook here; or: no");
	assert_string_equal(reason(root, "kpti"), "not told");
	assert_true(json_is_null(json_object_get(root, "kpti")));
	assert_true(json_is_false(json_object_get(root, "pcid")));
	assert_true(json_is_true(json_object_get(root, "kaslr")));
	assert_int_equal(json_object_size(json_object_get(root, "unknown")), 2);
	json_decref(root);
}

/* A document in which all is known says so; a key "unknown" keeps its place. */
static void unknown_is_always_there(void **state)
{
	struct json_doc d = { .root = json_pack("{s:n, s:i}", "unknown", "last", 1) };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	json_doc_print(&d, f, JSON_COMPACT);
	fclose(f);
	assert_string_equal(text, "{\"unknown\":{},\"last\":1}\n");
	free(text);
}

static json_t *schema_of(const struct json_row *rows, size_t nr)
{
	json_t *def = json_object();

	for (size_t i = 0; i < nr; i++)
		schema_add_row(def, &rows[i]);
	return def;
}

/* Against a schema that was written by hand. */
static void rows_make_a_schema(void **state)
{
	static const struct json_row rows[] = {
		{ "half", ROW_OBJECT, ROW_OPTIONAL_NULLABLE, NULL, "a half" },
		{ "half.at", ROW_ADDRESS, ROW_ALWAYS, NULL, NULL },
		{ "list[].kind", ROW_WORD, ROW_NULLABLE, "one|two words", NULL },
		{ "by.<verdict>", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
		{ "each.{verdict}", ROW_BOOLEAN, ROW_OPTIONAL, NULL, NULL },
		{ "any.*", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	};
	static const char want[] =
		"{'type': 'object', 'additionalProperties': false,"
		" 'required': ['list', 'by', 'each', 'any'], 'properties': {"
		"  'half': {'type': ['object', 'null'], 'description': 'a half',"
		"   'additionalProperties': false, 'required': ['at'],"
		"   'properties': {'at': {'type': 'string', 'pattern': '^0x[0-9a-f]+$'}}},"
		"  'list': {'type': 'array', 'items': {'type': 'object', 'additionalProperties': false,"
		"   'required': ['kind'], 'properties': {'kind': {'type': ['string', 'null'],"
		"    'enum': ['one', 'two words', null]}}}},"
		"  'by': {'type': 'object', 'propertyNames': {'enum': ['unknown', 'holds', 'fails']},"
		"   'additionalProperties': {'type': 'integer', 'minimum': 0}},"
		"  'each': {'type': 'object', 'additionalProperties': false, 'properties': {"
		"   'unknown': {'type': 'boolean'}, 'holds': {'type': 'boolean'},"
		"   'fails': {'type': 'boolean'}}},"
		"  'any': {'type': 'object', 'additionalProperties': {'type': 'string'}}}}";
	json_t *def = schema_of(rows, sizeof(rows) / sizeof(rows[0])), *wanted;
	char *quoted = strdup(want), *got = json_dumps(def, JSON_INDENT(1));
	json_error_t error;

	(void)state;
	for (char *p = quoted; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	wanted = json_loads(quoted, 0, &error);
	if (!wanted)
		fail_msg("%s", error.text);
	if (!json_equal(def, wanted))
		fail_msg("got %s", got);
	json_decref(wanted);
	json_decref(def);
	free(quoted);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_noted_by_path),
		cmocka_unit_test(unknown_is_always_there),
		cmocka_unit_test(rows_make_a_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
