/* SPDX-License-Identifier: GPL-2.0 */
/* The summary in JSON, read back by jansson: every null has its reason, whatever is unknown. */
#include "view_runs.h"

/* Does PATH fit PATTERN, in which a * stands for any key? */
static bool fits(const char *pattern, const char *path)
{
	for (; *pattern && *pattern != '*'; pattern++, path++)
		if (*pattern != *path)
			return false;
	if (!*pattern)
		return !*path;
	for (path++; ; path++) {
		if (fits(pattern + 1, path))
			return true;
		if (!*path)
			return false;
	}
}

static bool has_reason(json_t *unknown, const char *path)
{
	const char *pattern;
	json_t *why;

	json_object_foreach(unknown, pattern, why)
		if (fits(pattern, path))
			return json_string_length(why) > 0;
	return false;
}

/* Walk VALUE, which stands at PATH; count the nulls, each of which must have its reason. */
static size_t nulls_below(json_t *value, json_t *unknown, const char *path)
{
	char below[512];
	const char *key;
	size_t n = 0, i;
	json_t *one;

	if (json_is_null(value) && !has_reason(unknown, path))
		fail_msg("%s is null for no reason", path);
	json_array_foreach(value, i, one) {
		snprintf(below, sizeof(below), "%s[]", path);
		n += nulls_below(one, unknown, below);
	}
	json_object_foreach(value, key, one) {
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
		n += nulls_below(one, unknown, below);
	}
	return n + json_is_null(value);
}

/* All nulls of S have reasons; of figures exactly those are null that are unknown. */
static void every_null_has_its_reason(const struct summary *s, size_t at_least)
{
	json_t *root = fixture_json(s), *unknown = json_object_get(root, "unknown");
	struct figures g;
	size_t n;

	assert_true(json_is_object(unknown));
	n = nulls_below(root, unknown, "");
	if (n < at_least)
		fail_msg("%zu nulls, not %zu", n, at_least);
	figures_of(s, &g);
	for (int id = 0; id < FIGURE_COUNT; id++) {
		const char *path = figure_rows[id].path;
		json_t *at = fixture_at(root, path);
		json_t *parent = at;
		char up[128], *dot;

		/* Where a list is null as a whole nothing stands below it. */
		for (snprintf(up, sizeof(up), "%s", path); !parent && (dot = strrchr(up, '.'));) {
			*dot = '\0';
			parent = fixture_at(root, up);
		}
		if (!parent || json_is_null(parent) == g.f[id].known)
			fail_msg("%s is %s", path, g.f[id].known ? "not there" : "not null");
		if (!g.f[id].known && at)
			assert_string_equal(fixture_reason(root, "unknown", path), g.f[id].why);
	}
	json_decref(root);
}

TEST_OF_FULL_RUN(nulls_of_a_full_run)
{
	/* No command's filter; kvas's PMU events were not asked for. */
	strcpy(full.meta.precise_how, "no such event");
	every_null_has_its_reason(&full.s, 2);
	full.meta.host.kpti = ANSWER_NO;
	every_null_has_its_reason(&full.s, 2);
}

TEST_OF_FULL_RUN(nulls_without_hooks)
{
	strcpy(full.meta.precise_how, "no such event");
	for (unsigned int i = 0; i < full.meta.nr_hooks; i++) {
		strcpy(full.meta.hooks[i].how, "none");
		strcpy(full.meta.hooks[i].provenance, "none");
	}
	every_null_has_its_reason(&full.s, 60);
	full.meta.nr_hooks = 0;
	every_null_has_its_reason(&full.s, 30);
}

TEST_OF_FULL_RUN(nulls_of_an_unknown_host)
{
	strcpy(full.meta.precise_how, "no such event");
	memset(&full.meta.host, 0, sizeof(full.meta.host));
	full.meta.host.kpti = full.meta.host.pcid = full.meta.host.kaslr = ANSWER_UNKNOWN;
	full.meta.pgd_live_start = -1;
	full.meta.pgd_order = KVAS_ORDER_UNKNOWN;
	memset(&full.meta.self, 0, sizeof(full.meta.self));
	every_null_has_its_reason(&full.s, 15);
}

