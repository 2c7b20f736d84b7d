/* SPDX-License-Identifier: GPL-2.0 */
/* The JSON Schema (draft 2020-12) of all that kvas prints as JSON, made from rows. */
#ifndef KVAS_VIEW_SCHEMA_H
#define KVAS_VIEW_SCHEMA_H

#include <jansson.h>
#include <stdio.h>

#include "model/json_rows.h"

/* Print the schema on F. */
void view_schema(FILE *f);

/* Add the key that ROW describes to DEF, the schema of an object. */
void schema_add_row(json_t *def, const struct json_row *row);
/* Add a run's summary to DEF: its figures and tables (schema_summary.c). */
void schema_add_summary(json_t *def);

#endif
