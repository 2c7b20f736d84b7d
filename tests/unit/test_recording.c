/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings: written, read back by kvas, and read by Python's csv module. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "test.h"
#include "event/event.h"
#include "pgtable/region.h"
#include "event/recording.h"
#include "fixture.h"

#define MAX_SEEN 4096

struct seen {
	union kvas_record rec[MAX_SEEN];
	size_t nr;
	__u64 counters, processes, intervals;
	__u64 last_ns, last_length_ns;
	bool fell; /* a time came before an earlier one */
	char last_comm[KVAS_COMM_LEN];
};

static char dir[64];
static struct meta meta, got; /* written and read */
static struct recording *r;
static struct seen s;
static struct err e;

static int fresh_directory(void **state)
{
	(void)state;
	fixture_dir(dir, sizeof(dir));
	fixture_meta(&meta);
	memset(&e, 0, sizeof(e));
	return 0;
}

TEST_FIXTURE(drop, fixture_remove(dir))

#define TEST_OF_DIR(name) TEST_BETWEEN(name, fresh_directory, drop)

static void record_one(unsigned int kind, __u64 n)
{
	union kvas_record one;

	fixture_record(&one, kind, n);
	recording_event(r, &one);
}

static void see_time(struct seen *s, __u64 time_ns)
{
	s->fell |= time_ns < s->last_ns;
	s->last_ns = time_ns;
}

static void see_event(void *ctx, const union kvas_record *ev)
{
	struct seen *s = ctx;

	see_time(s, ev->h.time_ns);
	assert_true(s->nr < MAX_SEEN);
	memcpy(&s->rec[s->nr++], ev, event_size(ev->h.kind));
}

static void see_counter(void *ctx, __u64 time_ns, __u32 cpu, unsigned int c, __u64 delta)
{
	see_time(ctx, time_ns);
	((struct seen *)ctx)->counters += delta * (c + 1) + cpu;
}

static void see_process(void *ctx, __u64 time_ns, struct process_id id,
			const char comm[KVAS_COMM_LEN], unsigned int t, __u64 delta)
{
	struct seen *s = ctx;

	see_time(s, time_ns);
	s->processes += delta * (t + 1) + id.pid;
	memcpy(s->last_comm, comm, KVAS_COMM_LEN);
}

static int see_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	struct seen *s = ctx;

	(void)e;
	see_time(s, time_ns);
	s->intervals++;
	s->last_length_ns = length_ns;
	return 0;
}

static int read_again(bool force)
{
	struct replay_opts opts = { force };
	struct sink sink = { &s, see_event, see_counter, see_process, see_interval, NULL };

	memset(&s, 0, sizeof(s));
	return replay(dir, &opts, &got, &sink, &e);
}

static int read_back(void)
{
	return read_again(false);
}

/* Records come back in the order of their time, those of one time in the order of their kinds. */
TEST_OF_DIR(every_kind_comes_back)
{
	union kvas_record want;
	const char comm[KVAS_COMM_LEN] = "proc";
	size_t i = 0;

	meta_add_loss(&meta, "map_full", "task", 3);
	meta_add_loss(&meta, "reader_late", "records", 2464);
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (__u64 n = 0; n < 300; n++)
		for (unsigned int kind = KVAS_KIND_TASK; kind < KVAS_KIND_END; kind++) {
			fixture_record(&want, kind, n);
			recording_event(r, &want);
		}
	recording_counter(r, 5, 2, KVAS_C_SYSCALL, 1000);
	recording_counter(r, 5, 3, KVAS_C_SYSCALL, 0);
	recording_process(r, 5, (struct process_id){ .pid = 42 }, comm, KVAS_T_SWITCH, 7);
	assert_int_equal(recording_interval(r, 6, &e), 0);
	assert_int_equal(recording_interval(r, 7, &e), 0);
	assert_int_equal(recording_finish(r, &e), 0);

	assert_int_equal(read_back(), 0);
	assert_int_equal(s.nr, 8 * 300);
	for (__u64 n = 0; n < 300; n++)
		for (unsigned int kind = KVAS_KIND_TASK; kind < KVAS_KIND_END; kind++) {
			fixture_record(&want, kind, n);
			assert_memory_equal(&s.rec[i++], &want, event_size(kind));
		}
	assert_int_equal(s.counters, 1000 * (KVAS_C_SYSCALL + 1) + 2);
	assert_int_equal(s.processes, 7 * (KVAS_T_SWITCH + 1) + 42);
	assert_int_equal(s.intervals, 2);
	assert_string_equal(s.last_comm, "proc");
	meta.complete = ANSWER_YES;
	assert_memory_equal(&got, &meta, sizeof(meta));
}

