/* SPDX-License-Identifier: GPL-2.0 */
/* The summary in JSON and in CSV, both read by Python's own json and csv; and JSON against the
 * schema, by python3-jsonschema. */
#include "view/schema.h"
#include "view_runs.h"

/* The JSON Schema of all documents; the caller frees it. */
static char *schema_text(void)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	view_schema(f);
	fclose(f);
	return text;
}

/* Both views of S in a fresh directory; SCRIPT, in Python, finds them as s, a dict, and v, the
 * rows, and the schema as d + '/schema.json'. */
static void python(const struct summary *s, const char *script)
{
	static const char load[] =
		"import csv, json, sys\n"
		"d = sys.argv[1]\n"
		"s = json.load(open(d + '/s.json', encoding='utf-8'))\n"
		"v = list(csv.reader(open(d + '/s.csv', newline='', encoding='utf-8'), strict=True))\n";
	char *json = fixture_print(&view_json, s, &fixture_digest);
	char *csv = fixture_print(&view_csv, s, &fixture_digest);
	char dir[64], command[160], *schema = schema_text();
	char *all = malloc(sizeof(load) + strlen(script));

	assert_non_null(all);
	fixture_dir(dir, sizeof(dir));
	fixture_write(dir, "s.json", json);
	fixture_write(dir, "s.csv", csv);
	fixture_write(dir, "schema.json", schema);
	strcpy(stpcpy(all, load), script);
	fixture_write(dir, "check.py", all);
	snprintf(command, sizeof(command), "python3 %s/check.py %s", dir, dir);
	if (system(command))
		fail_msg("see above");
	fixture_remove(dir);
	free(all);
	free(schema);
	free(json);
	free(csv);
}

/* JSON keeps to the schema. Every leaf of JSON is a row of CSV, of the same value, control characters as \xNN, and no
 * other row is there; a reason for an array's null stands by each element. */
static const char same_leaves[] =
	"import re\n"
	"def shown(s):\n"
	"    return re.sub('[\\0-\\x1f\\x7f-\\x9f]', lambda m: "
	"''.join(f'\\\\x{b:02x}' for b in m[0].encode()), s)\n"
	"said = ('unknown', 'lower_bounds', 'provenance')\n"
	"def leaves(x, name):\n"
	"    if not isinstance(x, (dict, list)):\n"
	"        yield name, x\n"
	"        return\n"
	"    for k, y in x.items() if isinstance(x, dict) else enumerate(x):\n"
	"        yield from leaves(y, f'{name}.{k}' if name else k)\n"
	"want = {shown(n): x for k in s if k not in said for n, x in leaves(s[k], k)}\n"
	"rows = dict(v)\n"
	"assert v[0] == ['name', 'value'] and len(rows) == len(v), 'a name stands there twice'\n"
	"del rows['name']\n"
	"got = {n for n in rows if n.split('.')[0] not in said}\n"
	"assert got == set(want), got ^ set(want)\n"
	"for name, x in want.items():\n"
	"    text = rows[name]\n"
	"    if x is None or isinstance(x, bool):\n"
	"        assert text == {None: '', True: 'true', False: 'false'}[x], name\n"
	"        assert x is not None or rows['unknown.' + name], name\n"
	"    else:\n"
	"        assert text and "
	"(text == shown(x) if isinstance(x, str) else type(x)(text) == x) or x == '' == text, "
	"(name, text, x)\n"
	"for k in said[1:]:\n"
	"    assert {n[len(k) + 1:]: x for n, x in rows.items() if n.startswith(k + '.')} == "
	"{shown(n): shown(x) for n, x in s[k].items()}, k\n"
	"for n, why in s['unknown'].items():\n"
	"    assert '[]' in n or '*' in n or rows['unknown.' + shown(n)] == shown(why), (n, why)\n"
	"import jsonschema\n"
	"schema = json.load(open(d + '/schema.json', encoding='utf-8'))\n"
	"one = {'$ref': '#/$defs/summary', '$defs': schema['$defs']}\n"
	"for e in jsonschema.Draft202012Validator(one).iter_errors(s):\n"
	"    sys.exit(f'{list(e.absolute_path)}: {e.message[:300]}')\n";

TEST_OF_FULL_RUN(leaves_of_a_full_run)
{
	strcpy(full.meta.precise_how, "no such event");
	python(&full.s, same_leaves);
	full.meta.precise = true;
	full.meta.host.kpti = ANSWER_NO;
	python(&full.s, same_leaves);
}

