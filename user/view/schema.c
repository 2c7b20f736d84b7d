/* SPDX-License-Identifier: GPL-2.0 */
#include "view/schema.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "agg/summary.h"
#include "model/counters.h"
#include "model/fact.h"
#include "model/hooks.h"
#include "model/regions.h"
#include "model/words.h"
#include "view/json_doc.h"

#define PATH_MAX_LEN 128

/* The sets that rows name: the words of FIRST to END - 1, but for SKIP. */
#define NO_SKIP ~0u
#define WORDS_OF(set, type, function)         \
	static const char *set(unsigned int i)    \
	{                                         \
		return function((type)i);             \
	}
WORDS_OF(region_word, enum kvas_region, region_name)
WORDS_OF(object_word, enum object_kind, object_name)
WORDS_OF(met_word, enum object_hook, object_hook_name)
WORDS_OF(verdict_word, enum verdict, verdict_name)
WORDS_OF(how_word, enum attach_how, attach_how_name)

static const struct word_set {
	const char *name;
	const char *(*word)(unsigned int i); /* NULL or "": there is none */
	unsigned int first, end, skip;
} sets[] = {
#define ENUM_END(id, prefix) { #id, word_##id##_name, 0, KVAS_##prefix##_END, NO_SKIP },
#include "kvas/words.def"
	{ "sample_mode", word_access_mode_name, 0, KVAS_ACCESS_END, KVAS_ACCESS_PRECISE },
	{ "kind", word_kind_name, KVAS_KIND_TASK, KVAS_KIND_END, NO_SKIP },
	{ "region", region_word, 0, KVAS_REGION_COUNT, NO_SKIP },
	{ "task_counter", task_counter_name, 0, KVAS_T_COUNT, NO_SKIP },
	{ "object", object_word, 0, OBJECT_COUNT, NO_SKIP },
	{ "met", met_word, 0, MET_COUNT, NO_SKIP },
	{ "verdict", verdict_word, VERDICT_UNKNOWN, VERDICT_FAILS + 1, NO_SKIP },
	{ "attach_how", how_word, HOW_FENTRY, HOW_TP_BTF + 1, NO_SKIP },
};

/* The word I of SET; NULL there is none. */
static const char *set_word(const struct word_set *set, unsigned int i)
{
	const char *word = i == set->skip ? NULL : set->word(i);

	return word && word[0] ? word : NULL;
}

/* The set called NAME (LEN bytes). A row that names another is a defect of the rows. */
static const struct word_set *set_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (strlen(sets[i].name) == len && !memcmp(sets[i].name, name, len))
			return &sets[i];
	abort();
}

static json_t *set_words(const struct word_set *set)
{
	json_t *words = json_array();

	for (unsigned int i = set->first; i < set->end; i++)
		if (set_word(set, i))
			json_array_append_new(words, json_string(set_word(set, i)));
	return words;
}

/* WORDS of a row: "<SET>" or "one|other". */
static json_t *row_words(const char *words)
{
	json_t *list;

	if (words[0] == '<')
		return set_words(set_named(words + 1, strlen(words) - 2));
	list = json_array();
	while (*words) {
		size_t len = strcspn(words, "|");

		json_array_append_new(list, json_stringn(words, len));
		words += len + (words[len] == '|');
	}
	return list;
}

static bool may_be_null(enum row_presence p)
{
	return p == ROW_NULLABLE || p == ROW_OPTIONAL_NULLABLE;
}

static void set_type(json_t *schema, const char *type, bool nullable)
{
	if (!json_object_get(schema, "type"))
		json_object_set_new(schema, "type",
				    nullable ? json_pack("[s, s]", type, "null") : json_string(type));
}

/* The schema at KEY of OBJECT's, made if it is not there. */
static json_t *schema_at(json_t *object, const char *key)
{
	json_t *at = json_object_get(object, key);

	if (json_is_object(at))
		return at;
	at = json_object();
	json_object_set_new(object, key, at);
	return at;
}

/* The schema of the property KEY (LEN bytes) of an object whose schema is SCHEMA. */
static json_t *property(json_t *schema, const char *key, size_t len, bool required)
{
	json_t *properties = schema_at(schema, "properties"), *at;
	char name[PATH_MAX_LEN];

	set_type(schema, "object", false);
	if (!json_object_get(schema, "additionalProperties"))
		json_object_set_new(schema, "additionalProperties", json_false());
	snprintf(name, sizeof(name), "%.*s", (int)len, key);
	at = json_object_get(properties, name);
	if (at)
		return at;
	if (required) {
		if (!json_object_get(schema, "required"))
			json_object_set_new(schema, "required", json_array());
		json_array_append_new(json_object_get(schema, "required"), json_string(name));
	}
	return schema_at(properties, name);
}