/* Tables whose rows lie between each other's, and counts at the ends of their intervals. */
TEST_OF_DIR(tables_are_merged_by_time)
{
	static const struct {
		unsigned int kind;
		__u64 at;
	} order[] = {
		{ KVAS_KIND_FAULT, 1 },	   { KVAS_KIND_TASK, 2 },    { KVAS_KIND_FAULT, 3 },
		{ KVAS_KIND_MEMORY, 9 },   { KVAS_KIND_SWITCH, 11 }, { KVAS_KIND_TASK, 12 },
		{ KVAS_KIND_VMALLOC, 13 }, { KVAS_KIND_FAULT, 14 },
	};
	const char comm[KVAS_COMM_LEN] = "proc";
	union kvas_record rec;

	meta.start_ns = 2;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i].at == 11) {
			recording_counter(r, 10, 0, KVAS_C_SYSCALL, 1);
			recording_process(r, 10, (struct process_id){ .pid = 42 }, comm, KVAS_T_SWITCH, 1);
			assert_int_equal(recording_interval(r, 10, &e), 0);
		}
		fixture_record(&rec, order[i].kind, 4 + i);
		rec.h.time_ns = order[i].at;
		recording_event(r, &rec);
	}
	recording_counter(r, 20, 0, KVAS_C_SYSCALL, 1);
	assert_int_equal(recording_interval(r, 20, &e), 0);
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(read_back(), 0);
	assert_false(s.fell);
	assert_int_equal(s.nr, sizeof(order) / sizeof(order[0]));
	for (size_t i = 0; i < s.nr; i++) {
		assert_int_equal(s.rec[i].h.kind, order[i].kind);
		assert_int_equal(s.rec[i].h.time_ns, order[i].at);
	}
	assert_int_equal(s.intervals, 2);
	assert_int_equal(s.last_ns, 20);
	assert_int_equal(s.last_length_ns, 10);
}

/* Run a Python program on DIR; its exit status. */
static int python(const char *program, const char *dir)
{
	char command[4096];

	snprintf(command, sizeof(command), "python3 -c '%s' %s", program, dir);
	return system(command);
}

/* All 255 bytes that can be in a comm, at each place in it, and its ends. */
TEST_OF_DIR(every_byte_of_a_comm_survives)
{
	union kvas_record r1;
	size_t nr = 0;

	meta.emit = 1u << KVAS_KIND_CROSSING;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (int place = 0; place < 3; place++)
		for (int byte = 0; byte < 256; byte++) {
			fixture_record(&r1, KVAS_KIND_CROSSING, nr++);
			memcpy(r1.h.comm, place == 2 ? "0123456789abcdef" : "ab\0\0\0\0\0\0\0\0\0\0\0\0\0",
			       16);
			r1.h.comm[place == 2 ? 15 : place] = byte;
			recording_event(r, &r1);
		}
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(read_back(), 0);
	assert_int_equal(s.nr, nr);
	for (size_t i = 0; i < nr; i++) {
		char want[17] = "ab";

		if (i / 256 == 2)
			memcpy(want, "0123456789abcdef", 16);
		want[i / 256 == 2 ? 15 : i / 256] = i % 256;
		/* A NUL ends the name: what stood behind it is gone. */
		assert_int_equal(strnlen(s.rec[i].h.comm, 16), strnlen(want, 16));
		assert_memory_equal(s.rec[i].h.comm, want, strnlen(want, 16));
	}
	assert_int_equal(python(
		"import csv, sys\n"
		"rows = list(csv.reader(open(sys.argv[1] + \"/crossing.csv\", newline=\"\", "
		"encoding=\"latin-1\"), strict=True))\n"
		"assert rows[0][:5] == [\"time_ns\", \"cpu\", \"pid\", \"tid\", \"comm\"], rows[0]\n"
		"got = [r[4] for r in rows[1:]]\n"
		"def want(i):\n"
		"    place, byte = divmod(i, 256)\n"
		"    s = list(\"0123456789abcdef\") if place == 2 else [\"a\", \"b\"]\n"
		"    s[15 if place == 2 else place] = chr(byte)\n"
		"    return \"\".join(s).split(chr(0))[0]\n"
		"assert got == [want(i) for i in range(768)]\n"
		"assert all(len(r) == len(rows[0]) for r in rows)\n", dir), 0);
}

