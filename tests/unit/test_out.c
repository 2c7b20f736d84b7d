/* SPDX-License-Identifier: GPL-2.0 */
/* The views of a made-up summary. JSON is read back by jansson and by Python. */
#include <jansson.h>

#include "test.h"
#include "fixture.h"
#include "view/format.h"
#include "view/view.h"

static struct meta meta;
static struct summary s;
static struct process_sum procs[2];
static __u64 by_cpu[3][KVAS_C_COUNT];

static int setup(void **state)
{
	(void)state;
	fixture_meta(&meta);
	memset(&s, 0, sizeof(s));
	s.meta = &meta;
	s.c[KVAS_C_FORK] = 37;
	s.c[KVAS_C_EXEC] = 31;
	s.c[KVAS_C_EXIT] = 36;
	s.c[KVAS_C_PGD_ALLOC] = 68;
	s.c[KVAS_C_PGD_FREE] = 60;
	s.c[KVAS_C_SYSCALL] = 100003;
	s.c[KVAS_C_FAULT_USER] = 1009;
	s.c[KVAS_C_FAULT_KERNEL] = 11;
	s.c[KVAS_C_IRQ_USER] = 500;
	s.c[KVAS_C_SWITCH] = 422;
	s.c[KVAS_C_SWITCH_MM_LOADED] = 400;
	s.c[KVAS_C_SWITCH_LAZY_KTHREAD] = 22;
	s.c[KVAS_C_CR3_FLUSH] = 300;
	s.c[KVAS_C_CR3_NOFLUSH] = 101;
	s.c[KVAS_C_CR3_TLB_FLUSH] = 33;
	s.c[KVAS_C_FAULT_CODE + 6] = 1009;
	s.c[KVAS_C_FAULT_CODE + 2] = 11;
	s.c[KVAS_C_FAULT_REGION + KVAS_REGION_USER] = 1020;
	s.c[KVAS_C_VM_ALLOC] = 3;
	s.c[KVAS_C_VM_ALLOC_BYTES] = 61440;
	s.c[KVAS_C_LOST_RING + KVAS_KIND_FAULT] = 20;
	s.seen[KVAS_KIND_FAULT] = 1000;
	s.seen[KVAS_KIND_TASK] = 104;
	s.objects[OBJECT_STACK][KVAS_REGION_VMALLOC] = 37;
	procs[0] = (struct process_sum){ 4711, "a,b\x1b[31m\"\xff", { 100003, 1009, 11, 500, 7, 9 },
					 false };
	procs[1] = (struct process_sum){ 12, "sh", { 1, 2, 3, 4, 5, 6 }, false };
	/* A third on CPU 0, nothing on 1, the rest on 2. */
	memset(by_cpu, 0, sizeof(by_cpu));
	for (int c = 0; c < KVAS_C_COUNT; c++) {
		by_cpu[0][c] = s.c[c] / 3;
		by_cpu[2][c] = s.c[c] - s.c[c] / 3;
	}
	s.cpu = (const __u64(*)[KVAS_C_COUNT])by_cpu;
	s.nr_cpus = 3;
	s.processes = procs;
	s.nr_processes = 2;
	return 0;
}

static char *text_of(void (*view)(FILE *))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	view(f);
	fclose(f);
	return text;
}

static void view_as_text(FILE *f)
{
	view_header(f, &meta);
	view_summary_text(f, &s, 10);
}

static void view_json(FILE *f)
{
	view_summary_json(f, &s);
}

static void view_csv(FILE *f)
{
	view_summary_csv(f, &s);
}

static void view_interval(FILE *f)
{
	view_interval_text(f, &s, 2.0, "05:11:02", 5);
}

static void narrow(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > 80)
			fail_msg("%zu columns: %.*s", len, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static __s64 number(json_t *root, const char *path)
{
	char copy[128], *save;
	json_t *v = root;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *k = strtok_r(copy, ".", &save); k; k = strtok_r(NULL, ".", &save))
		v = json_object_get(v, k);
	if (!json_is_integer(v))
		fail_msg("%s is no number", path);
	return json_integer_value(v);
}

static bool is_null(json_t *root, const char *a, const char *b)
{
	return json_is_null(json_object_get(json_object_get(root, a), b));
}

static json_t *json_of_summary(void)
{
	char *text = text_of(view_json);
	json_t *root = json_loads(text, 0, NULL);

	free(text);
	assert_non_null(root);
	return root;
}

static bool lower_bound(json_t *root)
{
	return json_is_true(
		json_object_get(json_object_get(root, "cr3_writes"), "total_is_lower_bound"));
}

