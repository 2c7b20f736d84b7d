/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Without memory nothing ends the program, leaks or is lost without being said. Each scenario
 * is run again and again; each time another one of its allocations fails, the first, the second
 * and so on, then all from there on. The linker hands malloc, calloc and realloc, and two calls
 * that read a BPF map, to the functions below.
 */
#include <stdbool.h>
#include <errno.h>
#include <unistd.h>

#include "test.h"
#include "counting_sink.h"
#include "fixture.h"
#include "access/calls.h"
#include "access/text.h"
#include "agg/processes.h"
#include "agg/summary.h"
#include "agg/tasks.h"
#include "trace/memory.h"

static long fail_at = -1; /* this allocation fails; -1 none */
static bool fail_on; /* and all after it */
static long allocations;

static bool refused(void)
{
	long n = allocations++;

	if (fail_at < 0 || (n != fail_at && !(fail_on && n > fail_at)))
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return refused() ? NULL : __real_realloc(p, size);
}

/* A scenario says whether it has its whole result. */
static void each_allocation_fails(bool (*scenario)(void), long at_least)
{
	bool whole;
	long nr;

	fail_at = -1;
	allocations = 0;
	whole = scenario();
	nr = allocations;
	assert_true(whole);
	assert_true(nr >= at_least);
	for (int on = 0; on < 2; on++)
		for (long n = 0; n < nr; n++) {
			fail_on = on;
			fail_at = n;
			allocations = 0;
			whole = scenario();
			fail_at = -1;
			/* What fails on and on cannot be whole, or it would need no memory. */
			assert_false(on && n == 0 && whole);
		}
}

#define ROWS 40

static bool sum_areas(void)
{
	struct areas *a = areas_create();
	struct area_summary s;
	__u64 seen = 0;

	if (!a)
		return false;
	for (__u32 i = 0; i < 4 * ROWS; i++) {
		struct kvas_rec_vmalloc r = { .op = 1 + i % 4, .h.pid = i,
					      .address = 0x1000 * (i / 2 + 1), .bytes = 4096 };

		snprintf(r.caller, sizeof(r.caller), "f%u", i);
		areas_add(a, &r);
		areas_stack(a, r.address, i + 1);
		areas_exit(a, i);
	}
	areas_summary(a, &s);
	/* Each allocation is a live or freed area of a row, or counted as untracked. */
	seen = s.all.live.areas + s.all.freed.areas + s.untracked;
	assert_in_range(seen, ROWS, 2 * ROWS);
	areas_destroy(a);
	return seen == ROWS && s.nr_rows == ROWS && s.nr_purges == ROWS;
}

static bool sum_accesses(void)
{
	struct accesses *a = accesses_create();
	struct access_summary s;
	size_t nr;

	if (!a)
		return false;
	for (__u32 i = 0; i < ROWS; i++) {
		struct kvas_rec_access r = { .h.pid = i + 1, .mode = KVAS_ACCESS_KERNEL };

		r.load.region = r.store.region = r.stack_region = KVAS_REGION_COUNT;
		snprintf(r.function, sizeof(r.function), "f%u", i);
		accesses_add(a, &r);
	}
	accesses_summary(a, &s);
	/* No sample is lost: one without a row of its own is in "(others)". */
	assert_int_equal(s.mode[KVAS_ACCESS_KERNEL], ROWS);
	for (size_t i = 0; i < s.nr_functions && s.functions_folded; i++)
		if (!strcmp(s.functions[i].name, "(others)"))
			assert_true(s.functions[i].samples >= s.functions_folded);
	nr = s.nr_functions + s.nr_processes;
	nr = s.functions_folded || s.processes_folded ? 0 : nr;
	accesses_destroy(a);
	return nr == 2 * ROWS;
}