/* With --csv-safe a spreadsheet runs no name, and all come back. */
TEST_OF_DIR(formulas_are_marked)
{
	static const char *const comms[] = { "=cmd()", "+1", "-2+3,4", "@SUM", "\tx", "\rx", "'q",
					     "plain", "a=b", "=\"a\"\n", "0123456789abcde",
					     "=123456789abcdef", "" };
	static const char at[KVAS_COMM_LEN] = "@x";
	const size_t nr = sizeof(comms) / sizeof(comms[0]);
	union kvas_record r1;

	meta.emit = 1u << KVAS_KIND_CROSSING;
	meta.csv_safe = true;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (size_t i = 0; i < nr; i++) {
		fixture_record(&r1, KVAS_KIND_CROSSING, i);
		memset(r1.h.comm, 0, KVAS_COMM_LEN);
		memcpy(r1.h.comm, comms[i], strlen(comms[i]));
		recording_event(r, &r1);
	}
	recording_process(r, 5, (struct process_id){ .pid = 42 }, at, KVAS_T_SWITCH, 7);
	assert_int_equal(recording_interval(r, 6, &e), 0);
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(python(
		"import csv, sys\n"
		"for table in (\"crossing\", \"interval\"):\n"
		"    rows = list(csv.reader(open(f\"{sys.argv[1]}/{table}.csv\", newline=\"\")))\n"
		"    assert not [c for r in rows for c in r if c[:1] in \"=+-@\\t\\r\" and c.lstrip(\"-\").isdigit() < (c > \"\")], rows\n"
		"    assert [c for r in rows for c in r if c[:1] == chr(39)], rows\n", dir), 0);
	assert_int_equal(read_back(), 0);
	assert_int_equal(s.nr, nr);
	for (size_t i = 0; i < nr; i++) {
		assert_int_equal(strnlen(s.rec[i].h.comm, KVAS_COMM_LEN), strlen(comms[i]));
		assert_memory_equal(s.rec[i].h.comm, comms[i], strlen(comms[i]));
	}
	assert_string_equal(s.last_comm, "@x");
}

