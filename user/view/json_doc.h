/* SPDX-License-Identifier: GPL-2.0 */
/* A JSON document under construction: its root, and the reason of every null in it. No view
 * writes a null in any other way, so that each has its reason under the root's "unknown". */
#ifndef KVAS_VIEW_JSON_DOC_H
#define KVAS_VIEW_JSON_DOC_H

#include <jansson.h>
#include <stdio.h>

#include "model/answer.h"

/* Begin with { 0 }, or where others go before with NOTED, and set ROOT, an object, at any time before the end. */
struct json_doc {
	json_t *root;
	json_t *unknown; /* path -> reason; NULL while there is no null */
	unsigned long noted; /* short_memory_noted() before it was begun */
};

/* A new null, whose reason WHY, in words, is noted for the PATH that the null will have: keys
 * separated by dots from the root on, "[]" after the key of an array ("walks[].table.physical"); a
 * "*" stands for any key of an object ("hooks.*.why"). Where elements of an array are null for several reasons, the path has all of these, each
 * once. */
json_t *json_unknown(struct json_doc *d, const char *why, const char *path_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A new true, false or, with WHY, null at the path PATH. */
json_t *json_answer(struct json_doc *d, enum answer a, const char *why, const char *path);

/* The finished root, with its "unknown": in the place of the root's key of that name, else
 * last. The reference is the caller's; D is as at its beginning. */
json_t *json_doc_finish(struct json_doc *d);
/* Print ROOT on F with jansson's FLAGS and a newline; the reference goes. Where memory was short
 * since it was NOTED so often, nothing is printed: what lacks a row would be taken for whole. */
void json_print(json_t *root, FILE *f, size_t flags, unsigned long noted);
/* Finish D, print it on F with jansson's FLAGS and a newline, and free it. */
void json_doc_print(struct json_doc *d, FILE *f, size_t flags);

#endif