/* Nothing recorded, no sampler, no -m; then with an empty reason from an odd recording. */
TEST_OF_FULL_RUN(nulls_without_records)
{
	full.meta.emit = 0;
	full.meta.sample_hz = 0;
	full.meta.redacted = true;
	strcpy(full.meta.sample_why, "perf_event_open is refused");
	strcpy(full.meta.precise_how, "no sampler");
	strcpy(full.meta.filter, "comm make");
	every_null_has_its_reason(&full.s, 20);
	full.meta.sample_why[0] = full.meta.precise_how[0] = '\0';
	every_null_has_its_reason(&full.s, 20);
}

/* One kind of record after the other is left out. */
TEST_OF_FULL_RUN(nulls_by_kind)
{
	strcpy(full.meta.precise_how, "no such event");
	for (unsigned int kind = KVAS_KIND_TASK; kind < KVAS_KIND_END; kind++) {
		__u32 emit = full.meta.emit;

		full.meta.emit &= ~(1u << kind);
		every_null_has_its_reason(&full.s, 2);
		full.meta.emit = emit;
		full.s.c[KVAS_C_LOST_RING + kind] += 5;
		every_null_has_its_reason(&full.s, 2);
	}
}

/* Symbols that kallsyms does not show; a run in which nothing happened. */
TEST(nulls_of_nothing)
{
	struct agg *agg;
	union kvas_record r;
	struct summary s;

	small_run(&run);
	strcpy(run.meta.precise_how, "no such event");
	every_null_has_its_reason(&run.s, 10);
	agg = agg_create(&run.meta);
	agg_summary(agg, &s);
	every_null_has_its_reason(&s, 10);
	fixture_record(&r, KVAS_KIND_ACCESS, 3);
	r.access.mode = KVAS_ACCESS_NO_SYMBOLS;
	agg_event(agg, &r);
	agg_summary(agg, &s);
	every_null_has_its_reason(&s, 10);
	agg_destroy(agg);
}

/* A recording may give reasons of any bytes: they are still told. */
TEST_OF_SMALL_RUN(reasons_of_any_bytes)
{
	json_t *root;

	run.meta.sample_hz = 0;
	strcpy(run.meta.sample_why, "\x1b[31m\xff");
	strcpy(run.meta.precise_how, "\xff");
	strcpy(run.meta.host.kpti_how, "\xc3(");
	run.meta.host.kpti = ANSWER_UNKNOWN;
	fixture_hook(&run.meta, "odd\xff", "none", "none", "\xfe");
	root = fixture_json(&run.s);
	assert_true(nulls_below(root, json_object_get(root, "unknown"), "") > 10);
	assert_string_equal(fixture_reason(root, "unknown", "accesses.samples"), "\x1b[31m\\xff");
	json_decref(root);
}

TEST_OF_SMALL_RUN(unknown_is_null_not_zero)
{
	static const char *const null[] = {
		"host.kpti", "crossings.syscall", "crossings.irq", "pgd.live", "pgd.bytes_each",
		"switches.total", "cr3_writes.kpti_exit", "vmalloc.alloc", "cr3_writes.temporary_mm",
	};
	json_t *r;

	run.meta.nr_hooks = 0;
	run.meta.host.kpti = ANSWER_UNKNOWN;
	run.meta.pgd_live_start = -1;
	run.meta.pgd_order = KVAS_ORDER_UNKNOWN;
	r = fixture_json(&run.s);
	for (size_t i = 0; i < sizeof(null) / sizeof(null[0]); i++)
		if (!json_is_null(fixture_at(r, null[i])))
			fail_msg("%s is not null", null[i]);
	json_decref(r);
}

