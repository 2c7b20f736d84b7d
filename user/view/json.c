/* SPDX-License-Identifier: GPL-2.0 */
/* A run as one JSON object: the keys are the paths of the rows. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event/json_text.h"
#include "short_memory.h"
#include "view/json_doc.h"
#include "view/view.h"

#define KEY_MAX 128

static json_t *number(__u64 v)
{
	return json_integer((json_int_t)v);
}

/* The object at KEY of OBJECT, made when it is not there; NULL where KEY is null, or there is no
 * OBJECT. */
static json_t *object_at(json_t *object, const char *key)
{
	json_t *at = json_object_get(object, key);

	if (at)
		return json_is_object(at) ? at : NULL;
	at = json_object();
	/* On an error the reference is gone all the same. */
	return json_object_set_new(object, key, at) ? NULL : at;
}

/* The object that PATH's last key is of, and that key in *LAST; NULL within a null. */
static json_t *parent_of(json_t *root, const char *path, const char **last)
{
	char key[KEY_MAX];
	const char *dot;

	while (root && (dot = strchr(path, '.'))) {
		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		root = object_at(root, key);
		path = dot + 1;
	}
	*last = path;
	return root;
}

/* Put VALUE, whose reference goes, at PATH below ROOT. */
static void put(json_t *root, const char *path, json_t *value)
{
	json_t *parent = parent_of(root, path, &path);

	if (parent)
		json_object_set_new(parent, path, value);
	else
		json_decref(value);
}

static json_t *quantiles(const struct hist *h)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "count", number(h->count), "min",
			 number(h->min), "p50", number(hist_percentile(h, 50)), "p90",
			 number(hist_percentile(h, 90)), "p99", number(hist_percentile(h, 99)), "max",
			 number(h->max));
}

static void json_begin(struct view_out *v)
{
	struct json_doc *d = calloc(1, sizeof(*d));

	v->state = d;
	if (!d) {
		short_memory_note();
		return;
	}
	d->noted = short_memory_noted();
	d->root = json_object();
}

/* A reason for a value that is not null. */
static void note(struct json_doc *d, const char *path, const char *why)
{
	json_decref(json_unknown(d, why, "%s", path));
}

static void json_figure(struct view_out *v, enum figure_id id)
{
	const struct figure_row *row = &figure_rows[id];
	const struct figure *f = &v->g->f[id];
	struct json_doc *d = v->state;
	json_t *value;

	if (!d)
		return;
	if (!f->known)
		value = json_unknown(d, f->why, "%s", row->path);
	else if (row->kind == KIND_QUANTILES)
		value = quantiles(f->hist);
	else
		value = row->unit == UNIT_FLAG ? json_boolean(f->value) : number(f->value);
	put(d->root, row->path, value);
	if (row->unit == UNIT_FLAG && f->at_least)
		note(d, row->path, f->at_least);
	else if (f->known && f->at_least)
		json_object_set_new(object_at(d->root, "lower_bounds"), row->path,
				    json_string(f->at_least));
	if (f->known && f->source != SOURCE_OBSERVED)
		json_object_set_new(object_at(d->root, "provenance"), row->path,
				    json_string(figure_source_word(f->source)));
}

static json_t *cell_value(const struct column *c, const struct cell *cell)
{
	char buf[32];

	switch (c->unit) {
	case CELL_REAL:
	case CELL_SHARE:
		return json_real(cell->real);
	case CELL_TEXT:
		return json_text(cell->text, strnlen(cell->text, cell->max));
	case CELL_FLAG:
		return json_boolean(cell->n);
	case CELL_ADDRESS:
		snprintf(buf, sizeof(buf), "0x%" PRIx64, (uint64_t)cell->n);
		return json_string(buf);
	default:
		return number(cell->n);
	}
}

/* Where the nulls of T's column are, for "unknown"; ROW_KEY "" of a list. */
static json_t *cell_null(struct json_doc *d, const struct table *t, const char *column,
			 const char *why)
{
	const char *dot = *t->path ? "." : "";

	switch (t->shape) {
	case TABLE_LIST:
		return json_unknown(d, why, "%s[].%s", t->path, column);
	case TABLE_ONE:
		return json_unknown(d, why, "%s%s%s", t->path, dot, column);
	default:
		return json_unknown(d, why, "%s.*%s%s", t->path, *column ? "." : "", column);
	}
}