/* KPTI is off: its writes are 0, and what they would be is two a crossing. */
TEST_BETWEEN(ledger_without_kpti, setup, NULL)
{
	json_t *r = json_of_summary();

	assert_int_equal(number(r, "crossings.syscall"), 100003);
	assert_int_equal(number(r, "crossings.irq"), 500);
	assert_int_equal(number(r, "cr3_writes.kpti_entry.syscall"), 0);
	assert_int_equal(number(r, "cr3_writes.kpti_exit"), 0);
	assert_int_equal(number(r, "cr3_writes.kpti_would_be"), 203024);
	assert_int_equal(number(r, "cr3_writes.mm_switch"), 401);
	assert_int_equal(number(r, "cr3_writes.tlb_flush"), 33);
	assert_int_equal(number(r, "cr3_writes.total"), 434);
	assert_false(lower_bound(r));
	assert_true(is_null(r, "crossings", "nmi"));
	/* Without its hooks a temporary mm's loads are among mm_switch. */
	assert_true(is_null(r, "cr3_writes", "temporary_mm"));
	assert_true(is_null(r, "cr3_writes", "kpti_ns"));
	json_decref(r);
}

TEST_BETWEEN(ledger_with_kpti, setup, NULL)
{
	json_t *r;

	meta.host.kpti = ANSWER_YES;
	r = json_of_summary();
	assert_int_equal(number(r, "cr3_writes.kpti_entry.syscall"), 100003);
	assert_int_equal(number(r, "cr3_writes.kpti_entry.page_fault"), 1009);
	assert_int_equal(number(r, "cr3_writes.kpti_exit"), 101512);
	assert_int_equal(number(r, "cr3_writes.total"), 101512 + 101512 + 434);
	/* NMIs have no hook in this plan. */
	assert_true(lower_bound(r));
	json_decref(r);

	fixture_hook(&meta, "exception", "tp_btf x", "derived", "");
	fixture_hook(&meta, "nmi", "tp_btf x", "observed", "");
	fixture_hook(&meta, "temporary_begin", "fentry x", "observed", "");
	fixture_hook(&meta, "temporary_end", "fexit x", "observed", "");
	s.c[KVAS_C_EXCEPTION] = 11;
	s.c[KVAS_C_NMI_USER] = 5;
	s.c[KVAS_C_CR3_TEMPORARY] = 8;
	r = json_of_summary();
	assert_int_equal(number(r, "cr3_writes.kpti_entry.exception"), 11);
	assert_int_equal(number(r, "cr3_writes.kpti_entry.nmi"), 5);
	assert_int_equal(number(r, "cr3_writes.kpti_exit"), 101512 + 16);
	assert_int_equal(number(r, "cr3_writes.temporary_mm"), 8);
	assert_int_equal(number(r, "cr3_writes.total"), 2 * (101512 + 16) + 434 + 8);
	assert_false(lower_bound(r));
	json_decref(r);

	/* The end of an NMI of kernel mode may be one write more. */
	s.c[KVAS_C_NMI_KERNEL] = 1;
	r = json_of_summary();
	assert_true(lower_bound(r));
	assert_string_equal(json_string_value(json_object_get(json_object_get(r, "unknown"),
							      "cr3_writes.total_is_lower_bound")),
			    "NMIs may write CR3 too");
	json_decref(r);
}

/* Read where cpu_tlbstate is known; all 0 beside such switches is not an answer. */
TEST_BETWEEN(slots, setup, NULL)
{
	json_t *r;

	r = json_of_summary();
	assert_true(is_null(r, "asid", "reused"));
	json_decref(r);
	meta.host.slots = ANSWER_YES;
	r = json_of_summary();
	assert_true(is_null(r, "asid", "reused"));
	json_decref(r);
	s.c[KVAS_C_SLOT_EVICTED] = 400;
	r = json_of_summary();
	assert_int_equal(number(r, "asid.reused"), 0);
	assert_int_equal(number(r, "asid.evicted"), 400);
	assert_int_equal(number(r, "asid.global"), 0);
	json_decref(r);
}

/* 22 switches to kernel threads and 20 back, 3 of which had to load CR3. */
TEST_BETWEEN(writes_avoided, setup, NULL)
{
	json_t *r;

	s.c[KVAS_C_SWITCH_LAZY_RETURN] = 20;
	s.c[KVAS_C_LAZY_LOADED] = 3;
	r = json_of_summary();
	assert_int_equal(number(r, "switches.lazy_avoided"), 39);
	json_decref(r);
}

