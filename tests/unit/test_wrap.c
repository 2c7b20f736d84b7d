/* SPDX-License-Identifier: GPL-2.0 */
/* Text broken between words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/wrap.h"

/* Lines counted by hand: 80 columns are one line, 81 are two. */
static void text_is_wrapped(void **state)
{
#define TEN "123456789 "
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN
	static const struct {
		int indent;
		const char *text, *lines;
	} rows[] = {
		{ 0, "", "" },
		{ 3, "one  two", "   one two\n" },
		{ 0, SEVENTY "1234567890", SEVENTY "1234567890\n" },
		{ 0, SEVENTY "12345678901", TEN TEN TEN TEN TEN TEN "123456789\n12345678901\n" },
		{ 0, SEVENTY "in 12.34 ms, x", SEVENTY "in\n12.34 ms, x\n" },
		{ 0, SEVENTY "in 12.3 files", SEVENTY "in 12.3\nfiles\n" },
		{ 70, "1234567890 b", "%70s1234567890\n%70sb\n" },
		{ 75, "longer-than-five b", "%75slonger-than-five\n%75sb\n" },
	};
	char *got, want[256];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		FILE *f = open_memstream(&got, &len);

		wrap_paragraph(f, rows[i].indent, rows[i].text);
		fclose(f);
		snprintf(want, sizeof(want), rows[i].lines, "", "");
		assert_string_equal(got, want);
		free(got);
	}
}

/* What was written before stands on the line, and later text goes on behind it. */
static void a_line_is_continued(void **state)
{
	char *got;
	size_t len;
	FILE *f = open_memstream(&got, &len);
	struct wrap w = { f, 6, 0 };

	(void)state;
	w.column = fprintf(f, "four: ");
	wrap_text(&w, "one, two,");
	wrap_text(&w, "three");
	wrap_end(&w);
	wrap_end(&w);
	w.column = fprintf(f, "x");
	wrap_text(&w, "y");
	wrap_end(&w);
	fclose(f);
	assert_string_equal(got, "four: one, two, three\nx     y\n");
	free(got);
}

/* A phrase goes to the next line as a whole; one that fits on no line goes on between words. */
static void phrases_stay_together(void **state)
{
	char *got;
	size_t len;
	FILE *f = open_memstream(&got, &len);
	struct wrap w = { f, 4, 0 };

	(void)state;
	wrap_phrases(&w, SEVENTY "x, " "two words, 1,234 " SEVENTY "long, end");
	wrap_end(&w);
	fclose(f);
	assert_string_equal(got, "    " SEVENTY "x,\n    two words, 1,234 " TEN TEN TEN TEN TEN "123456789\n"
				 "    123456789 long, end\n");
	free(got);
	f = open_memstream(&got, &len);
	w = (struct wrap){ f, 4, 0 };
	wrap_phrases(&w, SEVENTY "x; two words; the end");
	wrap_end(&w);
	fclose(f);
	assert_string_equal(got, "    " SEVENTY "x;\n    two words; the end\n");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_wrapped),
		cmocka_unit_test(a_line_is_continued),
		cmocka_unit_test(phrases_stay_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
