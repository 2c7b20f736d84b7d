/* SPDX-License-Identifier: GPL-2.0 */
/* What kvas prints as JSON, a row for each key; view/schema.c makes a JSON Schema of the rows.
 * The figures of a run have rows of their own. */
#ifndef KVAS_MODEL_JSON_ROWS_H
#define KVAS_MODEL_JSON_ROWS_H

#include <stdbool.h>
#include <stddef.h>

enum row_type {
	ROW_INTEGER, /* not below 0 */
	ROW_NUMBER, /* not below 0 */
	ROW_STRING,
	ROW_ADDRESS, /* "0xffff888000000000" */
	ROW_BOOLEAN,
	ROW_WORD, /* a string out of WORDS */
	ROW_QUANTILES, /* count, min, p50, p90, p99, max */
	ROW_OBJECT, /* its keys have rows of their own */
	ROW_LIST, /* its elements have rows of their own */
};

/* How a key may be missing. */
enum row_presence {
	ROW_ALWAYS, /* it is there, and not null */
	ROW_NULLABLE, /* it is there; null where "unknown" says why */
	ROW_OPTIONAL, /* it may be absent; it is never null */
	ROW_OPTIONAL_NULLABLE,
};

/* PATH: keys separated by dots. Behind a key, "[]" goes into the elements of an array. As a
 * key, "*" is any word, "<SET>" any word of the set SET, and "{SET}" stands for a key for each
 * word of SET. An object that its rows alone describe needs no row of its own; one that has a
 * row has it before the rows of its keys. */
struct json_row {
	const char *path;
	enum row_type type;
	enum row_presence presence;
	const char *words; /* ROW_WORD: "one|other", or "<SET>" */
	const char *doc; /* NULL: the path says all */
};

struct json_rows {
	const char *name; /* of the document, or of one of its forms */
	const char *doc;
	const struct json_row *row;
	size_t nr;
};

/* The explorers' documents: the one with the index I, NULL past the last. A run's summary
 * follows from the rows of figures and tables. */
const struct json_rows *json_rows(size_t i);

#endif
