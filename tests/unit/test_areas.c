/* SPDX-License-Identifier: GPL-2.0 */
/* vmalloc areas by caller, counted by hand; and who the caller is, of made-up stacks. */
#include "test.h"
#include "agg/areas.h"
#include "trace/callers.h"

#define AT 0xffffc90000000000ULL

static struct areas *a;
static struct area_summary s;

TEST_FIXTURE(no_areas, a = areas_create(); assert_non_null(a))
TEST_FIXTURE(drop, areas_destroy(a))

#define TEST_OF_AREAS(name) TEST_BETWEEN(name, no_areas, drop)

struct event {
	__u32 op;
	__u64 time, address, bytes, areas;
	__u32 pid;
	const char *caller;
};

static void feed(struct areas *a, const struct event *e, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct kvas_rec_vmalloc r = {
			.h = { .kind = KVAS_KIND_VMALLOC, .size = sizeof(r), .time_ns = e[i].time,
			       .pid = e[i].pid },
			.op = e[i].op, .address = e[i].address, .bytes = e[i].bytes,
			.areas = e[i].areas,
		};

		snprintf(r.caller, sizeof(r.caller), "%s", e[i].caller ? e[i].caller : "");
		areas_add(a, &r);
	}
}

#define FEED(a, events) feed(a, events, sizeof(events) / sizeof(events[0]))

static const struct area_row *row_of_caller(const struct area_summary *s, const char *caller)
{
	for (size_t i = 0; i < s->nr_rows; i++)
		if (!strcmp(s->rows[i].caller, caller))
			return &s->rows[i];
	fail_msg("no row of %s", caller);
	return NULL;
}

static void is(struct area_sum got, __u64 areas, __u64 bytes)
{
	assert_int_equal(got.areas, areas);
	assert_int_equal(got.bytes, bytes);
}

static void near(double got, double want)
{
	if (got < want - 1e-6 || got > want + 1e-6)
		fail_msg("%g, not %g", got, want);
}

TEST_OF_AREAS(from_birth_to_purge)
{
	static const struct event events[] = {
		{ KVAS_VM_ALLOC, 1, AT, 8192, 0, 7, "fork" },
		{ KVAS_VM_ALLOC, 2, AT + 0x10000, 4096, 0, 7, "map" },
		{ KVAS_VM_ALLOC, 3, AT + 0x20000, 4096, 0, 8, "map" },
		{ KVAS_VM_FREE, 4, AT, 8192, 0, 9, "worker" },
		{ KVAS_VM_FREE, 5, AT + 0x10000, 4096, 0, 9, "worker" },
		{ KVAS_VM_FREE, 6, AT + 0x90000, 12288, 0, 9, "worker" }, /* from before */
		{ KVAS_VM_PURGE, 7, AT, 0xa0000, 3, 9, "drain" },
		{ KVAS_VM_FLUSH, 7, AT, 0xa0000, 0, 9, "purge" },
		{ KVAS_VM_FLUSH, 8, AT, 0x1000, 0, 9, "set_memory" },
		{ KVAS_VM_FLUSH, 9, AT, 0x2000, 0, 9, "set_memory" },
		{ KVAS_VM_FLUSH, 9, AT, 0x2000, 0, 9, "map" },
		{ KVAS_VM_FLUSH, 9, AT, 0x2000, 0, 9, "" },
		{ KVAS_VM_ALLOC, 10, AT, 16384, 0, 7, "map" }, /* where one was */
		{ KVAS_VM_FREE, 11, AT + 0x20000, 4096, 0, 8, "worker" },
	};

	FEED(a, events);
	areas_summary(a, &s);
	assert_int_equal(s.nr_rows, 2);
	assert_string_equal(s.rows[0].caller, "map"); /* 24576 bytes against 8192 */
	is(row_of_caller(&s, "map")->alloc, 3, 24576);
	is(row_of_caller(&s, "map")->live, 1, 16384);
	is(row_of_caller(&s, "map")->lazy, 1, 4096);
	is(row_of_caller(&s, "map")->purged, 1, 4096);
	is(row_of_caller(&s, "fork")->purged, 1, 8192);
	is(row_of_caller(&s, "fork")->live, 0, 0);
	is(s.all.alloc, 4, 32768);
	is(s.all.freed, 3, 16384);
	is(s.all.leaked, 0, 0);
	is(s.older, 1, 12288);
	/* 8192 and 4096 of the 24576 bytes that the purge took. */
	near(row_of_caller(&s, "fork")->purges, 1 / 3.);
	near(row_of_caller(&s, "map")->purges, 1 / 6.);
	assert_int_equal(s.nr_purges, 1);
	assert_string_equal(s.flushes[0].caller, "set_memory");
	assert_int_equal(s.flushes[0].count, 2);
	assert_int_equal(s.flushes[0].bytes, 0x3000);
	assert_int_equal(s.flushes[1].count, 1);
}