TEST_OF_FULL_RUN(leaves_of_an_unknown_run)
{
	strcpy(full.meta.precise_how, "no such event");
	strcpy(full.meta.sample_why, "perf_event_open is refused: \"EPERM\", errno 1");
	full.meta.nr_hooks = 0;
	full.meta.emit = 0;
	full.meta.sample_hz = 0;
	full.meta.host.kpti = ANSWER_UNKNOWN;
	python(&full.s, same_leaves);
}

TEST_OF_SMALL_RUN(leaves_of_a_small_run)
{
	struct agg *agg = agg_create(&run.meta);
	struct summary s;

	strcpy(run.meta.precise_how, "no such event");
	python(&run.s, same_leaves);
	agg_summary(agg, &s);
	python(&s, same_leaves);
	agg_destroy(agg);
}

/* The values themselves, so that both are not wrong in the same way. */
TEST_OF_SMALL_RUN(values)
{
	python(&run.s,
	       "v = dict(v)\n"
	       "assert s['host']['kpti'] is False and v['host.kpti'] == 'false'\n"
	       "assert s['host']['page_offset'] == v['host.page_offset'] == '0xffff9a0000000000'\n"
	       "assert s['window_ns'] == 2000000000\n"
	       "assert s['faults']['by_code'] == {'write|user': 1009, 'write': 11}\n"
	       "assert s['faults']['by_region'] == {'user': 1020}\n"
	       "assert v['crossings.syscall'] == '100003' and v['crossings.nmi'] == ''\n"
	       "assert v['unknown.crossings.nmi'] == 'its hook is missing here'\n"
	       "assert v['processes.0.pid'] == '4711' and v['processes.1.comm'] == 'sh'\n"
	       "assert v['cr3_writes.total'] == '434' and v['events.fault.lost'] == '20'\n");
}

/* Any byte may stand in a name: both files stay valid, and say the same. */
TEST_OF_SMALL_RUN(hostile_names)
{
	char *csv;

	meta_add_loss(&run.meta, "map,full", "a\"b\r\n\xff", 3);
	fixture_hook(&run.meta, "odd \xc3(", "x", "none", "why\xfe,\n");
	snprintf(run.meta.command, sizeof(run.meta.command), "a\tb\n\xf0\x9f\x90\xa7 \x1b[2J");
	python(&run.s, same_leaves);
	python(&run.s, "assert s['processes'][0]['comm'] == 'a,b\\x1b[31m\"\\\\xff'\n"
		       "assert s['command'] == 'a\\tb\\n\\N{PENGUIN} \\x1b[2J', s['command']\n"
		       "assert s['lost']['map,full'] == {'a\"b\\r\\n\\\\xff': 3}, s['lost']\n");
	csv = fixture_print(&view_csv, &run.s, &fixture_digest);
	assert_null(strchr(csv, '\xff'));
	assert_null(strchr(csv, '\x1b'));
	assert_null(strchr(csv, '\r'));
	free(csv);
}

/* A spreadsheet runs no name with --csv-safe. */
TEST_OF_SMALL_RUN(formulas)
{
	const struct view_opts safe = { .top = 10, .csv_safe = true };
	char *csv;

	snprintf(run.meta.command, sizeof(run.meta.command), "=cmd()");
	meta_add_loss(&run.meta, "@SUM", "-2+3", 3);
	csv = fixture_print(&view_csv, &run.s, &fixture_digest);
	assert_non_null(strstr(csv, "\ncommand,=cmd()\n"));
	free(csv);
	csv = fixture_print(&view_csv, &run.s, &safe);
	assert_non_null(strstr(csv, "\ncommand,'=cmd()\n"));
	assert_null(strstr(csv, "\n@"));
	assert_null(strstr(csv, ",@"));
	free(csv);
}

TEST_OF_FULL_RUN(hostile_functions)
{
	char *json;

	agg_destroy(full.agg);
	full.agg = agg_create(&full.meta);
	full_run_hostile(&full);
	json = fixture_print(&view_json, &full.s, &fixture_digest);
	assert_null(strchr(json, '\x1b'));
	free(json);
	strcpy(full.meta.precise_how, "no such event");
	python(&full.s, same_leaves);
	/* No row goes: 60 sums, of which the Nth counts N. */
	python(&full.s,
	       "h = '\\x1b[31mred\\\\xff'\n"
	       "for k in ('callers', 'purges_by', 'kernel_flushes_by'):\n"
	       "    assert {r['caller'] for r in s['vmalloc'][k]} == {h}, k\n"
	       "rows = [r for r in s['memory']['rows'] if r['use'] != 'vmalloc']\n"
	       "assert sum(r['count'] for r in rows) == sum(range(1, 61)), rows\n"
	       "assert {r['function'] for r in rows} == {h}\n"
	       "assert {r['function'] for r in s['accesses']['functions']} == {h}\n");
}