/* The CPUs' writes are parts of the whole. */
TEST_BETWEEN(cpus_add_up, setup, NULL)
{
	__s64 sum = 0;
	json_t *r, *cpu;
	size_t i;

	meta.host.kpti = ANSWER_YES;
	r = json_of_summary();
	json_array_foreach(json_object_get(r, "cpus"), i, cpu)
		sum += number(cpu, "cr3_writes.total");
	assert_int_equal(sum, number(r, "cr3_writes.total"));
	json_decref(r);
}

TEST_BETWEEN(the_time_kpti_takes, setup, NULL)
{
	json_t *r;

	s.kpti_cost_ns = 100;
	r = json_of_summary();
	assert_int_equal(number(r, "cr3_writes.kpti_ns"), 10151200);
	json_decref(r);
}

TEST_BETWEEN(unknown_is_null_not_zero, setup, NULL)
{
	json_t *r;
	char *text;

	meta.nr_hooks = 0;
	meta.host.kpti = ANSWER_UNKNOWN;
	meta.pgd_live_start = -1;
	meta.pgd_order = KVAS_ORDER_UNKNOWN;
	r = json_of_summary();
	assert_true(is_null(r, "host", "kpti"));
	assert_true(is_null(r, "crossings", "syscall"));
	assert_true(is_null(r, "crossings", "irq"));
	assert_true(is_null(r, "pgd", "live"));
	assert_true(is_null(r, "pgd", "bytes_each"));
	assert_true(is_null(r, "switches", "total"));
	assert_true(is_null(r, "cr3_writes", "kpti_exit"));
	assert_true(is_null(r, "vmalloc", "alloc"));
	json_decref(r);
	text = text_of(view_as_text);
	assert_has(text, "unknown  system calls",
		   "KPTI unknown");
	free(text);
}

TEST_BETWEEN(pgds, setup, NULL)
{
	json_t *r = json_of_summary();

	assert_int_equal(number(r, "pgd.live"), 40 + 68 - 60);
	assert_int_equal(number(r, "pgd.bytes_each"), 8192);
	assert_true(json_is_true(json_object_get(json_object_get(r, "pgd"), "derived")));
	json_decref(r);
}

TEST_BETWEEN(losses_stand_beside_the_figures, setup, NULL)
{
	json_t *r = json_of_summary();
	char *text = text_of(view_as_text);

	assert_int_equal(number(r, "events.fault.happened"), 1020);
	assert_int_equal(number(r, "events.fault.seen"), 1000);
	assert_int_equal(number(r, "events.fault.lost"), 20);
	assert_int_equal(number(r, "lost.events"), 20);
	assert_has(text, "1,020  fault records",
		   "1,000    seen",
		   "20    lost: a ring was full");
	/* 422 switches happened, none was seen, none was counted lost. */
	assert_has(text, "422    unaccounted");
	/* 104 = 37 forks + 31 execs + 36 exits. */
	assert_has(text, "104  task records                      all seen");
	assert_has_not(text, "lost: nothing");
	json_decref(r);
	free(text);
	s.c[KVAS_C_LOST_RING + KVAS_KIND_FAULT] = 0;
	text = text_of(view_as_text);
	assert_has(text, "lost: nothing");
	free(text);
	meta_add_loss(&meta, "recursion", "sched_switch", 5);
	text = text_of(view_as_text);
	assert_has_not(text, "lost: nothing");
	assert_has(text, "5  recursion (sched_switch)");
	free(text);
}

TEST_BETWEEN(hostile_comm_is_harmless, setup, NULL)
{
	char *text, *live = text_of(view_interval), *json = text_of(view_json);

	strcpy(meta.filter, "comm \x1b[31mred");
	text = text_of(view_as_text);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(live, '\x1b'));
	assert_null(strchr(json, '\x1b'));
	assert_has(text, "a,b\\x1b[31m");
	free(text);
	free(live);
	free(json);
}

