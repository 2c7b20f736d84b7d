/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings that are cut short, changed or not kvas's. */
#include <sys/resource.h>
#include <signal.h>

#include "replay_fixture.h"

TEST_ON_WHOLE(whole_one_is_read)
{
	assert_int_equal(read_back(false), 0);
	assert_int_equal(events, ROWS);
}

TEST_ON_WHOLE(edited_value_is_refused)
{
	edit("fault.csv", ",user,0x7f0000001000,", ",user,0x7f0000009000,");
	assert_int_equal(read_back(false), -1);
	says("fault.csv");
	says("checksum");
	says("--force");
	assert_int_equal(read_back(true), 0);
	assert_int_equal(events, ROWS);
}

TEST_ON_WHOLE(shortened_table_is_refused)
{
	cut("fault.csv", 30);
	assert_int_equal(read_back(false), -1);
	says("fault.csv");
	says("shorter");
	/* Even when told to go on, a partial row is no row. */
	is_refused_even_with_force("cut short");
}

TEST_ON_WHOLE(malformed_rows_are_refused_even_with_force)
{
	static const char *const bad[][3] = {
		{ ",user,0x7f0000001000,", ",user,7f0000001000,", "address" },
		{ ",user,0x7f0000001000,", ",user,0x7f000000100000000000,", "address" },
		{ ",user,0x7f0000001000,", ",usr,0x7f0000001000,", "mode" },
		{ "1000000000,0,", "1000000000,4294967296,", "cpu" },
		{ "1000000000,0,", "99999999999999999999,0,", "time_ns" },
		{ "1000000000,0,", "-5,0,", "time_ns" },
		{ ",0x7f0000001000,user,", ",0x7f0000001000,vmalloc,", "region" },
		{ ",0x1,present,", ",0x1,write,", "flags" },
		{ ",make,user", ",\"make,user", "fields" },
		{ ",make,user", ",make,user,more", "fields" },
		{ ",make,user", ",abcdefghijklmnopq,user", "comm" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		edit("fault.csv", bad[i][0], bad[i][1]);
		is_refused_even_with_force("fault.csv:");
		if (strcmp(bad[i][2], "fields"))
			says(bad[i][2]);
		edit("fault.csv", bad[i][1], bad[i][0]);
	}
	assert_int_equal(read_back(false), 0);
}

/* Whether a process ended is said at each exit, and there only. */
TEST_BETWEEN(group_dead_is_of_exits, NULL, teardown)
{
	static const char *const bad[][2] = {
		{ "exit,5001,5001,0x1200011,0,1,", "exit,5001,5001,0x1200011,0,2," },
		{ "exit,5001,5001,0x1200011,0,1,", "exit,5001,5001,0x1200011,0,," },
		{ "exit,5001,5001,0x1200011,0,1,", "fork,5001,5001,0x1200011,0,1," },
		{ "exit,5001,5001,0x1200011,0,1,", "fork,5001,5001,0x1200011,0,0," },
	};
	struct recording *r = start();
	union kvas_record rec;

	fixture_record(&rec, KVAS_KIND_TASK, 1);
	recording_event(r, &rec);
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(read_back(false), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		edit("task.csv", bad[i][0], bad[i][1]);
		is_refused_even_with_force("task.csv:2");
		says("group_dead");
		edit("task.csv", bad[i][1], bad[i][0]);
	}
}

/* kvas's own words in meta.json are shown as they are. */
TEST_ON_WHOLE(hostile_words_are_made_harmless)
{
	edit("meta.json", "\"made up\"", "\"\\u001b[31mup\\u00e9\"");
	assert_int_equal(read_back(true), 0);
	assert_string_equal(got.host.layout_how, "?[31mup??");
}

/* A name of the kernel's has nothing that a terminal obeys or that is no UTF-8. */
TEST(hostile_names_are_refused)
{
	static const struct {
		unsigned int kind;
		const char *file, *name, *column;
	} in[] = {
		{ KVAS_KIND_ACCESS, "access.csv", "schedule", "function" },
		{ KVAS_KIND_MEMORY, "memory.csv", "load_msg", "function" },
		{ KVAS_KIND_VMALLOC, "vmalloc.csv", "load_module", "caller" },
	};
	static const char *const bad[] = { "\x1b[31mred_erms", "a\xff", "a\xc3\xa9", "a\x7f", "a b",
					   "a\rb" };
	struct recording *r = start();
	union kvas_record rec;

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		for (__u64 n = 0; n < 10; n++) {
			fixture_record(&rec, in[i].kind, n);
			recording_event(r, &rec);
		}
	meta_add_loss(&meta, "recursion", "sched_switch", 5);
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(read_back(false), 0);
	for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
		for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
			edit(in[i].file, in[i].name, bad[b]);
			is_refused_even_with_force(in[i].file);
			says(in[i].column);
			edit(in[i].file, bad[b], in[i].name);
		}
		edit("loss.csv", "sched_switch", bad[b]);
		is_refused_even_with_force("loss.csv");
		edit("loss.csv", bad[b], "sched_switch");
	}
	assert_int_equal(read_back(false), 0);
	fixture_remove(dir);
}