/* What is freed while a purge is under way, and what lies outside, waits. */
TEST_OF_AREAS(a_purge_takes_what_it_says)
{
	static const struct event events[] = {
		{ KVAS_VM_ALLOC, 1, AT, 4096, 0, 7, "f" },
		{ KVAS_VM_ALLOC, 2, AT + 0x10000, 4096, 0, 7, "g" },
		{ KVAS_VM_ALLOC, 3, AT + 0x20000, 4096, 0, 7, "h" },
		{ KVAS_VM_FREE, 4, AT + 0x20000, 4096, 0, 7, "w" },
		{ KVAS_VM_FREE, 5, AT, 4096, 0, 7, "w" },
		{ KVAS_VM_FREE, 6, AT + 0x10000, 4096, 0, 7, "w" },
		{ KVAS_VM_PURGE, 7, AT, 0x20000, 1, 7, "drain" },
	};
	static const struct event all[] = {
		{ KVAS_VM_PURGE, 8, 0, 0, 0, 7, "drain" }, /* neither range nor number */
	};

	FEED(a, events);
	areas_summary(a, &s);
	is(row_of_caller(&s, "f")->purged, 1, 4096);
	is(row_of_caller(&s, "g")->lazy, 1, 4096);
	is(row_of_caller(&s, "h")->lazy, 1, 4096);
	near(row_of_caller(&s, "f")->purges, 1);
	FEED(a, all);
	areas_summary(a, &s);
	is(s.all.lazy, 0, 0);
	is(s.all.purged, 3, 12288);
	near(row_of_caller(&s, "g")->purges, 0.5);
}

TEST_OF_AREAS(what_the_dead_leave)
{
	static const struct event events[] = {
		{ KVAS_VM_ALLOC, 10, AT, 4096, 0, 7, "f" },
		{ KVAS_VM_ALLOC, 11, AT + 0x10000, 8192, 0, 7, "f" },
		{ KVAS_VM_ALLOC, 12, AT + 0x20000, 16384, 0, 8, "f" },
		{ KVAS_VM_ALLOC, 30, AT + 0x30000, 32768, 0, 7, "f" }, /* another process 7 */
		{ KVAS_VM_FREE, 40, AT, 4096, 0, 1, "w" },
	};

	feed(a, events, 3);
	areas_exit(a, 7);
	areas_exit(a, 99);
	feed(a, events + 3, 2);
	areas_summary(a, &s);
	is(s.all.live, 3, 8192 + 16384 + 32768);
	is(s.all.leaked, 1, 8192);
	areas_exit(a, 7);
	areas_summary(a, &s);
	is(s.all.leaked, 2, 8192 + 32768);
}

