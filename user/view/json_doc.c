/* SPDX-License-Identifier: GPL-2.0 */
#include "view/json_doc.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "event/json_memory.h"
#include "event/json_text.h"
#include "short_memory.h"

#define PATH_MAX_LEN 160
#define BETWEEN "; or: "

/* Is WHY one of the reasons that HAS joins? */
static bool has_reason(const char *has, const char *why)
{
	size_t len = strlen(why);

	while (has) {
		if (!strncmp(has, why, len) &&
		    (!has[len] || !strncmp(has + len, BETWEEN, strlen(BETWEEN))))
			return true;
		has = strstr(has, BETWEEN);
		has = has ? has + strlen(BETWEEN) : NULL;
	}
	return false;
}

static void note_reason(json_t *unknown, const char *path, const char *why)
{
	const char *has = json_string_value(json_object_get(unknown, path));
	json_t *one = json_string(why);

	/* A recording may give a reason of any bytes. */
	if (!one)
		one = json_text(why, strlen(why));
	if (!one)
		return;
	if (!has)
		json_object_set_new(unknown, path, one);
	else if (!has_reason(has, json_string_value(one)))
		json_object_set_new(unknown, path,
				    json_sprintf("%s" BETWEEN "%s", has, json_string_value(one)));
	if (has)
		json_decref(one);
}

json_t *json_unknown(struct json_doc *d, const char *why, const char *path_fmt, ...)
{
	char path[PATH_MAX_LEN];
	va_list args;

	va_start(args, path_fmt);
	vsnprintf(path, sizeof(path), path_fmt, args);
	va_end(args);
	if (!d->unknown)
		d->unknown = json_object();
	note_reason(d->unknown, path, why);
	return json_null();
}

json_t *json_answer(struct json_doc *d, enum answer a, const char *why, const char *path)
{
	return a == ANSWER_UNKNOWN ? json_unknown(d, why, "%s", path) :
				     json_boolean(a == ANSWER_YES);
}

json_t *json_doc_finish(struct json_doc *d)
{
	json_t *root = d->root;

	json_object_set_new(root, "unknown", d->unknown ? d->unknown : json_object());
	*d = (struct json_doc){ 0 };
	return root;
}

void json_print(json_t *root, FILE *f, size_t flags, unsigned long noted)
{
	char *text = json_dumps(root, flags);

	if (!text)
		short_memory_note();
	if (short_memory_noted() == noted)
		fprintf(f, "%s\n", text);
	json_memory_free(text);
	json_decref(root);
}

void json_doc_print(struct json_doc *d, FILE *f, size_t flags)
{
	unsigned long noted = d->noted;

	json_print(json_doc_finish(d), f, flags, noted);
}