/* Other programs read these keys: they stay. */
TEST_OF_SMALL_RUN(keys_that_others_read)
{
	static const char *const keys[] = {
		"kvas", "host.kernel", "host.arch", "host.cpus", "host.paging_levels", "host.pcid",
		"host.kaslr", "host.vmalloc_base", "host.vmemmap_base", "hooks.fork.how",
		"hooks.fork.provenance", "tasks.forks", "tasks.threads", "tasks.execs", "tasks.exits",
		"pgd.alloc", "pgd.free", "crossings.exception", "crossings.nmi",
		"cr3_writes.kpti_entry.nmi", "switches.same_mm", "switches.lazy_kthread",
		"switches.lazy_return", "switches.flush", "switches.noflush", "faults.user",
		"faults.kernel", "faults.by_region.user", "accesses.samples", "accesses.load",
		"accesses.store", "vmalloc.alloc", "vmalloc.free", "vmalloc.bytes_alloc",
		"vmalloc.bytes_free", "self.cpu_ns", "self.max_rss_bytes", "self.crossings",
		"self.switches", "self.faults", "unknown", "processes", "lower_bounds", "provenance",
	};
	json_t *r = fixture_json(&run.s);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!fixture_at(r, keys[i]))
			fail_msg("no %s", keys[i]);
	assert_int_equal(fixture_number(r, "schema"), 1);
	assert_int_equal(fixture_number(r, "window_ns"), 2000000000);
	assert_int_equal(fixture_number(r, "crossings.syscall"), 100003);
	assert_int_equal(fixture_number(r, "cr3_writes.kpti_entry.syscall"), 0);
	assert_int_equal(fixture_number(r, "cr3_writes.total"), 434);
	assert_int_equal(fixture_number(r, "faults.by_code.write|user"), 1009);
	assert_int_equal(fixture_number(r, "faults.by_code.write"), 11);
	assert_int_equal(fixture_number(r, "objects.stack.vmalloc"), 37);
	assert_int_equal(fixture_number(r, "events.fault.happened"), 1020);
	assert_int_equal(fixture_number(r, "events.fault.seen"), 1000);
	assert_int_equal(fixture_number(r, "events.fault.lost"), 20);
	assert_int_equal(fixture_number(r, "lost.events"), 20);
	assert_int_equal(fixture_number(r, "lost.ring_full.fault"), 20);
	assert_true(json_is_false(fixture_at(r, "host.kpti")));
	assert_string_equal(json_string_value(fixture_at(r, "host.page_offset")), "0xffff9a0000000000");
	json_decref(r);
}

TEST_OF_SMALL_RUN(lower_bounds_and_provenance)
{
	json_t *r;

	run.meta.host.kpti = ANSWER_YES;
	r = fixture_json(&run.s);
	/* NMIs have no hook here: whatever counts them is at least what is known. */
	assert_string_equal(fixture_reason(r, "lower_bounds", "cr3_writes.total"),
			    "its hook is missing here");
	assert_string_equal(fixture_reason(r, "lower_bounds", "crossings.total"),
			    "its hook is missing here");
	assert_true(json_is_true(fixture_at(r, "cr3_writes.total_is_lower_bound")));
	assert_string_equal(fixture_reason(r, "unknown", "cr3_writes.total_is_lower_bound"),
			    "its hook is missing here");
	assert_null(fixture_reason(r, "lower_bounds", "faults.total"));
	assert_string_equal(fixture_reason(r, "provenance", "pgd.alloc"), "derived");
	assert_string_equal(fixture_reason(r, "provenance", "cr3_writes.total"), "derived");
	assert_string_equal(fixture_reason(r, "provenance", "accesses.samples"), "sampled");
	/* Observed is not said; of the unknown there is nothing to say. */
	assert_null(fixture_reason(r, "provenance", "crossings.syscall"));
	assert_null(fixture_reason(r, "provenance", "crossings.nmi"));
	json_decref(r);
}

TEST_OF_SMALL_RUN(lost_causes)
{
	json_t *r;

	meta_add_loss(&run.meta, "recursion", "sched_switch", 5);
	meta_add_loss(&run.meta, "recursion", "sys_enter", 6);
	meta_add_loss(&run.meta, "map_full", "mms", 7);
	r = fixture_json(&run.s);
	assert_int_equal(fixture_number(r, "lost.recursion.sched_switch"), 5);
	assert_int_equal(fixture_number(r, "lost.recursion.sys_enter"), 6);
	assert_int_equal(fixture_number(r, "lost.map_full.mms"), 7);
	assert_int_equal(fixture_number(r, "lost.events"), 20);
	json_decref(r);
}

TEST_OF_SMALL_RUN(redacted_shows_no_base)
{
	char *text;

	run.meta.redacted = true;
	text = fixture_print(&view_json, &run.s, &fixture_digest);
	assert_has_not(text, "0xffff");
	assert_has(text, "\"host.page_offset\": \"redacted\"");
	free(text);
}

/* kvas's own process is in no list; its counts are apart. */
TEST_OF_FULL_RUN(kvas_is_not_among_the_processes)
{
	json_t *r = fixture_json(&full.s), *process;
	size_t i, nr = 0;

	json_array_foreach(json_object_get(r, "processes"), i, process) {
		assert_int_not_equal(json_integer_value(json_object_get(process, "pid")), FIXTURE_SELF);
		nr++;
	}
	assert_in_range(nr, 2000, AGG_MAX_PROCESSES);
	assert_int_equal(fixture_number(r, "self.crossings"), 5 * 1234567);
	assert_int_equal(fixture_number(r, "self.switches"), 1234567);
	assert_int_equal(fixture_number(r, "self.faults"), 2 * 1234567);
	assert_int_equal(fixture_number(r, "self.cpu_ns"), 123456789);
	json_decref(r);
}