static bool sum_memory(void)
{
	struct memory *m = memory_create();
	struct memory_summary s;
	size_t nr;

	if (!m)
		return false;
	for (__u32 i = 0; i < ROWS; i++) {
		struct kvas_rec_memory r = { .use = KVAS_MEMORY_SLAB, .region = 1, .order = i % 8,
					     .count = 1, .bytes = 10 };

		snprintf(r.function, sizeof(r.function), "f%u", i);
		memory_add(m, &r);
	}
	memory_summary(m, &s);
	assert_int_equal(s.by[KVAS_MEMORY_SLAB][1].count, ROWS);
	nr = s.nr_rows;
	memory_destroy(m);
	return nr == ROWS;
}

static void count_delta(void *ctx, struct process_id id, const char comm[KVAS_COMM_LEN],
			unsigned int t, __u64 delta)
{
	(void)id, (void)comm, (void)t;
	*(__u64 *)ctx += delta;
}

static bool sum_tasks(void)
{
	static struct kvas_iter_task rows[ROWS];
	struct tasks *t = tasks_create();
	__u64 sum = 0;

	if (!t)
		return false;
	for (__u32 i = 0; i < ROWS; i++) {
		rows[i] = (struct kvas_iter_task){ .task = 64 * (i + 1), .pid = i, .tid = i };
		rows[i].c[0] = 1;
	}
	tasks_reading(t, rows, ROWS);
	tasks_flush(t, count_delta, &sum);
	tasks_destroy(t);
	assert_true(sum <= ROWS);
	return sum == ROWS;
}

/* f: call g; ret; g: mov (%rax),%rax; ret */
#define CODE 0xffffffff81000000ULL
static const __u8 code[64] = { 0xe8, 1, 0, 0, 0, 0xc3, 0x48, 0x8b, 0x00, 0xc3 };
static struct symbols *symbols;

static int read_code(void *ctx, __u64 va, void *buf, size_t len)
{
	(void)ctx;
	memset(buf, 0xcc, len);
	if (va < CODE || va - CODE >= sizeof(code))
		return -1;
	memcpy(buf, code + (va - CODE), len < sizeof(code) - (va - CODE) ? len :
					sizeof(code) - (va - CODE));
	return 0;
}

static bool decode_text(void)
{
	struct text *t = text_create(symbols, read_code, NULL);
	struct calls *c = t ? calls_create(t, NULL, 0) : NULL;
	struct mix mix = { 0 };
	struct function *f;
	bool whole = false;

	f = c ? text_function(t, CODE) : NULL;
	if (f) {
		assert_int_equal(f->nr, 2);
		calls_add(c, f, &f->insn[0], 1, 4, &mix);
		whole = mix.load[KVAS_BASE_POINTER] == 1;
	}
	calls_destroy(c);
	text_destroy(t);
	return whole;
}

/* The map of the sums: ROWS keys, a use of each order. */
int __wrap_bpf_map_get_next_key(int fd, const void *last, void *next);
int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value);

int __wrap_bpf_map_get_next_key(int fd, const void *last, void *next)
{
	const struct kvas_memory_key *key = last;
	__u32 order = key ? key->order + 1 : 0;

	(void)fd;
	if (order == ROWS)
		return -1;
	*(struct kvas_memory_key *)next = (struct kvas_memory_key){ .use = KVAS_MEMORY_PAGES,
								    .order = order };
	return 0;
}

int __wrap_bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	(void)fd, (void)key;
	*(struct kvas_memory_sum *)value = (struct kvas_memory_sum){ 1, 4096 };
	return 0;
}

static void count_record(void *ctx, const union kvas_record *r)
{
	*(__u64 *)ctx += r->memory.count;
}

static bool read_sums(void)
{
	struct memory_sums *m = memory_sums_create(1, 2, 1);
	struct err e = { 0 };
	__u64 sum = 0;
	int ret;

	if (!m)
		return false;
	ret = memory_sums_flush(m, NULL, 5, count_record, &sum, &e);
	if (ret) {
		assert_int_equal(ret, -1);
		assert_string_equal(e.text, "out of memory");
	}
	memory_sums_destroy(m);
	return !ret && sum == ROWS;
}

