/* SPDX-License-Identifier: GPL-2.0 */
/* The schema of a run's summary: the rows of figures and tables say it all. */
#include <stdio.h>
#include <string.h>

#include "agg/tables.h"
#include "view/schema.h"

#define PATH_LEN 160

static void figure_schema(json_t *def, enum figure_id id)
{
	const struct figure_row *f = &figure_rows[id];
	const struct json_row row = {
		.path = f->path,
		.type = f->kind == KIND_QUANTILES ? ROW_QUANTILES :
			f->unit == UNIT_FLAG	  ? ROW_BOOLEAN :
						    ROW_INTEGER,
		.presence = f->unit == UNIT_FLAG ? ROW_ALWAYS : ROW_NULLABLE,
		.doc = f->doc,
	};

	schema_add_row(def, &row);
}

static enum row_type type_of(enum cell_unit unit)
{
	switch (unit) {
	case CELL_REAL:
	case CELL_SHARE:
		return ROW_NUMBER;
	case CELL_TEXT:
		return ROW_STRING;
	case CELL_FLAG:
		return ROW_BOOLEAN;
	case CELL_ADDRESS:
		return ROW_ADDRESS;
	default:
		return ROW_INTEGER;
	}
}

/* The path of T's column C: "processes[].pid", "faults.by_region.*", "lost.*.*". */
static void column_path(const struct table *t, const struct column *c, char path[PATH_LEN])
{
	static const char *const below[] = { [TABLE_ONE] = "", [TABLE_LIST] = "[]", [TABLE_MAP] = ".*",
					     [TABLE_MAP_OF_MAPS] = ".*.*" };

	snprintf(path, PATH_LEN, "%s%s%s%s", t->path, below[t->shape],
		 *t->path && !table_is_bare(t) ? "." : "", table_is_bare(t) ? "" : c->name);
}

/* Objects on the way to a column that may be missing: the first is there or not as FIRST says,
 * those below may be missing. */
static void parents(json_t *def, const char *path, const char *name, enum row_presence first)
{
	size_t before = strlen(path) - strlen(name);
	char parent[PATH_LEN];

	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		snprintf(parent, sizeof(parent), "%.*s", (int)(before + (dot - name)), path);
		schema_add_row(def, &(struct json_row){ .path = parent, .type = ROW_OBJECT,
							.presence = first });
		first = ROW_OPTIONAL;
	}
}

static void table_schema(json_t *def, const struct table *t)
{
	/* A table may be unknown as a whole; a list may be empty, and a map too. */
	const struct json_row whole = {
		.path = t->path,
		.type = t->shape == TABLE_LIST ? ROW_LIST : ROW_OBJECT,
		.presence = t->why ? ROW_OPTIONAL_NULLABLE : ROW_ALWAYS,
		.doc = t->doc,
	};
	char path[PATH_LEN];

	if (*t->path)
		schema_add_row(def, &whole);
	if (t->row_why) {
		snprintf(path, sizeof(path), "%s.*", t->path);
		schema_add_row(def, &(struct json_row){ .path = path, .type = ROW_OBJECT,
							.presence = ROW_NULLABLE, .doc = "a row" });
	}
	for (unsigned int i = table_keys(t); i < t->nr_columns; i++) {
		const struct column *c = &t->columns[i];
		struct json_row row = { .path = path, .type = type_of(c->unit), .doc = c->doc };

		/* Rows of a map are there or not; what may be unknown as a row may be null. */
		row.presence = c->presence == ENTRY				    ? ROW_OPTIONAL :
			       c->presence == OPTIONAL && !table_is_bare(t) ? ROW_OPTIONAL :
			       c->presence == NULLABLE			    ? ROW_NULLABLE :
									      ROW_ALWAYS;
		if (t->shape == TABLE_LIST && c->presence == OPTIONAL)
			row.presence = ROW_OPTIONAL_NULLABLE;
		column_path(t, c, path);
		if (c->presence == OPTIONAL && !table_is_bare(t))
			parents(def, path, c->name, ROW_OPTIONAL);
		if (c->presence == ENTRY)
			parents(def, path, c->name, ROW_ALWAYS);
		schema_add_row(def, &row);
	}
}

void schema_add_summary(json_t *def)
{
	static const struct json_row more[] = {
		{ "lower_bounds.*", ROW_STRING, ROW_ALWAYS, NULL,
		  "figures that are lower bounds, by their path, and why" },
		{ "provenance.*", ROW_WORD, ROW_ALWAYS, "derived|sampled",
		  "figures that are not observed, by their path" },
	};

	/* Tables first: what is null as a whole has its row before the rows of its keys. */
	for (const struct table *const *t = tables; *t; t++)
		if ((*t)->shown != SHOWN_TEXT)
			table_schema(def, *t);
	for (int id = 0; id < FIGURE_COUNT; id++)
		figure_schema(def, id);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		schema_add_row(def, &more[i]);
}