/* The row's object without its keys, or its one value; NULL where that is omitted. */
static json_t *row_value(struct view_out *v, const struct table *t, size_t row)
{
	const char *why = t->row_why ? t->row_why(v->g, row) : NULL;
	json_t *object, *value;
	char key[KEY_MAX];

	if (why)
		return cell_null(v->state, t, "", why);
	object = json_object();
	for (unsigned int c = table_keys(t); c < t->nr_columns; c++) {
		const struct column *col = &t->columns[c];
		struct cell cell = { 0 };

		t->cell(v->g, row, c, &cell);
		if (cell.state == CELL_OMITTED) {
			snprintf(key, sizeof(key), "%.*s", (int)strcspn(col->name, "."), col->name);
			if (col->presence == ENTRY)
				object_at(object, key);
			continue;
		}
		value = cell.state == CELL_UNKNOWN ?
				cell_null(v->state, t, table_is_bare(t) ? "" : col->name, cell.why) :
				cell_value(col, &cell);
		put(object, col->name, value);
	}
	if (!table_is_bare(t))
		return object;
	value = json_object_get(object, t->columns[t->nr_columns - 1].name);
	json_incref(value);
	json_decref(object);
	return value;
}

/* A key of the map T in ROW, harmless UTF-8. New reference. */
static json_t *row_key(struct view_out *v, const struct table *t, size_t row, unsigned int column)
{
	struct cell cell = { 0 };

	t->cell(v->g, row, column, &cell);
	return json_text(cell.text, strnlen(cell.text, cell.max));
}

static void map_row(struct view_out *v, const struct table *t, size_t row, json_t *map)
{
	json_t *value = row_value(v, t, row), *key;

	/* Maps leave out what is nothing: a region without an access, an object met nowhere. */
	if (!value || (json_is_object(value) && !json_object_size(value) && !t->row_why)) {
		json_decref(value);
		return;
	}
	for (unsigned int c = 0; c + 1 < table_keys(t); c++) {
		key = row_key(v, t, row, c);
		map = object_at(map, json_string_value(key));
		json_decref(key);
	}
	key = row_key(v, t, row, table_keys(t) - 1);
	json_object_set_new(map, json_string_value(key), value);
	json_decref(key);
}

static void json_table(struct view_out *v, const struct table *t)
{
	struct json_doc *d = v->state;
	const char *why = t->why ? t->why(v->g) : NULL, *last;
	size_t nr = why || !d ? 0 : t->rows(v->g);
	json_t *at;

	if (!d)
		return;
	if (why) {
		at = parent_of(d->root, t->path, &last);
		if (at && !json_object_get(at, last))
			json_object_set_new(at, last, json_unknown(d, why, "%s", t->path));
		return;
	}
	at = parent_of(d->root, t->path, &last);
	if (!at)
		return; /* within what is null as a whole */
	if (t->shape == TABLE_ONE) {
		json_t *row = row_value(v, t, 0);

		json_object_update_recursive(*last ? object_at(at, last) : at, row);
		json_decref(row);
		return;
	}
	if (t->shape == TABLE_LIST) {
		json_t *list = json_array();

		for (size_t i = 0; i < nr; i++)
			json_array_append_new(list, row_value(v, t, i));
		json_object_set_new(at, last, list);
		return;
	}
	at = object_at(at, last);
	for (size_t i = 0; at && i < nr; i++)
		map_row(v, t, i, at);
}

static void json_end(struct view_out *v)
{
	struct json_doc *d = v->state;

	if (d) {
		object_at(d->root, "lower_bounds");
		object_at(d->root, "provenance");
		json_doc_print(d, v->f, JSON_INDENT(1));
	}
	free(d);
}

const struct view view_json = {
	.name = "json",
	.begin = json_begin,
	.figure = json_figure,
	.table = json_table,
	.end = json_end,
};
