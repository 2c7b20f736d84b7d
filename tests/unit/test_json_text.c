/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as JSON strings, and back. */
#include "test.h"
#include "event/json_text.h"

static void comes_back(const char *s)
{
	json_t *json = json_text(s, strlen(s));
	char out[64];

	assert_int_equal(json_text_undo(json_string_value(json), out, sizeof(out)), 0);
	assert_string_equal(out, s);
	json_decref(json);
}

TEST(every_byte_comes_back)
{
	comes_back("");
	comes_back("make -j2");
	comes_back("a\\x5 \x01\xff\xc3\xa9\\");
}

/* A copy of the string's own size, for the sanitizer to see what is read behind its end. */
static int undo(const char *text, size_t size)
{
	char *copy = strdup(text), out[64];
	int ret = json_text_undo(copy, out, size);

	assert_true(strlen(out) < size);
	free(copy);
	return ret;
}

TEST(what_kvas_does_not_write_is_refused)
{
	static const char *const bad[] = { "\\x5", "\\x", "\\xg1", "\\x1g", "\\x 1", "\\x-1", "\\x+1",
					   "make \\x5" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(undo(bad[i], 64), -1);
	assert_int_equal(undo("\\x5c", 64), 0);
	assert_int_equal(undo("\\x5C", 64), 0);
}

TEST(what_does_not_fit_is_refused)
{
	assert_int_equal(undo("abc", 4), 0);
	assert_int_equal(undo("abc", 3), -1);
	assert_int_equal(undo("ab\\x41", 4), 0);
	assert_int_equal(undo("ab\\x41", 3), -1);
}

TESTS_RUN(NULL, NULL)
