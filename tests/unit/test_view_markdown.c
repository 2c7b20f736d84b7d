/* SPDX-License-Identifier: GPL-2.0 */
/* A run as Markdown: tables whose rows have as many cells as their heads. */
#include "view_fixture.h"

static struct small_run run;
static struct full_run full;

TEST_FIXTURE(setup, small_run(&run))

/* Bars that are not escaped. */
static size_t bars(const char *line, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += line[i] == '|' && (!i || line[i - 1] != '\\');
	return n;
}

/* Lines of a table follow each other with as many bars; other lines have none. */
static void is_regular(const char *text)
{
	size_t before = 0;

	while (*text) {
		size_t len = strcspn(text, "\n"), n = *text == '|' ? bars(text, len) : 0;

		if (n && before && n != before)
			fail_msg("%zu bars, not %zu: %.*s", n, before, (int)len, text);
		if (*text != '|' && bars(text, len))
			fail_msg("a bar in %.*s", (int)len, text);
		before = n;
		text += len + (text[len] == '\n');
	}
}

TEST_BETWEEN(figures_that_say_something, setup, NULL)
{
	char *text = fixture_print(&view_markdown, &run.s, &fixture_digest);

	assert_has(text, "| cr3_writes.total | 434 | 217/s | derived |\n",
		   "| cr3_writes.tlb_flush | 33 | 7.6 % | observed |\n",
		   "| crossings.total | >= 101,512 | 50.8k/s | derived |\n", "| 4711 | a,b");
	assert_has_not(text, "cr3_writes.kpti_exit", "temporary", "unknown");
	is_regular(text);
	free(text);
}

/* A run of one process, or of a part of the time, is not read as one of the whole host. */
TEST_BETWEEN(what_the_run_was_of, setup, NULL)
{
	char *text;

	run.meta.command[0] = run.meta.filter[0] = '\0';
	text = fixture_print(&view_markdown, &run.s, &fixture_digest);
	assert_has(text, " s of the whole host\n");
	free(text);
	strcpy(run.meta.filter, "pid 4711 and its children");
	run.meta.complete = ANSWER_NO;
	text = fixture_print(&view_markdown, &run.s, &fixture_digest);
	assert_has(text, " s of pid 4711 and its children (the recording is cut short)\n");
	free(text);
	strcpy(run.meta.command, "make");
	run.meta.filter[0] = '\0';
	run.meta.complete = ANSWER_YES;
	text = fixture_print(&view_markdown, &run.s, &fixture_digest);
	assert_has(text, " s of the host while make ran\n");
	free(text);
}

TEST_BETWEEN(hostile_names_are_harmless, setup, NULL)
{
	char *text;

	strcpy(run.meta.version, "|\x1b[31m\n");
	strcpy(run.meta.host.kernel, "<b>|\xff");
	strcpy(run.meta.command, "a|b\n\n# c \x1b");
	strcpy(run.procs[0].comm, "| x |\n");
	meta_add_loss(&run.meta, "re|cursion", "\n|\xff", 5);
	text = fixture_print(&view_markdown, &run.s, &fixture_digest);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\xff'));
	assert_has_not(text, "<b>", "\n# c");
	is_regular(text);
	free(text);
}

TEST(everything)
{
	char *text;

	full_run(&full, 1234567);
	text = fixture_print(&view_markdown, &full.s, &fixture_digest);
	assert_has(text, "| self.cpu_ns |", "worker", "recursion");
	assert_has_not(text, "| 990 |");
	is_regular(text);
	free(text);
	full_run_end(&full);
}

TESTS_RUN(NULL, NULL)