/* 20,000 processes and as many sampled ones: (others) stand for most, and lose none. */
TEST_OF_FULL_RUN(others_stand_for_many)
{
	union kvas_record r;

	fixture_record(&r, KVAS_KIND_ACCESS, 3);
	agg_destroy(full.agg);
	full.agg = agg_create(&full.meta);
	for (__u32 pid = 1000; pid < 21000; pid++) {
		r.h.pid = pid;
		agg_event(full.agg, &r);
		agg_process(full.agg, (struct process_id){ .pid = pid }, r.h.comm, KVAS_T_SYSCALL, 1);
	}
	/* So active that it is not folded in. */
	r.h.pid = 0;
	strcpy(r.h.comm, "swapper/0");
	r.access.load.times = 1000;
	agg_event(full.agg, &r);
	agg_process(full.agg, (struct process_id){ .pid = 0 }, r.h.comm, KVAS_T_SYSCALL, 1000);
	agg_summary(full.agg, &full.s);
	strcpy(full.meta.precise_how, "no such event");
	python(&full.s, same_leaves);
	python(&full.s,
	       "for x in (s, s['accesses']):\n"
	       "    pids = {r['comm']: r['pid'] for r in x['processes']}\n"
	       "    assert pids['(others)'] is None and pids['swapper/0'] == 0, pids\n"
	       "assert sum(p['crossings'] for p in s['processes']) == 21000\n"
	       "a = s['accesses']\n"
	       "others = [r for r in a['processes'] if r['comm'] == '(others)']\n"
	       "assert len(others) == 1 and others[0]['samples'] >= a['processes_folded'] > 10000\n"
	       "assert a['functions_folded'] == 0 and s['processes_folded'] > 10000\n");
}

/* Sums of -m by use, region and function add up to the same whole. */
TEST_OF_FULL_RUN(sums_of_memory)
{
	python(&full.s,
	       "m = s['memory']\n"
	       "uses = {k: u for k, u in m.items() if k not in ('rows', 'functions')}\n"
	       "assert set(uses) == {'to_user', 'from_user', 'strings', 'slab', 'pages', 'vmalloc'}, uses\n"
	       "for k, u in uses.items():\n"
	       "    for rows in (m['rows'], m['functions']):\n"
	       "        assert sum(r['count'] for r in rows if r['use'] == k) == u['count'] > 0, k\n"
	       "    regions = u['by_region'].values()\n"
	       "    assert sum(r['count'] for r in regions) == u['count'], k\n"
	       "    if k == 'strings':\n"
	       "        assert u['bytes'] is None\n"
	       "    else:\n"
	       "        assert sum(r['bytes'] for r in regions) == u['bytes'] > 0, k\n"
	       /* Records 0 to 59, use 1 + N % 5, N + 1 times each. */
	       "assert uses['to_user']['count'] == sum(n + 1 for n in range(0, 60, 5))\n"
	       "assert uses['vmalloc']['count'] == 4 and uses['vmalloc']['bytes'] == 4 * 8192\n");
	full.meta.emit &= ~(1u << KVAS_KIND_MEMORY);
	python(&full.s, "assert s['memory'] is None and s['unknown']['memory'] == 'not asked for: -m'\n");
}

/* Numbers of the estimator come back to the last bit. */
TEST_OF_FULL_RUN(numbers_with_fractions)
{
	python(&full.s,
	       "v, a = dict(v), s['accesses']\n"
	       "for name, x in (('accesses.shares.load.direct_map.share',\n"
	       "                 a['shares']['load']['direct_map']['share']),\n"
	       "                ('accesses.expected.load', a['expected']['load']),\n"
	       "                ('vmalloc.callers.0.purges', s['vmalloc']['callers'][0]['purges'])):\n"
	       "    assert isinstance(x, float) and float(v[name]) == x, name\n"
	       "share = a['shares']['load']\n"
	       "assert abs(sum(r['share'] for r in share.values()) - 1) < 1e-9\n"
	       "assert all(0 <= r['low'] <= r['share'] <= r['high'] <= 1 for r in share.values())\n");
}

TESTS_RUN(NULL, NULL)