TEST_ON_WHOLE(foreign_header_is_refused)
{
	edit("fault.csv", "time_ns,cpu", "when,where");
	is_refused_even_with_force("fault.csv:1");
	says("'when'");
}

/* A column that is new, gone or there twice. */
TEST_ON_WHOLE(foreign_columns_are_refused)
{
	static const char *const bad[][3] = {
		{ ",address,region,", ",address,regoin,", "'regoin' is none that kvas knows" },
		{ ",address,region,", ",address,address,", "'address' is there twice" },
		{ "flags,ip,ip_region", "flags,ip", "'ip_region' is missing" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		edit("fault.csv", bad[i][0], bad[i][1]);
		is_refused_even_with_force("fault.csv:1");
		says(bad[i][2]);
		edit("fault.csv", bad[i][1], bad[i][0]);
	}
	edit("interval.csv", "scope", "scape");
	is_refused_even_with_force("'scape'");
}

static union kvas_record last_seen;

static void keep(void *ctx, const union kvas_record *ev)
{
	(void)ctx;
	last_seen = *ev;
}

/* There a column may be missing, and its value is unknown then. */
TEST(older_schema_may_lack_columns)
{
	struct sink sink = { .event = keep };
	struct replay_opts force = { true };
	struct recording *r;
	union kvas_record rec;

	fixture_dir(dir, sizeof(dir));
	fixture_meta(&meta);
	meta.emit = 1u << KVAS_KIND_PGD;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	fixture_record(&rec, KVAS_KIND_PGD, 1);
	recording_event(r, &rec);
	assert_int_equal(recording_finish(r, &e), 0);
	fixture_write(dir, "pgd.csv", "time_ns,pid,op,how,pgd\n"
				      "7,8,free,observed,0xffff9a0003000000\n");
	is_refused_even_with_force("is missing");
	edit("meta.json", "\"schema\": 3", "\"schema\": 1");
	memset(&last_seen, 0xee, sizeof(last_seen));
	assert_int_equal(replay(dir, &force, &got, &sink, &e), 0);
	assert_int_equal(last_seen.h.time_ns, 7);
	assert_int_equal(last_seen.h.pid, 8);
	assert_int_equal(last_seen.h.tid, 0);
	assert_string_equal(last_seen.h.comm, "");
	assert_int_equal(last_seen.pgd.op, KVAS_PGD_FREE);
	assert_int_equal(last_seen.pgd.pgd, 0xffff9a0003000000ULL);
	assert_int_equal(last_seen.pgd.order, KVAS_ORDER_UNKNOWN);
	assert_int_equal(last_seen.pgd.alloc_ns, 0);
	fixture_remove(dir);
}

/* The end of a process is not read as 0, "it goes on", from a table that does not tell it. */
TEST(older_task_table_may_lack_group_dead)
{
	struct replay_opts force = { true };
	struct sink sink = counting_sink(&events);
	struct recording *r;

	fixture_dir(dir, sizeof(dir));
	fixture_meta(&meta);
	meta.emit = 1u << KVAS_KIND_TASK;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	assert_int_equal(recording_finish(r, &e), 0);
	edit("meta.json", "\"schema\": 3", "\"schema\": 1");
	assert_int_equal(replay(dir, &force, &got, &sink, &e), 0);
	assert_false(got.no_group_dead);
	fixture_write(dir, "task.csv", "time_ns,pid,op\n7,8,exit\n");
	assert_int_equal(replay(dir, &force, &got, &sink, &e), 0);
	assert_true(got.no_group_dead);
	fixture_remove(dir);
}

/* More hooks than there is room for are an error, and none is dropped silently. */
TEST_ON_WHOLE(too_many_hooks_are_refused)
{
	char many[META_MAX_HOOKS * 64 + 64] = "\"hooks\": [";

	for (int i = 0; i < META_MAX_HOOKS; i++)
		strcat(many, "{\"name\":\"x\",\"how\":\"y\",\"provenance\":\"z\",\"why\":\"\"},");
	edit("meta.json", "\"hooks\": [", many);
	is_refused_even_with_force("hooks");
	says("64");
}

/* The greatest time of all does not end its table silently. */
TEST_ON_WHOLE(greatest_time_is_no_end)
{
	edit("fault.csv", "1000000000,0,", "18446744073709551615,0,");
	is_refused_even_with_force("time_ns");
}

TEST_ON_WHOLE(missing_table_is_refused)
{
	remove_file("fault.csv");
	is_refused_even_with_force("fault.csv");
}

TEST_ON_WHOLE(not_a_recording_is_refused)
{
	remove_file("meta.json");
	is_refused_even_with_force("no kvas recording");
	says(dir);
	fixture_write(dir, "meta.json", "[1, 2");
	is_refused_even_with_force("meta.json:1");
	fixture_write(dir, "meta.json", "{\"schema\": 1}");
	is_refused_even_with_force("'kvas'");
}

/* A key of meta.json, and what is written in its place. */
TEST_ON_WHOLE(malformed_meta_is_refused)
{
	static const char *const bad[][3] = {
		{ "\"cpus\": 4", "\"cpus\": null", "cpus" },
		{ "\"cpus\": 4", "\"cpus\": -1", "cpus" },
		{ "\"cpus\": 4", "\"cpus\": 4294967296", "cpus" },
		{ "\"cpus\": 4", "\"cpus\": 4.0", "cpus" },
		{ "\"paging_levels\": 4", "\"paging_levels\": 6", "paging_levels" },
		{ "\"start_ns\": 1000000000", "\"start_ns\": -5", "start_ns" },
		{ "\"pgd_order\": 1", "\"pgd_order\": 32", "pgd_order" },
		{ "\"pgd_live_start\": 40", "\"pgd_live_start\": -1", "pgd_live_start" },
		{ "\"pgd_live_start\": 40", "\"pgd_live_start\": 9223372036854775807",
		  "pgd_live_start" },
		{ "\"sample_hz\": 99", "\"sample_hz\": -99", "sample_hz" },
		{ "\"end_ns\": 3000000000", "\"end_ns\": 999999999", "end_ns" },
		{ "\"redacted\": false", "\"redacted\": null", "redacted" },
		{ "\"complete\": true", "\"complete\": null", "complete" },
		{ "\"precise\": false", "\"precise\": null", "precise" },
		{ "\"page_offset\": \"0x", "\"page_offset\": \"0x1", "page_offset" },
		{ "\"paging_levels\": 4", "\"paging_levels\": 3", "paging_levels" },
		{ "\"pid\": 0", "\"pid\": 4294967296", "pid" },
		{ "\"rows\": ", "\"rows\": -1", "rows" },
		{ "\"hooks\": [", "\"hook\": [", "hooks" },
		{ "\"hooks\": [", "\"hooks\": {}, \"x\": [", "hooks" },
		{ "\"emit\": [", "\"emit\": null, \"x\": [", "emit" },
		{ "\"emit\": [", "\"emits\": [", "emit" },
		{ "\"emit\": [", "\"emit\": [\"\",", "emit" },
		{ "\"tables\": {", "\"tables\": [], \"x\": {", "tables" },
		{ "\"tables\": {", "\"table\": {", "tables" },
		{ "\"command\": \"", "\"command\": \"\\\\x5\", \"x\": \"", "command" },
	};
	char key[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		edit("meta.json", bad[i][0], bad[i][1]);
		snprintf(key, sizeof(key), "key '%s'", bad[i][2]);
		is_refused_even_with_force(key);
		edit("meta.json", bad[i][1], bad[i][0]);
	}
	assert_int_equal(read_back(false), 0);
}

TEST_ON_WHOLE(newer_schema_is_told)
{
	edit("meta.json", "\"schema\": 3", "\"schema\": 7");
	is_refused_even_with_force("schema 7");
	says("newer");
}

TEST(killed_one_is_read_as_far_as_it_goes)
{
	struct recording *r = start();

	/* As after kill -9: no finish, and a row written in part. */
	recording_destroy(r);
	cut("fault.csv", 30);
	assert_int_equal(read_back(false), 1);
	assert_int_equal(events, ROWS - 1);
	says("cut short");
	fixture_remove(dir);
}

/* A write that fails in the middle: what was written before stays readable. */
TEST(full_disk_loses_nothing_written_before)
{
	struct rlimit old, small = { 100000, 100000 };
	union kvas_record rec;
	struct recording *r;
	struct err late = { 0 };

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	r = start();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (__u64 n = 0; n < 20000; n++) {
		fixture_record(&rec, KVAS_KIND_FAULT, n);
		recording_event(r, &rec);
	}
	assert_int_equal(recording_interval(r, 2500000000, &late), -1);
	assert_non_null(strstr(late.text, "fault.csv"));
	assert_int_equal(recording_finish(r, &late), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(read_back(false), 1);
	says("cut short");
	/* 100000 bytes hold well over 500 rows and well under 20000. */
	assert_in_range(events, 500, 19999);
	fixture_remove(dir);
}

TESTS_RUN(NULL, NULL)