/* A write that fails in mid-row leaves whole rows, line ends in names included. */
TEST_OF_DIR(torn_row_is_cut_off)
{
	struct rlimit was;
	union kvas_record r1;

	meta.emit = 1u << KVAS_KIND_CROSSING;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 100123, was.rlim_max }), 0);
	for (__u64 i = 0; i < 20000; i++) {
		fixture_record(&r1, KVAS_KIND_CROSSING, i);
		memcpy(r1.h.comm, "a\n\"b\n\n\n\n\n\n\n\n\n\n\n", KVAS_COMM_LEN);
		recording_event(r, &r1);
	}
	assert_int_equal(recording_finish(r, &e), -1);
	assert_non_null(strstr(e.text, "File too large"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(python(
		"import csv, sys\n"
		"name = sys.argv[1] + \"/crossing.csv\"\n"
		"raw = open(name, \"rb\").read()\n"
		"rows = list(csv.reader(open(name, newline=\"\"), strict=True))\n"
		"assert 100123 - 200 < len(raw) <= 100123, len(raw)\n"
		"assert raw[-1:] == b\"\\n\" and len({len(r) for r in rows}) == 1, rows[-1]\n"
		"assert 500 < len(rows) < 4000, len(rows)\n", dir), 0);
	assert_int_equal(read_back(), 1);
	assert_null(strstr(e.text, "last row"));
}

TEST_OF_DIR(python_reads_the_same_values)
{
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (__u64 n = 0; n < 4; n++) {
		record_one(KVAS_KIND_FAULT, n);
		record_one(KVAS_KIND_PGD, n);
		record_one(KVAS_KIND_TASK, n);
	}
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(python(
		"import csv, json, sys\n"
		"d = sys.argv[1]\n"
		"f = list(csv.DictReader(open(d + \"/fault.csv\", newline=\"\")))\n"
		"assert [r[\"address\"] for r in f] == [hex(0x7f0000001000 + n * 4096) for n in range(4)]\n"
		"assert f[3][\"ip\"] == \"0xffffffff9d123456\" and f[3][\"ip_region\"] == \"kernel_image\"\n"
		"assert f[3][\"flags\"] == \"present|write\" and f[3][\"error_code\"] == \"0x3\"\n"
		"assert f[0][\"region\"] == \"user\" and f[0][\"mode\"] == \"user\"\n"
		"p = list(csv.DictReader(open(d + \"/pgd.csv\", newline=\"\")))\n"
		"assert p[0][\"order\"] == \"\" and p[0][\"bytes\"] == \"\"\n"
		"assert p[1][\"order\"] == \"1\" and p[1][\"bytes\"] == \"8192\"\n"
		"assert p[1][\"pgd_region\"] == \"direct_map\" and p[1][\"op\"] == \"free\"\n"
		"t = list(csv.DictReader(open(d + \"/task.csv\", newline=\"\")))\n"
		"assert [(r[\"op\"], r[\"group_dead\"]) for r in t] == ["
		"(\"fork\", \"\"), (\"exit\", \"1\"), (\"fork\", \"\"), (\"exit\", \"0\")], t\n"
		"m = json.load(open(d + \"/meta.json\"))\n"
		"assert m[\"complete\"] is True and m[\"host\"][\"page_offset\"] == \"0xffff9a0000000000\"\n"
		"t = m[\"tables\"][\"fault.csv\"]\n"
		"raw = open(d + \"/fault.csv\", \"rb\").read()\n"
		"assert t[\"rows\"] == 4 and t[\"bytes\"] == len(raw) and len(t[\"xxh3\"]) == 18, t\n",
		dir), 0);
}

/* Kernel addresses become region and offset; what follows from them stays. */
TEST_OF_DIR(redacted_keeps_regions_and_hides_bases)
{
	union kvas_record r1;

	meta.redacted = true;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	record_one(KVAS_KIND_TASK, 0);
	fixture_record(&r1, KVAS_KIND_FAULT, 1);
	recording_event(r, &r1);
	r1.fault.ip = 0xffffffffc0001000ULL; /* modules: only the region is told */
	recording_event(r, &r1);
	r1.fault.ip = 0xffffffffbd123456ULL; /* the image's last 512 MiB, without KASLR as with it */
	recording_event(r, &r1);
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(python(
		"import csv, sys\n"
		"d = sys.argv[1]\n"
		"t = list(csv.DictReader(open(d + \"/task.csv\", newline=\"\")))[0]\n"
		"assert t[\"task\"] == \"direct_map+0x1000000\", t\n"
		"assert t[\"stack\"] == \"vmalloc+0x10000\", t\n"
		"f = list(csv.DictReader(open(d + \"/fault.csv\", newline=\"\")))\n"
		"assert f[0][\"ip\"] == \"kernel_image+0x123456\" and f[0][\"address\"] == \"0x7f0000002000\"\n"
		"assert f[1][\"ip\"] == \"modules+?\", f[1]\n"
		"m = open(d + \"/meta.json\").read()\n"
		"assert \"0xffff\" not in m\n", dir), 0);
	assert_int_equal(read_back(), 0);
	/* Back on the layout without KASLR (Documentation/arch/x86/x86_64/mm.rst). */
	assert_int_equal(s.rec[0].task.task, 0xffff888001000000ULL);
	assert_int_equal(s.rec[0].task.stack, 0xffffc90000010000ULL);
	assert_int_equal(s.rec[1].fault.ip, 0xffffffff81123456ULL);
	assert_int_equal(region_of(&got.host.layout, s.rec[2].fault.ip), KVAS_REGION_MODULES);
	assert_int_equal(s.rec[3].fault.ip, 0xffffffffa1123456ULL);
	assert_int_equal(region_of(&got.host.layout, s.rec[3].fault.ip), KVAS_REGION_KERNEL_IMAGE);
	/* A recording of a kvas that did not look how the kernel is built. */
	assert_int_equal(python("import json, sys\n"
				"f = sys.argv[1] + \"/meta.json\"\n"
				"m = json.load(open(f))\n"
				"assert m[\"host\"].pop(\"randomize_base\") is True\n"
				"json.dump(m, open(f, \"w\"))\n", dir), 0);
	assert_int_equal(read_back(), 0);
	assert_int_equal(got.host.layout.randomize_base, ANSWER_UNKNOWN);
}

/* The same columns in another order: Python reverses those of three tables. */
TEST_OF_DIR(columns_are_bound_by_name)
{
	const char comm[KVAS_COMM_LEN] = "proc";
	union kvas_record want;

	meta.emit = 1u << KVAS_KIND_FAULT | 1u << KVAS_KIND_TASK;
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (__u64 n = 0; n < 20; n++)
		record_one(n % 2 ? KVAS_KIND_FAULT : KVAS_KIND_TASK, n);
	recording_process(r, 5, (struct process_id){ .pid = 42 }, comm, KVAS_T_SWITCH, 7);
	assert_int_equal(recording_interval(r, 2000000000, &e), 0);
	assert_int_equal(recording_finish(r, &e), 0);
	assert_int_equal(python("import csv, sys\n"
				"for t in \"fault\", \"task\", \"interval\":\n"
				"    name = sys.argv[1] + \"/\" + t + \".csv\"\n"
				"    rows = list(csv.reader(open(name, newline=\"\")))\n"
				"    w = csv.writer(open(name, \"w\"), lineterminator=\"\\n\")\n"
				"    w.writerows(r[::-1] for r in rows)\n", dir), 0);
	assert_int_equal(read_again(true), 0);
	assert_int_equal(s.nr, 20);
	for (__u64 n = 0; n < 20; n++) {
		fixture_record(&want, n % 2 ? KVAS_KIND_FAULT : KVAS_KIND_TASK, n);
		assert_memory_equal(&s.rec[n], &want, want.h.size);
	}
	assert_int_equal(s.processes, 7 * (KVAS_T_SWITCH + 1) + 42);
}

TEST_OF_DIR(existing_directory_is_left_alone)
{
	char file[128];
	FILE *f;

	snprintf(file, sizeof(file), "%s/precious", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(recording_create(&r, dir, &meta, &e), -1);
	assert_non_null(strstr(e.text, dir));
	assert_non_null(strstr(e.text, "-o"));
	fixture_remove(dir);
	/* An empty one that is there is taken, its files are private. */
	fixture_dir(dir, sizeof(dir));
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	assert_int_equal(recording_finish(r, &e), 0);
	snprintf(file, sizeof(file), "%s/fault.csv", dir);
	struct stat st;
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(recording_create(&r, "/proc/nowhere/x", &meta, &e), -1);
	assert_non_null(strstr(e.text, "/proc/nowhere/x"));
}

TESTS_RUN(NULL, NULL)