static bool sum_processes(void)
{
	static const char comm[KVAS_COMM_LEN] = "p";
	struct processes *p = processes_create();
	const struct process_sum *rows;
	__u64 folded, sum = 0;
	size_t nr;

	if (!p)
		return false;
	for (__u32 i = 0; i < ROWS; i++)
		processes_add(p, (struct process_id){ .pid = i + 1, .start_ns = 7 }, comm, 0, 1);
	rows = processes_sorted(p, &nr, &folded);
	for (size_t i = 0; i < nr; i++)
		sum += rows[i].c[0];
	/* What found no row of its own is in "(others)". */
	assert_int_equal(sum, ROWS);
	assert_int_equal(nr, ROWS - folded + !!folded);
	processes_destroy(p);
	return !folded;
}

/* The one reason there is. */
static bool no_memory(const struct err *e)
{
	assert_true(strstr(e->text, "out of memory") || strstr(e->text, strerror(ENOMEM)));
	return false;
}

static bool record(const char *dir, const struct meta *meta)
{
	struct err e = { 0 };
	union kvas_record one;
	struct recording *r;

	if (recording_create(&r, dir, meta, &e))
		return no_memory(&e);
	for (__u64 n = 0; n < ROWS; n++)
		for (int i = 0; i < 2; i++) {
			fixture_record(&one, i ? KVAS_KIND_ACCESS : KVAS_KIND_TASK, n);
			recording_event(r, &one);
		}
	recording_counter(r, 2000000000, 1, 0, 5);
	if (recording_interval(r, 2000000000, &e)) {
		recording_destroy(r);
		return no_memory(&e);
	}
	return recording_finish(r, &e) ? no_memory(&e) : true;
}

/* A recording of two kinds; what says that it is whole reads back so, with all it says. */
static bool record_and_replay(void)
{
	struct meta *meta = __real_calloc(2, sizeof(*meta)), *got = meta + 1;
	struct replay_opts opts = { false };
	struct err e = { 0 };
	char dir[64];
	size_t events;
	struct sink sink = counting_sink(&events);
	bool whole;
	int ret;

	fixture_dir(dir, sizeof(dir));
	fixture_meta(meta);
	meta->emit = 1u << KVAS_KIND_TASK | 1u << KVAS_KIND_ACCESS;
	meta->nr_hooks = 4;
	whole = record(dir, meta);
	if (whole) {
		ret = replay(dir, &opts, got, &sink, &e);
		whole = ret < 0 ? no_memory(&e) : true;
	}
	if (whole) {
		assert_int_equal(ret, 0);
		assert_int_equal(events, 2 * ROWS);
		assert_int_equal(got->nr_hooks, meta->nr_hooks);
		assert_int_equal(got->emit, meta->emit);
	}
	fixture_remove(dir);
	free(meta);
	return whole;
}

TEST(areas_without_memory)
{
	each_allocation_fails(sum_areas, 4 * ROWS);
}

TEST(accesses_without_memory)
{
	each_allocation_fails(sum_accesses, 2 * ROWS);
}

TEST(memory_without_memory)
{
	each_allocation_fails(sum_memory, ROWS);
}

TEST(tasks_without_memory)
{
	each_allocation_fails(sum_tasks, 2 * ROWS);
}

TEST(text_without_memory)
{
	each_allocation_fails(decode_text, 6);
}

TEST(processes_without_memory)
{
	each_allocation_fails(sum_processes, ROWS);
}

TEST(recordings_without_memory)
{
	each_allocation_fails(record_and_replay, 100);
}

TEST(sums_without_memory)
{
	each_allocation_fails(read_sums, 2 * ROWS);
}

static int read_symbols(void **state)
{
	char path[] = "/tmp/kvas-symbols-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	(void)state;
	fprintf(f, "%llx t f\n%llx t g\n%llx t h\n", CODE, CODE + 6, CODE + 10);
	fclose(f);
	symbols = symbols_read(path);
	unlink(path);
	return symbols ? 0 : -1;
}

TEST_FIXTURE(free_symbols, symbols_destroy(symbols))

TESTS_RUN(read_symbols, free_symbols)
