/* SPDX-License-Identifier: GPL-2.0 */
/* The views of a run in which something of every kind happened. */
#include "test.h"
#include "fixture.h"
#include "view/view.h"

static struct meta meta;
static struct agg *agg;
static struct summary s;

static void feed(const char *function)
{
	union kvas_record r;

	for (unsigned int kind = KVAS_KIND_TASK; kind < KVAS_KIND_END; kind++)
		for (__u64 n = 0; n < 60; n++) {
			fixture_record(&r, kind, n);
			if (function && kind == KVAS_KIND_ACCESS)
				strcpy(r.access.function, function);
			if (function && kind == KVAS_KIND_VMALLOC)
				strcpy(r.vm.caller, function);
			if (function && kind == KVAS_KIND_MEMORY)
				strcpy(r.memory.function, function);
			agg_event(agg, &r);
		}
}

static int setup(void **state)
{
	(void)state;
	fixture_meta(&meta);
	fixture_hook(&meta, "vmalloc_purge", "tp_btf x", "observed", "");
	agg = agg_create(&meta);
	return agg ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	agg_destroy(agg);
	return 0;
}

static char *text_of(void (*view)(FILE *, const struct summary *))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	agg_summary(agg, &s);
	view(f, &s);
	fclose(f);
	return text;
}

static void view_as_text(FILE *f, const struct summary *sum)
{
	view_summary_text(f, sum, 10);
}

/* Both views in a fresh directory; SCRIPT, in Python, finds them as s and v. */
static void python(const char *script)
{
	static const char load[] =
		"import csv, json, sys\n"
		"d = sys.argv[1]\n"
		"s = json.load(open(d + '/s.json', encoding='utf-8'))\n"
		"v = list(csv.reader(open(d + '/s.csv', newline='', encoding='utf-8'), strict=True))\n";
	char dir[64], command[160], *json = text_of(view_summary_json), *csv = text_of(view_summary_csv);
	char *all = malloc(sizeof(load) + strlen(script));

	assert_non_null(all);
	fixture_dir(dir, sizeof(dir));
	fixture_write(dir, "s.json", json);
	fixture_write(dir, "s.csv", csv);
	strcpy(stpcpy(all, load), script);
	fixture_write(dir, "check.py", all);
	snprintf(command, sizeof(command), "python3 %s/check.py %s", dir, dir);
	assert_int_equal(system(command), 0);
	fixture_remove(dir);
	free(all);
	free(json);
	free(csv);
}

/* 20,000 processes, and the idle task: its pid is 0, and it is so active that it is not
 * folded in. */
static void feed_processes(void)
{
	union kvas_record r;

	fixture_record(&r, KVAS_KIND_ACCESS, 3);
	for (__u32 pid = 1; pid <= 20000; pid++) {
		r.h.pid = pid;
		agg_event(agg, &r);
		agg_process(agg, pid, r.h.comm, KVAS_T_SYSCALL, 1);
	}
	r.h.pid = 0;
	strcpy(r.h.comm, "swapper/0");
	r.access.load.times = 1000;
	agg_event(agg, &r);
	agg_process(agg, 0, r.h.comm, KVAS_T_SYSCALL, 1000);
}

static void view_interval(FILE *f, const struct summary *sum)
{
	view_interval_text(f, sum, 2.0, "05:11:02", 5);
}

/* What many have together is of no pid; 0 is one. */
TEST_BETWEEN(others_have_no_pid, setup, teardown)
{
	char *text, *live;

	feed_processes();
	text = text_of(view_as_text);
	live = text_of(view_interval);
	assert_has(text, "\n        (others)            12288 ",
		   "\n      0 swapper/0               1 ",
		   "\n        (others)           16.4k ",
		   "\n      0 swapper/0          1.00k ");
	assert_has(live, "\n           (others) ",
		   "\n         0 swapper/0 ");
	free(text);
	free(live);
	python("for x in (s, s['accesses']):\n"
	       "    pids = {r['comm']: r['pid'] for r in x['processes']}\n"
	       "    assert pids['(others)'] is None and pids['swapper/0'] == 0, pids\n");
}

TEST_BETWEEN(csv_has_every_leaf_of_json, setup, teardown)
{
	feed(NULL);
	feed_processes();
	python("a = s['accesses']\n"
	       "others = [r for r in a['processes'] if r['comm'] == '(others)']\n"
	       "assert len(others) == 1 and others[0]['samples'] >= a['processes_folded'] > 10000\n"
	       "assert a['functions_folded'] == 0\n"
	       "def leaves(x, name):\n"
	       "    if not isinstance(x, (dict, list)):\n"
	       "        yield name, x\n"
	       "        return\n"
	       "    for k, y in x.items() if isinstance(x, dict) else enumerate(x):\n"
	       "        yield from leaves(y, f'{name}.{k}' if name else k)\n"
	       "want = list(leaves(s, ''))\n"
	       "assert v[0] == ['name', 'value'] and [n for n, _ in v[1:]] == [n for n, _ in want]\n"
	       "for (name, text), (_, x) in zip(v[1:], want):\n"
	       "    if x is None or isinstance(x, bool):\n"
	       "        assert text == {None: '', True: 'true', False: 'false'}[x], name\n"
	       "    else:\n"
	       "        assert text and type(x)(text) == x or x == '' == text, (name, text, x)\n"
	       "own = [(c['purges'], c['kernel_flushes']) for c in s['vmalloc']['callers']]\n"
	       "assert own and all(p == f for p, f in own), own\n"
	       "by = {c['caller']: c['count'] for c in s['vmalloc']['kernel_flushes_by']}\n"
	       "assert by['load_module'] == 12, by\n"
	       "reals = [n for n, x in want if isinstance(x, float)]\n"
	       "for n in ('accesses.shares.load.direct_map.share', 'accesses.expected.load',\n"
	       "          'vmalloc.callers.0.purges'):\n"
	       "    assert n in reals, (n, reals)\n");
}

