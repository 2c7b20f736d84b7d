/* SPDX-License-Identifier: GPL-2.0 */
/* A table of a run as text, at most 80 columns. */
#ifndef KVAS_VIEW_TEXT_TABLE_H
#define KVAS_VIEW_TEXT_TABLE_H

#include <stdio.h>

#include "agg/tables.h"

/* The cell of column C as text, in its unit; harmless. BUF holds TEXT_CELL bytes. */
#define TEXT_CELL 256
const char *text_table_cell(const struct column *c, const struct cell *cell, char *buf);

/* The map T in one line, wrapped: its title right-justified in INDENT columns, then each key
 * with its first value, the largest first. */
void text_table_line(FILE *f, const struct table *t, const struct figures *g, int indent);
/* Its columns as a list, the first MOST rows; nothing where there is none. With SECONDS above 0
 * counts are rates, a second, under a line that says so. */
void text_table_rows(FILE *f, const struct table *t, const struct figures *g, size_t most,
		     double seconds);
/* All of it, at most TOP rows of a list (-1: all); why it is unknown, where it is. */
void text_table_whole(FILE *f, const struct table *t, const struct figures *g, int top);

/* T, of words and a number, on one line after the word of its section: the first MOST rows. */
void text_table_words(FILE *f, const struct table *t, const struct figures *g, int indent,
		      size_t most);

#endif