TEST_BETWEEN(python_reads_json_and_csv, setup, NULL)
{
	char dir[64], command[2048];
	char *json = text_of(view_json), *csv = text_of(view_csv);

	fixture_dir(dir, sizeof(dir));
	fixture_write(dir, "s.json", json);
	fixture_write(dir, "s.csv", csv);
	snprintf(command, sizeof(command),
		 "python3 -c '\n"
		 "import csv, json, sys\n"
		 "s = json.load(open(sys.argv[1] + \"/s.json\", encoding=\"utf-8\"))\n"
		 "assert s[\"schema\"] == 1 and s[\"host\"][\"kpti\"] is False\n"
		 "assert s[\"host\"][\"page_offset\"] == \"0xffff9a0000000000\"\n"
		 "assert s[\"window_ns\"] == 2000000000\n"
		 "assert s[\"processes\"][0][\"comm\"] == \"a,b\\x1b[31m\\\"\\\\xff\", s[\"processes\"]\n"
		 "assert s[\"faults\"][\"by_code\"] == {\"write|user\": 1009, \"write\": 11}\n"
		 "assert s[\"objects\"][\"stack\"] == {\"vmalloc\": 37}\n"
		 "for k in (\"lost\", \"hooks\", \"tasks\", \"pgd\", \"crossings\", \"cr3_writes\", "
		 "\"switches\", \"faults\", \"accesses\", \"vmalloc\"): assert k in s, k\n"
		 "rows = list(csv.reader(open(sys.argv[1] + \"/s.csv\", newline=\"\"), strict=True))\n"
		 "v = dict(rows)\n"
		 "assert rows[0] == [\"name\", \"value\"] and len(v) == len(rows)\n"
		 "assert v[\"crossings.syscall\"] == \"100003\" and v[\"crossings.nmi\"] == \"\"\n"
		 "assert v[\"processes.0.comm\"] == s[\"processes\"][0][\"comm\"]\n"
		 "' %s", dir);
	assert_int_equal(system(command), 0);
	fixture_remove(dir);
	free(json);
	free(csv);
}

TEST_BETWEEN(redacted_shows_no_base, setup, NULL)
{
	char *text, *json;

	meta.redacted = true;
	text = text_of(view_as_text);
	json = text_of(view_json);
	assert_has_not(text, "0xffff");
	assert_has_not(json, "0xffff");
	free(text);
	free(json);
}

/* The widest figures that can occur still leave 80 columns. */
TEST_BETWEEN(nothing_wraps, setup, NULL)
{
	char *text, *live;

	for (int i = 0; i < KVAS_C_COUNT; i++)
		s.c[i] = 1000000000000000ULL;
	for (int k = 0; k < KVAS_KIND_END; k++)
		s.seen[k] = 1000000000000000ULL;
	for (int i = 0; i < KVAS_T_COUNT; i++)
		procs[0].c[i] = 1000000000000000ULL;
	procs[0].pid = 4194304;
	memset(procs[0].comm, 0xff, sizeof(procs[0].comm));
	memset(meta.host.kernel, 'k', 64);
	memset(meta.host.kpti_how, 'h', 79);
	memset(meta.host.layout_how, 'h', 79);
	memset(meta.filter, 'f', 63);
	memset(meta.command, 'c', 255);
	for (unsigned int i = 0; i < meta.nr_hooks; i++)
		strcpy(meta.hooks[i].provenance, i % 2 ? "derived" : "none");
	hist_add(&s.pgd_lifetime_ns, ~0ULL);
	hist_add(&s.vm_bytes, ~0ULL);
	text = text_of(view_as_text);
	live = text_of(view_interval);
	narrow(text);
	narrow(live);
	free(text);
	free(live);
}

TEST_BETWEEN(interval_gives_rates, setup, NULL)
{
	char *text = text_of(view_interval);

	/* Over two seconds: half of each count, 504.5 shown even. 100003 + 1009 + 500
	 * = 101512. */
	assert_has(text, "05:11:02  crossings 50.8k/s: syscall 50.0k, page fault 504",
		   "KPTI off, would be 102k",
		   "4711");
	narrow(text);
	free(text);
}

TEST(numbers)
{
	char b[FORMAT_MAX];

	assert_string_equal(format_count(b, 0), "0");
	assert_string_equal(format_count(b, 999), "999");
	assert_string_equal(format_count(b, 1234567), "1,234,567");
	assert_string_equal(format_count(b, ~0ULL), "18,446,744,073,709,551,615");
	assert_string_equal(format_short(b, 0), "0");
	assert_string_equal(format_short(b, 7), "7");
	assert_string_equal(format_short(b, 1.5), "1.50");
	assert_string_equal(format_short(b, 999.4), "999");
	assert_string_equal(format_short(b, 999.6), "1.00k");
	assert_string_equal(format_short(b, 12345), "12.3k");
	assert_string_equal(format_short(b, 123456789), "123M");
	assert_string_equal(format_ns(b, 999), "999 ns");
	assert_string_equal(format_ns(b, 1500), "1.50 us");
	assert_string_equal(format_ns(b, 86400000000000ULL), "86400 s");
	assert_string_equal(format_ns(b, 10ULL * 86400000000000ULL), "10 d");
	assert_string_equal(format_bytes(b, 20480), "20.0 KiB");
	assert_string_equal(format_bytes(b, 1023), "1023 B");
}

TESTS_RUN(NULL, NULL)