/* A row that stands for many has no pid; a process of pid 0 has one. */
TEST_OF_FULL_RUN(others_have_no_pid)
{
	json_t *r, *process;
	size_t i;
	int met = 0;

	for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
		agg_process(full.agg, (struct process_id){ .pid = 0 }, "swapper/0\0\0\0\0\0\0", t, 5000);
	agg_summary(full.agg, &full.s);
	r = fixture_json(&full.s);
	json_array_foreach(json_object_get(r, "processes"), i, process) {
		const char *comm = json_string_value(json_object_get(process, "comm"));
		json_t *pid = json_object_get(process, "pid");

		if (!strcmp(comm, "(others)"))
			met += json_is_null(pid);
		else if (!strcmp(comm, "swapper/0"))
			met += json_is_integer(pid) && !json_integer_value(pid);
	}
	assert_int_equal(met, 2);
	json_decref(r);
}

/* Without records of exits nobody knows who has ended. */
TEST_OF_FULL_RUN(what_leaks_needs_tasks)
{
	json_t *r = fixture_json(&full.s), *caller;

	assert_int_equal(fixture_number(r, "vmalloc.live"), 2);
	assert_int_equal(fixture_number(r, "vmalloc.leaked"), 1);
	caller = json_array_get(fixture_at(r, "vmalloc.callers"), 0);
	assert_int_equal(fixture_number(caller, "bytes_leaked"), 8192);
	assert_int_equal(fixture_number(caller, "free"), 2);
	json_decref(r);
	full.meta.emit &= ~(1u << KVAS_KIND_TASK);
	r = fixture_json(&full.s);
	assert_int_equal(fixture_number(r, "vmalloc.live"), 2);
	assert_true(json_is_null(fixture_at(r, "vmalloc.leaked")));
	assert_true(json_is_null(fixture_at(r, "vmalloc.bytes_leaked")));
	caller = json_array_get(fixture_at(r, "vmalloc.callers"), 0);
	assert_true(json_is_null(json_object_get(caller, "bytes_leaked")));
	assert_string_equal(fixture_reason(r, "unknown", "vmalloc.leaked"), "task is not recorded");
	json_decref(r);
	full.meta.emit |= 1u << KVAS_KIND_TASK;
	full.meta.no_group_dead = true;
	r = fixture_json(&full.s);
	assert_true(json_is_null(fixture_at(r, "vmalloc.leaked")));
	assert_string_equal(fixture_reason(r, "unknown", "vmalloc.leaked"),
			    "the recording does not tell when processes end");
	json_decref(r);
}

static size_t two_rows(const struct figures *g)
{
	return 2;
}

static void seven(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	out->n = 7;
	out->text = "seven";
	out->max = 5;
}

static const char *not_known(const struct figures *g)
{
	return "nobody looked";
}

/* A table of any shape below a key that is null has no place: it is left out. */
TEST_OF_SMALL_RUN(nothing_is_within_a_null)
{
	static const struct column columns[] = { { "name", NULL, 0, CELL_TEXT, ALWAYS, "" },
						 { "n", NULL, 0, CELL_COUNT, ALWAYS, "" },
						 { "more", NULL, 0, CELL_COUNT, ALWAYS, "" } };
	struct table t = { .path = "outer", .shape = TABLE_ONE, COLUMNS(columns), two_rows, seven,
			   .why = not_known };
	struct figures g;
	char *text = NULL;
	size_t len;
	struct view_out v = { .f = open_memstream(&text, &len), .g = &g, .o = &fixture_digest };

	figures_of(&run.s, &g);
	view_json.begin(&v);
	view_json.table(&v, &t);
	t.why = NULL;
	t.path = "outer.inner.list";
	for (t.shape = TABLE_ONE; t.shape <= TABLE_MAP_OF_MAPS; t.shape++)
		view_json.table(&v, &t);
	view_json.end(&v);
	fclose(v.f);
	assert_has(text, "\"outer\": null", "nobody looked");
	assert_has_not(text, "seven", "inner");
	free(text);
}

TESTS_RUN(NULL, NULL)