/* A stack is its task's: the parent, 7, makes it, and it waits in a cache between tasks. */
TEST_OF_AREAS(stacks_are_their_tasks)
{
	static const struct event events[] = {
		{ KVAS_VM_ALLOC, 5, AT, 20480, 0, 7, "copy_process" },
		{ KVAS_VM_FREE, 8, AT, 20480, 0, 9, "w" },
		{ KVAS_VM_ALLOC, 10, AT, 20480, 0, 7, "copy_process" },
		{ KVAS_VM_ALLOC, 11, AT + 0x10000, 20480, 0, 7, "copy_process" },
		{ KVAS_VM_ALLOC, 12, AT + 0x20000, 4096, 0, 7, "f" },
	};

	feed(a, events, 1);
	areas_stack(a, AT, 60);
	areas_exit(a, 60);
	areas_summary(a, &s);
	is(row_of_caller(&s, "copy_process")->leaked, 1, 20480);
	feed(a, events + 1, 4);
	areas_stack(a, AT, 61);
	areas_stack(a, AT + 0x10000, 62);
	areas_stack(a, AT + 0x50000, 63); /* older than the window */
	areas_exit(a, 7);
	areas_summary(a, &s);
	is(row_of_caller(&s, "copy_process")->leaked, 0, 0);
	is(row_of_caller(&s, "f")->leaked, 1, 4096);
	areas_exit(a, 61); /* its stack waits */
	areas_summary(a, &s);
	is(row_of_caller(&s, "copy_process")->leaked, 1, 20480);
	areas_stack(a, AT, 64);
	areas_summary(a, &s);
	is(row_of_caller(&s, "copy_process")->leaked, 0, 0);
	areas_exit(a, 62);
	areas_exit(a, 64);
	areas_summary(a, &s);
	is(row_of_caller(&s, "copy_process")->leaked, 2, 40960);
}

/* Sized and named when they are freed; no part of what is live, lazy or left behind of the window's. */
TEST_OF_AREAS(there_at_the_start)
{
	static const struct event events[] = {
		{ KVAS_VM_THERE, 1, AT, 8192, 0, 0, "f" },
		{ KVAS_VM_THERE, 1, AT + 0x10000, 4096, 0, 0, "f" },
		{ KVAS_VM_THERE, 1, AT + 0x20000, 16384, 0, 0, "g" },
		{ KVAS_VM_ALLOC, 2, AT + 0x30000, 4096, 0, 7, "f" },
		{ KVAS_VM_FREE, 3, AT, 8192, 0, 7, "w" },
		{ KVAS_VM_FREE, 4, AT + 0x30000, 4096, 0, 7, "w" },
		{ KVAS_VM_FREE, 5, AT + 0x50000, 4096, 0, 7, "w" }, /* known to nobody */
		{ KVAS_VM_PURGE, 6, AT, 0x60000, 3, 7, "drain" },
		{ KVAS_VM_ALLOC, 7, AT, 20480, 0, 7, "g" }, /* where one was */
		{ KVAS_VM_ALLOC, 8, AT + 0x10000, 4096, 0, 7, "g" }, /* f's free was lost */
	};

	FEED(a, events);
	areas_stack(a, AT + 0x20000, 7);
	areas_exit(a, 7);
	areas_summary(a, &s);
	is(s.all.start, 3, 28672);
	is(s.all.start_freed, 1, 8192);
	is(row_of_caller(&s, "f")->start, 2, 12288);
	is(row_of_caller(&s, "f")->start_freed, 1, 8192);
	is(row_of_caller(&s, "f")->freed, 1, 4096);
	is(row_of_caller(&s, "g")->start, 1, 16384);
	is(s.all.alloc, 3, 28672);
	is(s.all.live, 2, 24576);
	is(s.all.leaked, 2, 24576);
	is(s.all.lazy, 0, 0);
	is(s.all.purged, 1, 4096);
	is(s.older, 1, 4096);
	/* 8192 and 4096 of the 16384 bytes that the purge took are f's. */
	near(row_of_caller(&s, "f")->purges, 0.75);
}