/* Names that no kernel has and no recording may hold: no row goes, no ESC comes. */
TEST_BETWEEN(hostile_names_are_shown_harmless, setup, teardown)
{
	static const char hostile[] = "\x1b[31mred\xff";
	char *text;

	feed(hostile);
	meta_add_loss(&meta, "recursion", "sched_switch", 5);
	text = text_of(view_as_text);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\xff'));
	assert_has(text, "\\x1b[31mred\\xff");
	free(text);
	python("h = '\\x1b[31mred\\\\xff'\n"
	       "assert {r['caller'] for r in s['vmalloc']['callers']} == {h}\n"
	       "for k in ('purges_by', 'kernel_flushes_by'):\n"
	       "    assert {r['caller'] for r in s['vmalloc'][k]} == {h}, k\n"
	       "rows = [r for r in s['memory']['rows'] if r['use'] != 'vmalloc']\n"
	       "assert sum(r['count'] for r in rows) == sum(range(1, 61)), rows\n"
	       "assert {r['function'] for r in rows} == {h}\n"
	       "assert {r['function'] for r in s['accesses']['functions']} == {h}\n");
}

/* Each hook says that it is missing, or what it met: none is passed over. */
TEST_BETWEEN(every_hook_objects_are_met_at, setup, teardown)
{
	static const char *const hooks[] = { "fork", "vfork", "thread", "kthread", "exec", "exit",
					     "pgd_alloc", "pgd_free", "switch" };
	char *text, row[80];

	feed(NULL);
	meta.nr_hooks = 0;
	text = text_of(view_as_text);
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		snprintf(row, sizeof(row), "\n  %-10sunknown: its hook is missing here\n", hooks[i]);
		if (!strstr(text, row))
			fail_msg("no row of %s in\n%s", hooks[i], text);
	}
	free(text);
	fixture_hook(&meta, "pgd_alloc", "tp_btf x", "observed", "");
	text = text_of(view_as_text);
	assert_has_not(text, "  pgd_alloc unknown");
	assert_has(text, "  pgd_alloc direct_map ");
	free(text);
}

static void view_all(FILE *f, const struct summary *sum)
{
	view_summary_text(f, sum, 100);
}

/* Process 102 has two samples with interrupts off: no access was met, so none had a share. */
TEST_BETWEEN(no_share_of_nothing, setup, teardown)
{
	char *text;

	feed(NULL);
	text = text_of(view_all);
	assert_has(text, "those expected with interrupts off are not in them.\n",
		   "    PID of accesses       SAMPLES ACCESSES DIRECT% USER% VMALLOC#\n",
		   "    102 make                    2        0       -     -        0\n");
	/* A load of the direct map and two words stored to vmalloc. */
	assert_has(text, "    103 make                    2        3    33.3   0.0        2\n");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80);
	free(text);
}

TEST_BETWEEN(regions_that_are_not_known, setup, teardown)
{
	char *text;

	feed(NULL);
	python("assert 'memory.by_region' not in s['unknown']\n");
	meta.host.layout.page_offset = 0;
	python("assert s['unknown']['memory.by_region'] == "
	       "'where the direct map begins is not known'\n");
	text = text_of(view_as_text);
	assert_has(text, "Regions of memory unknown: where the direct map");
	free(text);
	meta.emit &= ~(1u << KVAS_KIND_MEMORY);
	python("assert 'memory.by_region' not in s['unknown']\n");
}

/* Without records of exits nobody knows who has ended. */
TEST_BETWEEN(what_leaks_needs_tasks, setup, teardown)
{
	feed(NULL);
	python("v = s['vmalloc']\n"
	       "assert v['leaked'] == 0 and 'vmalloc.leaked' not in s['unknown']\n"
	       "assert {c['bytes_leaked'] for c in v['callers']} == {0}\n");
	meta.emit &= ~(1u << KVAS_KIND_TASK);
	python("v = s['vmalloc']\n"
	       "assert v['live'] is not None and v['leaked'] is None is v['bytes_leaked']\n"
	       "assert {c['bytes_leaked'] for c in v['callers']} == {None}\n"
	       "assert s['unknown']['vmalloc.leaked'] == 'task is not recorded'\n");
}

TESTS_RUN(NULL, NULL)
