/* SPDX-License-Identifier: GPL-2.0 */
/* Text broken between words, for help and views. */
#ifndef KVAS_WRAP_H
#define KVAS_WRAP_H

#include <stdio.h>

#define WRAP_WIDTH 80 /* columns of a terminal line */

struct wrap {
	FILE *f;
	int indent; /* column at which a continued line begins, from 0 */
	int column; /* column at which the next character goes, from 0 */
};

/*
 * Write the words of TEXT, with one blank between two and a new line where a word would pass
 * column WRAP_WIDTH; a number and its unit count as one word. A word that is longer than a line
 * stands alone on it. TEXT continues the line begun: a blank precedes it when W->column is past
 * W->indent. No newline ends it, so that a label before it or more text may follow.
 */
void wrap_text(struct wrap *w, const char *text);
/* The same, but a new line begins between two phrases, each up to a comma or a semicolon, where
 * that keeps the words of one together: "same_mm 14". */
void wrap_phrases(struct wrap *w, const char *text);
/* End a line that was begun; nothing where none was. W may then be used again. */
void wrap_end(struct wrap *w);
/* TEXT as a paragraph of its own, each line from column INDENT on. */
void wrap_paragraph(FILE *f, int indent, const char *text);

#endif