/* The list was read after an allocation that is known. */
TEST_OF_AREAS(there_and_allocated)
{
	static const struct event events[] = {
		{ KVAS_VM_ALLOC, 1, AT, 8192, 0, 7, "f" },
		{ KVAS_VM_THERE, 1, AT, 8192, 0, 0, "f" },
	};

	FEED(a, events);
	areas_summary(a, &s);
	is(s.all.start, 0, 0);
	is(s.all.live, 1, 8192);
}

/* Records may be missing or mad; nothing is counted below 0. */
TEST_OF_AREAS(lost_records)
{
	static const struct event events[] = {
		{ KVAS_VM_ALLOC, 1, AT, 4096, 0, 7, "f" },
		{ KVAS_VM_ALLOC, 2, AT, 8192, 0, 7, "g" }, /* f's free was lost */
		{ KVAS_VM_FREE, 3, AT, 8192, 0, 7, "w" },
		{ KVAS_VM_FREE, 4, AT, 8192, 0, 7, "w" },
		{ KVAS_VM_PURGE, 5, AT, ~0ULL, ~0ULL, 7, "" },
		{ 77, 6, AT, 1, 1, 7, "f" },
	};

	FEED(a, events);
	areas_summary(a, &s);
	is(s.all.live, 0, 0);
	is(row_of_caller(&s, "f")->alloc, 1, 4096);
	is(row_of_caller(&s, "g")->purged, 1, 8192);
	assert_string_equal(s.purges[0].caller, "");
}

/* 600 causes, once each of 4096 bytes. */
static void others_are(const struct area_cause *c, size_t nr)
{
	__u64 count = 0;

	assert_int_equal(nr, 513);
	assert_string_equal(c[0].caller, "(others)");
	assert_int_equal(c[0].count, 88);
	assert_int_equal(c[0].bytes, 88 * 4096);
	for (size_t i = 0; i < nr; i++)
		count += c[i].count;
	assert_int_equal(count, 600);
}

TEST_OF_AREAS(callers_are_bounded)
{
	char name[16];

	for (int i = 0; i < 600; i++) {
		struct event e = { KVAS_VM_ALLOC, i, AT + i * 8192ULL, 4096, 0, 7, name };

		snprintf(name, sizeof(name), "f%d", i);
		feed(a, &e, 1);
	}
	areas_summary(a, &s);
	is(s.all.alloc, 600, 600 * 4096);
	assert_int_equal(s.nr_rows, 513);
	is(row_of_caller(&s, "(others)")->alloc, 88, 88 * 4096);
	for (int i = 0; i < 600; i++) {
		struct event e = { i % 2 ? KVAS_VM_PURGE : KVAS_VM_FLUSH, 700 + i, AT, 4096, 0, 7,
				   name };

		snprintf(name, sizeof(name), "f%d", i);
		feed(a, &e, 1);
		e.op = i % 2 ? KVAS_VM_FLUSH : KVAS_VM_PURGE;
		feed(a, &e, 1);
	}
	areas_summary(a, &s);
	others_are(s.purges, s.nr_purges);
	others_are(s.flushes, s.nr_flushes);
}

static const char *const functions[] = {
	"bpf_trace_run6", "__traceiter_alloc_vmap_area", "alloc_vmap_area", "__get_vm_area_node.isra.0",
	"__vmalloc_node_range_noprof", "vzalloc_noprof", "my_driver_open", "do_open",
	"free_vmap_area_noflush", "vfree", "delayed_vfree_work", "flush_tlb_kernel_range",
	"__purge_vmap_area_lazy", "drain_vmap_area_work", "process_one_work", "vmalloc_test",
	"__alloc_frozen_pages_noprof", "alloc_pages_mpol", "allocate_slab", "___slab_alloc",
	"__check_object_size", "store_msg", "simple_copy_to_iter", "kernel_recvmsg",
	"strncpy_from_user", "getname_flags.part.0",
};

static struct symbols *made_up(void)
{
	char path[] = "/tmp/kvas-symbols-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	struct symbols *s;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		fprintf(f, "%llx t %s\n", 0xffffffff81000000ULL + i * 256, functions[i]);
	fclose(f);
	s = symbols_read(path);
	remove(path);
	assert_non_null(s);
	return s;
}

