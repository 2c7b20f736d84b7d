/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings that somebody made to harm who reports them. */
#include <fcntl.h>
#include <signal.h>

#include "replay_fixture.h"

/* More than a block of the reader's. */
#define MANY 20000

static char path[128];

static const char *in_dir(const char *file)
{
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

/* FILE with BYTES more behind it. */
static void append(const char *file, const char *bytes, size_t len)
{
	FILE *f = fopen(in_dir(file), "a");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

/* It may lead to what only root may read: nothing of it is shown. */
TEST_ON_WHOLE(links_are_not_followed)
{
	static const char *const files[] = { "meta.json", "fault.csv", "interval.csv", "loss.csv" };
	char moved[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(moved, sizeof(moved), "%s/moved", dir);
		assert_int_equal(rename(in_dir(files[i]), moved), 0);
		fixture_write(dir, "secret", "TOPSECRET,x\n");
		assert_int_equal(symlink("secret", in_dir(files[i])), 0);
		is_refused_even_with_force(files[i]);
		says("symbolic link");
		assert_has_not(e.text, "SECRET");
		unlink(in_dir(files[i]));
		assert_int_equal(rename(moved, in_dir(files[i])), 0);
		assert_int_equal(read_back(false), 0);
	}
}

TEST_ON_WHOLE(fifos_and_directories_are_refused_at_once)
{
	static const char *const files[] = { "meta.json", "fault.csv", "interval.csv", "loss.csv" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		remove_file(files[i]);
		assert_int_equal(mkfifo(in_dir(files[i]), 0600), 0);
		alarm(60); /* a hang is a failure */
		is_refused_even_with_force("no regular file");
		alarm(0);
		unlink(in_dir(files[i]));
		assert_int_equal(mkdir(in_dir(files[i]), 0700), 0);
		is_refused_even_with_force("no regular file");
		rmdir(in_dir(files[i]));
		teardown(NULL);
		assert_int_equal(setup(NULL), 0);
	}
}

TEST_ON_WHOLE(a_huge_meta_json_is_not_read)
{
	assert_int_equal(truncate(in_dir("meta.json"), 2000000000), 0);
	is_refused_even_with_force("2000000000 bytes");
	says("1048576");
}

TEST_ON_WHOLE(what_is_no_json_is_not_quoted)
{
	fixture_write(dir, "meta.json", "root:TOPSECRET:0:0:\n");
	is_refused_even_with_force("meta.json:1");
	assert_has_not(e.text, "root");
}

TEST_ON_WHOLE(odd_schemas_are_refused_with_their_value)
{
	static const char *const odd[][2] = {
		{ "\"schema\": null,", "null" },      { "\"schema\": -1,", "-1" },
		{ "\"schema\": 0,", "0" },	      { "\"schema\": 1.5,", "1.5" },
		{ "\"schema\": \"two\",", "\"two\"" }, { "", "(none)" },
		{ "\"schema\": [3],", "[3]" },
		{ "\"schema\": 9223372036854775807,", "9223372036854775807" },
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		edit("meta.json", "\"schema\": 3,", odd[i][0]);
		is_refused_even_with_force("schema ");
		says(odd[i][1]);
		teardown(NULL);
		assert_int_equal(setup(NULL), 0);
	}
	edit("meta.json", "\"schema\": 3,", "\"schema\": 3, \"schema\": 3,");
	is_refused_even_with_force("meta.json");
}

/* Lines that no kvas wrote, behind those that one did. */
TEST_ON_WHOLE(rows_of_no_kvas_are_refused_with_their_line)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *says;
	} bad[] = {
#define BYTES(text) text, sizeof(text) - 1
		{ BYTES("\n"), "fields" },
		{ BYTES("\r\n"), "fields" },
		{ BYTES("1,0,1,1,sh,user,0x7f0000001000,user,0x1,present,0x401000,user\r\n"), "ip_region" },
		{ BYTES("1,0,1,1,s\0h,user,0x7f0000001000,user,0x1,present,0x1,user\n"), "comm" },
		{ BYTES("1,0,1,1,\"s\0h\",user,0x7f0000001000,user,0x1,present,0x1,user\n"), "comm" },
		{ BYTES("1,0,1,1,s\rh,user,0x7f0000001000,user,0x1,present,0x1,user\n"), "comm" },
		{ BYTES("\0\0\0\0\n"), "fields" },
		{ BYTES("18446744073709551616,0,1,1,sh,user,0x7f0000001000,user,0x1,present,0x1,user\n"),
		  "time_ns" },
		{ BYTES("9223372036854775808,0,1,1,sh,user,0x7f0000001000,user,0x1,present,0x401000,user\n"),
		  "time_ns" },
		{ BYTES("01,0,1,1,sh,user,0x7f0000001000,user,0x1,present,0x1,user\n"), "time_ns" },
		{ BYTES("1,0,1,1,sh,user,0x7f0000001000,user,0x1,present,0x1,user"), "cut short" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		append("fault.csv", bad[i].bytes, bad[i].len);
		is_refused_even_with_force("fault.csv:202:");
		says(bad[i].says);
		teardown(NULL);
		assert_int_equal(setup(NULL), 0);
	}
}

TEST_ON_WHOLE(a_row_without_end_is_not_read_to_the_end)
{
	char *row = malloc(1 << 20);

	memset(row, 'x', 1 << 20);
	append("fault.csv", row, 1 << 20);
	is_refused_even_with_force("fault.csv:202: the row does not end");
	teardown(NULL);
	assert_int_equal(setup(NULL), 0);
	row[0] = '"';
	append("fault.csv", row, 1 << 20);
	append("fault.csv", "\n", 1);
	is_refused_even_with_force("fault.csv:202: the row does not end");
	free(row);
}

/* Each value is one that a kernel may count; their sum is none. */
TEST_ON_WHOLE(sums_do_not_wrap)
{
	static const char row[] = "2000000000,1,cpu,0,,,switches.total,1000000000000000000,\n";

	for (int i = 0; i < 19; i++)
		append("interval.csv", row, sizeof(row) - 1);
	is_refused_even_with_force("interval.csv:4: column value");
	says("1000000000000000000");
}

static void shorten(void *ctx, const union kvas_record *ev)
{
	(void)ev;
	if (!++*(int *)ctx)
		return;
	assert_int_equal(truncate(in_dir("fault.csv"), 4096), 0);
}

/* Mapped, it would end kvas by a signal. */
TEST(a_table_made_shorter_while_it_is_read)
{
	struct recording *r = start();
	union kvas_record rec;
	int seen = 0;
	struct sink sink = { .ctx = &seen, .event = shorten };
	struct replay_opts opts = { false };

	for (__u64 n = 0; n < MANY; n++) {
		fixture_record(&rec, KVAS_KIND_FAULT, n);
		recording_event(r, &rec);
	}
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(read_back(false), 0);
	assert_int_equal(events, ROWS + MANY);
	assert_int_equal(replay(dir, &opts, &got, &sink, &e), -1);
	says("shorter");
	fixture_remove(dir);
}

/* While kvas records, nobody says that it did not finish. */
TEST(a_recording_under_way_is_told_from_one_cut_short)
{
	struct recording *r = start();

	assert_int_equal(read_back(false), 1);
	says("still being made");
	assert_has_not(e.text, "did not finish");
	assert_string_equal(meta_cut_why(&got), "the recording is still being made");
	assert_int_equal(events, ROWS);
	recording_destroy(r); /* as when it is killed: the kernel lets go of its locks */
	assert_int_equal(read_back(false), 1);
	says("did not finish");
	assert_string_equal(meta_cut_why(&got), "the recording is cut short");
	fixture_remove(dir);
}

TESTS_RUN(NULL, NULL)
