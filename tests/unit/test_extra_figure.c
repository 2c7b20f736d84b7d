/* SPDX-License-Identifier: GPL-2.0 */
/* One row more in figures.def, that of row/model/, is in every view, and nothing else is told of
 * it. The Makefile builds the views and figures for this test with that file. */
#include "view/schema.h"
#include "view_fixture.h"

static struct small_run run;

TEST_FIXTURE(setup, small_run(&run))

TEST_BETWEEN(text, setup, NULL)
{
	char *text = fixture_print(&view_text, &run.s, &fixture_digest);

	assert_has(text, "         100,003  figure that one row adds                   50.0k/s\n");
	free(text);
	text = fixture_print(&view_text, &run.s, &fixture_verbose);
	assert_has(text, "\nA section more\n         100,003  figure that one row adds ", " sampled\n");
	free(text);
	run.meta.nr_hooks = 0;
	text = fixture_print(&view_text, &run.s, &fixture_digest);
	assert_has_not(text, "figure that one row adds");
	free(text);
	text = fixture_print(&view_text, &run.s, &fixture_verbose);
	assert_has(text, "unknown  figure that one row adds ", "its hook is gone\n");
	free(text);
}

TEST_BETWEEN(interval, setup, NULL)
{
	static struct small_run was;
	char *text;

	small_run(&was);
	was.s.c[KVAS_C_SYSCALL] = 10;
	text = fixture_interval(&run.s, &was.s);
	assert_has(text, "  extra/s       50.0k:\n", "extra.figure 5 -> 50.0k/s");
	free(text);
}

TEST_BETWEEN(json_and_csv, setup, NULL)
{
	char *csv = fixture_print(&view_csv, &run.s, &fixture_digest);
	json_t *r = fixture_json(&run.s);

	assert_int_equal(fixture_number(r, "extra.figure"), 100003);
	assert_string_equal(fixture_reason(r, "provenance", "extra.figure"), "sampled");
	assert_has(csv, "\nextra.figure,100003\n", "\nprovenance.extra.figure,sampled\n");
	json_decref(r);
	free(csv);
	run.meta.nr_hooks = 0;
	r = fixture_json(&run.s);
	csv = fixture_print(&view_csv, &run.s, &fixture_digest);
	assert_string_equal(fixture_reason(r, "unknown", "extra.figure"), "its hook is gone");
	assert_has(csv, "\nextra.figure,\nunknown.extra.figure,its hook is gone\n");
	json_decref(r);
	free(csv);
}

TEST(schema)
{
	json_t *def = json_object();
	char *text;

	schema_add_summary(def);
	text = json_dumps(def, 0);
	assert_has(text, "What one row is enough for");
	free(text);
	json_decref(def);
}

TESTS_RUN(NULL, NULL)
