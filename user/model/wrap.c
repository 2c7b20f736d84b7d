/* SPDX-License-Identifier: GPL-2.0 */
#include "model/wrap.h"

#include <string.h>

void wrap_text(struct wrap *w, const char *text)
{
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		int len = strcspn(text, " "), blank = w->column > w->indent;

		if (blank && w->column + 1 + len > WRAP_WIDTH) {
			fputc('\n', w->f);
			w->column = blank = 0;
		}
		if (w->column < w->indent)
			w->column += fprintf(w->f, "%*s", w->indent - w->column, "");
		w->column += fprintf(w->f, "%s%.*s", blank ? " " : "", len, text);
		text += len;
	}
}

void wrap_end(struct wrap *w)
{
	if (w->column)
		fputc('\n', w->f);
	w->column = 0;
}

void wrap_paragraph(FILE *f, int indent, const char *text)
{
	struct wrap w = { f, indent, 0 };

	wrap_text(&w, text);
	wrap_end(&w);
}
