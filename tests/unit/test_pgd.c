/* SPDX-License-Identifier: GPL-2.0 */
/* What kvas pgd -a says of tables that are made up. */
#include <jansson.h>

#include "test.h"
#include "view/pgd.h"

static struct host_info host = { .kernel = "6.6.6-test", .arch = "x86_64", .layout = { .levels = 4 } };

/* Two processes, of the second a table could not be read. */
static struct pgd_row rows[] = {
	{ .mm = 1, .pgd = 0xffff888000001000, .pid = 7, .comm = "seven",
	  .lower = { .tables = { 4, 3, 2 } } },
	{ .mm = 2, .pgd = 0xffff888000003000, .pid = 8, .comm = "eight",
	  .lower = { .tables = { 4, 3, 2 }, .unsure = 1 } },
};

static char *said(bool json, __u32 bytes_each)
{
	const struct pgds p = { .row = rows, .nr = 2, .bytes_each = bytes_each };
	const struct pgds_view v = { &host, &p };
	const struct view_opts all = { .top = -1, .sort = SORT_PID };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	document_print(&document_pgds, json ? FORMAT_JSON : FORMAT_TEXT, f, &v, &all);
	fclose(f);
	return text;
}

static void row_is(__u32 bytes_each, size_t i, json_int_t bytes, bool at_least)
{
	char *text = said(true, bytes_each);
	json_t *root = json_loads(text, 0, NULL);
	json_t *row = json_array_get(json_object_get(root, "processes"), i);

	assert_non_null(row);
	assert_int_equal(json_integer_value(json_object_get(row, "bytes")), bytes);
	assert_true(json_is_boolean(json_object_get(row, "bytes_at_least")));
	assert_int_equal(json_is_true(json_object_get(row, "bytes_at_least")), at_least);
	json_decref(root);
	free(text);
}

TEST(bytes_of_pgds_of_unknown_size_are_a_lower_bound)
{
	char *text;

	row_is(4096, 0, 40960, false);
	row_is(4096, 1, 40960, true);
	row_is(8192, 0, 45056, false);
	row_is(0, 0, 40960, true);
	text = said(false, 8192);
	assert_non_null(strstr(text, " 44.0 KiB\n"));
	assert_non_null(strstr(text, " 44.0 KiB+\n"));
	free(text);
	text = said(false, 0);
	assert_null(strstr(text, " 40.0 KiB\n"));
	assert_non_null(strstr(text, " 40.0 KiB+\n"));
	assert_non_null(strstr(text, "too few to tell: + counts 4096"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 0, 80);
	free(text);
}

TESTS_RUN(NULL, NULL)
