/* SPDX-License-Identifier: GPL-2.0 */
/* The JSON summary's leaves as name,value rows. */
#include <inttypes.h>
#include <string.h>

#include "view/json.h"
#include "view/view.h"

#define NAME_MAX_LEN 256

static void quoted(FILE *f, const char *s)
{
	if (!strpbrk(s, ",\"\r\n")) {
		fputs(s, f);
		return;
	}
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

/* An unknown value is an empty field. */
static void leaf(FILE *f, const char *name, const json_t *v)
{
	quoted(f, name);
	fputc(',', f);
	if (json_is_string(v))
		quoted(f, json_string_value(v));
	else if (json_is_integer(v))
		fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v)) /* 17 digits bring back the same number */
		fprintf(f, "%.17g", json_real_value(v));
	else if (json_is_boolean(v))
		fputs(json_is_true(v) ? "true" : "false", f);
	fputc('\n', f);
}

static void walk(FILE *f, const char *prefix, json_t *v)
{
	char name[NAME_MAX_LEN];
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_object(v)) {
		json_object_foreach(v, key, child) {
			snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key);
			walk(f, name, child);
		}
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, child) {
			snprintf(name, sizeof(name), "%s.%zu", prefix, i);
			walk(f, name, child);
		}
	} else {
		leaf(f, prefix, v);
	}
}

void view_summary_csv(FILE *f, const struct summary *s)
{
	json_t *root = summary_json(s);

	fputs("name,value\n", f);
	walk(f, "", root);
	json_decref(root);
}
