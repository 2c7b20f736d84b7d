/* SPDX-License-Identifier: GPL-2.0 */
#include "model/wrap.h"

#include <string.h>

/* Length of the first word of TEXT, and of a unit that follows a number: "2.36 ms". */
static int word_len(const char *text)
{
	static const char *const units[] = { "ns", "us", "ms", "s", "B", "KiB", "MiB", "GiB", "TiB", "%" };
	int len = strcspn(text, " "), unit;

	if (text[len] != ' ' || text[0] < '0' || text[0] > '9')
		return len;
	unit = strcspn(text + len + 1, " ,;");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i]) == (size_t)unit && !strncmp(text + len + 1, units[i], unit))
			return len + 1 + strcspn(text + len + 1, " ");
	return len;
}

static void wrap_words(struct wrap *w, const char *text, const char *end)
{
	for (text += strspn(text, " "); text < end; text += strspn(text, " ")) {
		int len = word_len(text), blank = w->column > w->indent;

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
		const char *end = text + strcspn(text, ",;");
		int len;

		/* A comma within a number ends no phrase. */
		while (*end && end[1] != ' ')
			end += 1 + strcspn(end + 1, ",;");
		end += *end != '\0';
		len = end - text;
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
