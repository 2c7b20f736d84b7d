/* SPDX-License-Identifier: GPL-2.0 */
#include "model/wrap.h"

#include <string.h>

static void wrap_words(struct wrap *w, const char *text, const char *end)
{
	for (text += strspn(text, " "); text < end; text += strspn(text, " ")) {
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

void wrap_text(struct wrap *w, const char *text)
{
	wrap_words(w, text, text + strlen(text));
}

void wrap_phrases(struct wrap *w, const char *text)
{
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		const char *comma = strstr(text, ", "), *end = comma ? comma + 1 : text + strlen(text);
		int len = end - text;

		if (w->column > w->indent && w->column + 1 + len > WRAP_WIDTH &&
		    w->indent + len <= WRAP_WIDTH)
			wrap_end(w);
		wrap_words(w, text, end);
		text = end;
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