/* The schema of the values of an object whose keys are words: any, or those of "<SET>". */
static json_t *values(json_t *schema, const char *key, size_t len)
{
	set_type(schema, "object", false);
	if (key[0] == '<')
		json_object_set_new(schema, "propertyNames",
				    json_pack("{s:o}", "enum", set_words(set_named(key + 1, len - 2))));
	return schema_at(schema, "additionalProperties");
}

/* The schema that PATH leads to from SCHEMA. */
static json_t *descend(json_t *schema, const char *path, bool required)
{
	while (*path) {
		size_t len = strcspn(path, ".["), rest;

		rest = len + 2 * strspn(path + len, "[");
		if (path[0] == '*' || path[0] == '<')
			schema = values(schema, path, len);
		else
			schema = property(schema, path, len, path[rest] == '.' || required);
		path += len;
		if (path[0] == '[') {
			set_type(schema, "array", false);
			schema = schema_at(schema, "items");
			path += 2;
		}
		path += *path == '.';
	}
	return schema;
}

static void count_keys(json_t *schema, const char *const *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		json_t *at = property(schema, keys[i], strlen(keys[i]), true);

		set_type(at, "integer", false);
		json_object_set_new(at, "minimum", json_integer(0));
	}
}

static void describe(json_t *schema, const struct json_row *row)
{
	static const char *const quantiles[] = { "count", "min", "p50", "p90", "p99", "max" };
	static const char *const types[] = {
		[ROW_INTEGER] = "integer", [ROW_NUMBER] = "number", [ROW_STRING] = "string",
		[ROW_ADDRESS] = "string", [ROW_BOOLEAN] = "boolean", [ROW_WORD] = "string",
		[ROW_QUANTILES] = "object", [ROW_OBJECT] = "object", [ROW_LIST] = "array",
	};
	bool nullable = may_be_null(row->presence);

	set_type(schema, types[row->type], nullable);
	if (row->type == ROW_INTEGER || row->type == ROW_NUMBER)
		json_object_set_new(schema, "minimum", json_integer(0));
	if (row->type == ROW_ADDRESS)
		json_object_set_new(schema, "pattern", json_string("^0x[0-9a-f]+$"));
	if (row->type == ROW_WORD) {
		json_t *words = row_words(row->words);

		if (nullable)
			json_array_append_new(words, json_null());
		json_object_set_new(schema, "enum", words);
	}
	if (row->type == ROW_QUANTILES)
		count_keys(schema, quantiles, 6);
	if (row->doc)
		json_object_set_new(schema, "description", json_string(row->doc));
}

void schema_add_row(json_t *def, const struct json_row *row)
{
	const char *open = strchr(row->path, '{'), *close = open ? strchr(open, '}') : NULL;
	bool required = row->presence == ROW_ALWAYS || row->presence == ROW_NULLABLE;
	const struct word_set *set;

	if (!close) {
		describe(descend(def, row->path, required), row);
		return;
	}
	set = set_named(open + 1, close - open - 1);
	for (unsigned int i = set->first; i < set->end; i++) {
		char path[PATH_MAX_LEN];
		struct json_row one = *row;

		if (!set_word(set, i))
			continue;
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(open - row->path), row->path,
			 set_word(set, i), close + 1);
		one.path = path;
		schema_add_row(def, &one);
	}
}

/* The schema of ROWS; NULL: of a run's summary. */
static json_t *document_schema(const struct json_rows *rows)
{
	static const struct json_row unknown = {
		"unknown.*", ROW_STRING, ROW_ALWAYS, NULL,
		"why a value is null, by its path: keys separated by dots, \"[]\" behind an array's; "
		"\"*\" is any key"
	};
	json_t *def = json_pack("{s:s}", "description", rows ? rows->doc : "the summary of a run");

	for (size_t i = 0; rows && i < rows->nr; i++)
		schema_add_row(def, &rows->row[i]);
	if (!rows)
		schema_add_summary(def);
	schema_add_row(def, &unknown);
	return def;
}

static json_t *reference(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", name));
}

void view_schema(FILE *f)
{
	json_t *defs = json_object(), *all = json_array(), *watch = json_array(), *root;
	const struct json_rows *rows;

	json_object_set_new(defs, "summary", document_schema(NULL));
	json_array_append_new(all, reference("summary"));
	for (size_t i = 0; (rows = json_rows(i)); i++) {
		bool line = !strncmp(rows->name, "watch_", strlen("watch_"));

		json_object_set_new(defs, rows->name, document_schema(rows));
		json_array_append_new(line ? watch : all, reference(rows->name));
	}
	json_object_set_new(defs, "watch",
			    json_pack("{s:s, s:o}", "description",
				      "a line of kvas dmap --watch", "anyOf", watch));
	json_array_append_new(all, reference("watch"));
	root = json_pack("{s:s, s:s, s:s, s:o, s:o}", "$schema",
			 "https://json-schema.org/draft/2020-12/schema", "title", "kvas",
			 "description", "a document, or a line of a stream, that kvas prints as JSON",
			 "anyOf", all, "$defs", defs);
	json_print(root, f, JSON_INDENT(1), 0);
}