/* STACK: names, innermost first. */
static void called_by(__u32 op, const char *const *stack, const char *want)
{
	struct symbols *s = made_up();
	struct kvas_rec_vmalloc r = { .op = op };

	for (int i = 0; stack[i]; i++)
		r.stack[i] = symbols_find(s, stack[i]) + 256; /* a call at its very end */
	callers_name(s, &r);
	assert_string_equal(r.caller, want);
	symbols_destroy(s);
}

#define CALLED_BY(op, want, ...) \
	called_by(op, (const char *const[]){ __VA_ARGS__, NULL }, want)

TEST(callers_by_stack)
{
	struct kvas_rec_vmalloc r = { .op = KVAS_VM_ALLOC };

	CALLED_BY(KVAS_VM_ALLOC, "my_driver_open", "bpf_trace_run6", "__traceiter_alloc_vmap_area",
		  "alloc_vmap_area", "__get_vm_area_node.isra.0", "__vmalloc_node_range_noprof",
		  "vzalloc_noprof", "my_driver_open", "do_open");
	CALLED_BY(KVAS_VM_ALLOC, "vmalloc_test", "alloc_vmap_area", "vmalloc_test", "do_open");
	CALLED_BY(KVAS_VM_FREE, "delayed_vfree_work", "bpf_trace_run6", "free_vmap_area_noflush",
		  "vfree", "delayed_vfree_work", "process_one_work");
	CALLED_BY(KVAS_VM_PURGE, "drain_vmap_area_work", "__purge_vmap_area_lazy",
		  "drain_vmap_area_work", "process_one_work");
	CALLED_BY(KVAS_VM_FLUSH, "__purge_vmap_area_lazy", "flush_tlb_kernel_range",
		  "__purge_vmap_area_lazy", "drain_vmap_area_work");
	/* The code itself is not on the stack, or nothing called it. */
	CALLED_BY(KVAS_VM_FLUSH, "", "bpf_trace_run6", "do_open");
	CALLED_BY(KVAS_VM_ALLOC, "", "alloc_vmap_area");
	memset(r.stack, 0xff, sizeof(r.stack));
	callers_name(NULL, &r);
	assert_string_equal(r.caller, "");
	for (int i = 0; i < KVAS_VM_STACK; i++)
		assert_int_equal(r.stack[i], 0);
}

static void used_by(__u32 use, const char *const *stack, const char *want)
{
	__u64 at[KVAS_MEMORY_STACK] = { 0 };
	struct symbols *s = made_up();
	const char *got;

	for (int i = 0; stack[i]; i++)
		at[i] = symbols_find(s, stack[i]) + 256;
	got = callers_of_memory(s, at, use);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
	symbols_destroy(s);
}

#define USED_BY(use, want, ...) \
	used_by(KVAS_MEMORY_##use, (const char *const[]){ __VA_ARGS__, NULL }, want)

TEST(users_of_memory)
{
	USED_BY(PAGES, "allocate_slab", "bpf_trace_run6", "__alloc_frozen_pages_noprof",
		"alloc_pages_mpol", "allocate_slab", "___slab_alloc");
	USED_BY(PAGES, "store_msg", "__alloc_frozen_pages_noprof", "store_msg", "kernel_recvmsg");
	USED_BY(TO_USER, "store_msg", "__check_object_size", "store_msg", "do_open");
	USED_BY(FROM_USER, "strncpy_from_user", "__check_object_size", "strncpy_from_user",
		"getname_flags.part.0");
	/* To memory of the kernel's own, and a stack that does not show who. */
	USED_BY(TO_USER, NULL, "__check_object_size", "simple_copy_to_iter", "kernel_recvmsg",
		"do_open");
	USED_BY(TO_USER, "", "bpf_trace_run6", "do_open");
}

TESTS_RUN(NULL, NULL)
