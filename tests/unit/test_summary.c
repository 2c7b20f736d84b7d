/* SPDX-License-Identifier: GPL-2.0 */
#include "test.h"
#include "agg/summary.h"

/* In the direct map, in vmalloc and in a hole of the layout below. */
#define IN_DIRECT_MAP 0xffff888012345000ULL
#define IN_VMALLOC 0xffffc90000004000ULL
#define IN_HOLE 0xffffe95000000000ULL

static const struct meta meta = {
	.host.layout = {
		.levels = 4,
		.page_offset = 0xffff888000000000,
		.direct_map_end = 0xffff888640000000,
		.vmalloc_base = 0xffffc90000000000,
		.vmemmap_base = 0xffffea0000000000,
	},
};

static struct agg *a;
static struct summary s;

TEST_FIXTURE(no_events, a = agg_create(&meta); assert_non_null(a))
TEST_FIXTURE(drop, agg_destroy(a))

#define TEST_OF_AGG(name) TEST_BETWEEN(name, no_events, drop)

static void agg_record(struct agg *a, const void *record)
{
	union kvas_record r;

	/* As the decoder hands it on: no more than the record's own bytes mean anything. */
	memset(&r, 0xee, sizeof(r));
	memcpy(&r, record, ((const struct kvas_hdr *)record)->size);
	agg_event(a, &r);
}

static void task_event(struct agg *a, __u32 op, __u64 task, __u64 stack, __u64 mm)
{
	struct kvas_rec_task r = {
		.h = { .kind = KVAS_KIND_TASK, .size = sizeof(r) },
		.task = task,
		.stack = stack,
		.mm = mm,
		.op = op,
	};

	agg_record(a, &r);
}

static void pgd_event(struct agg *a, __u32 op, __u32 how, __u64 time, __u64 alloc, __u64 exit)
{
	struct kvas_rec_pgd r = {
		.h = { .kind = KVAS_KIND_PGD, .size = sizeof(r), .time_ns = time },
		.pgd = IN_DIRECT_MAP,
		.alloc_ns = alloc,
		.exit_ns = exit,
		.op = op,
		.how = how,
	};

	agg_record(a, &r);
}

static void vm_event(struct agg *a, __u32 op, __u64 time, __u64 bytes, __u64 alloc)
{
	struct kvas_rec_vmalloc r = {
		.h = { .kind = KVAS_KIND_VMALLOC, .size = sizeof(r), .time_ns = time },
		.address = IN_VMALLOC, .bytes = bytes, .alloc_ns = alloc, .op = op,
	};

	agg_record(a, &r);
}

TEST_OF_AGG(objects_are_placed_when_they_begin)
{
	task_event(a, KVAS_TASK_FORK, IN_DIRECT_MAP, IN_VMALLOC, IN_DIRECT_MAP);
	task_event(a, KVAS_TASK_THREAD, IN_DIRECT_MAP, IN_VMALLOC, IN_DIRECT_MAP);
	task_event(a, KVAS_TASK_VFORK, IN_DIRECT_MAP, IN_DIRECT_MAP, IN_DIRECT_MAP);
	task_event(a, KVAS_TASK_KTHREAD, IN_HOLE, IN_VMALLOC, 0);
	task_event(a, KVAS_TASK_EXEC, IN_DIRECT_MAP, IN_VMALLOC, IN_VMALLOC);
	task_event(a, KVAS_TASK_EXIT, IN_DIRECT_MAP, IN_VMALLOC, IN_DIRECT_MAP);
	task_event(a, KVAS_TASK_FORK, 0, 0, 0); /* nothing known of them */
	pgd_event(a, KVAS_PGD_ALLOC, KVAS_HOW_OBSERVED, 5, 0, 0);
	pgd_event(a, KVAS_PGD_FREE, KVAS_HOW_OBSERVED, 9, 0, 0);
	agg_summary(a, &s);
	assert_int_equal(s.objects[OBJECT_TASK][KVAS_REGION_DIRECT_MAP], 3);
	assert_int_equal(s.objects[OBJECT_TASK][KVAS_REGION_OTHER], 1);
	assert_int_equal(s.objects[OBJECT_TASK][KVAS_REGION_USER], 0);
	assert_int_equal(s.objects[OBJECT_STACK][KVAS_REGION_VMALLOC], 3);
	assert_int_equal(s.objects[OBJECT_STACK][KVAS_REGION_DIRECT_MAP], 1);
	assert_int_equal(s.objects[OBJECT_STACK][KVAS_REGION_USER], 0);
	assert_int_equal(s.objects[OBJECT_MM][KVAS_REGION_DIRECT_MAP], 1);
	assert_int_equal(s.objects[OBJECT_MM][KVAS_REGION_VMALLOC], 1);
	assert_int_equal(s.objects[OBJECT_MM][KVAS_REGION_USER], 0);
	assert_int_equal(s.objects[OBJECT_PGD][KVAS_REGION_DIRECT_MAP], 1);
	assert_int_equal(s.seen[KVAS_KIND_TASK], 7);
	assert_int_equal(s.seen[KVAS_KIND_PGD], 2);
	assert_ptr_equal(s.meta, &meta);
}

/* At every hook, and as often as it is met there. */
TEST_OF_AGG(objects_by_hook)
{
	struct kvas_rec_switch sw = { .h = { .kind = KVAS_KIND_SWITCH, .size = sizeof(sw) },
				      .op = KVAS_SWITCH_MM_LOADED, .prev_mm = IN_VMALLOC };
	const int fork = MET_TASK + KVAS_TASK_FORK - 1, exit = MET_TASK + KVAS_TASK_EXIT - 1;

	task_event(a, KVAS_TASK_FORK, IN_DIRECT_MAP, IN_VMALLOC, IN_DIRECT_MAP);
	task_event(a, KVAS_TASK_EXIT, IN_DIRECT_MAP, IN_HOLE, 0);
	task_event(a, KVAS_TASK_EXIT, IN_DIRECT_MAP, IN_VMALLOC, 0);
	task_event(a, 0, IN_DIRECT_MAP, 0, 0); /* no such op */
	task_event(a, KVAS_TASK_KTHREAD + 1, IN_DIRECT_MAP, 0, 0);
	pgd_event(a, KVAS_PGD_FREE, KVAS_HOW_OBSERVED, 9, 0, 0);
	agg_record(a, &sw);
	sw.next_mm = IN_DIRECT_MAP;
	agg_record(a, &sw);
	agg_summary(a, &s);
	assert_int_equal(s.met[fork][OBJECT_TASK][KVAS_REGION_DIRECT_MAP], 1);
	assert_int_equal(s.met[fork][OBJECT_STACK][KVAS_REGION_VMALLOC], 1);
	assert_int_equal(s.met[exit][OBJECT_TASK][KVAS_REGION_DIRECT_MAP], 2);
	assert_int_equal(s.met[exit][OBJECT_STACK][KVAS_REGION_OTHER], 1);
	assert_int_equal(s.met[exit][OBJECT_STACK][KVAS_REGION_VMALLOC], 1);
	assert_int_equal(s.met[exit][OBJECT_MM][KVAS_REGION_USER], 0);
	assert_int_equal(s.met[MET_PGD_FREE][OBJECT_PGD][KVAS_REGION_DIRECT_MAP], 1);
	assert_int_equal(s.met[MET_PGD_ALLOC][OBJECT_PGD][KVAS_REGION_DIRECT_MAP], 0);
	assert_int_equal(s.met[MET_SWITCH][OBJECT_MM][KVAS_REGION_VMALLOC], 2);
	assert_int_equal(s.met[MET_SWITCH][OBJECT_MM][KVAS_REGION_DIRECT_MAP], 1);
	assert_string_equal(object_hook_name(fork), "fork");
	assert_string_equal(object_hook_name(MET_TASK + KVAS_TASK_KTHREAD - 1), "kthread");
	assert_string_equal(object_hook_name(MET_SWITCH), "switch");
}

TEST_OF_AGG(a_pgds_life_and_lag)
{
	pgd_event(a, KVAS_PGD_FREE, KVAS_HOW_DERIVED, 1000, 900, 990);
	pgd_event(a, KVAS_PGD_FREE, KVAS_HOW_OBSERVED, 1000, 1000, 0); /* at once; exit not seen */
	pgd_event(a, KVAS_PGD_FREE, KVAS_HOW_DERIVED, 1000, 0, 998); /* older than kvas */
	pgd_event(a, KVAS_PGD_FREE, KVAS_HOW_OBSERVED, 1000, 1001, 1002); /* clocks differ */
	pgd_event(a, KVAS_PGD_ALLOC, KVAS_HOW_DERIVED, 1000, 1, 1); /* no end yet */
	agg_summary(a, &s);
	assert_int_equal(s.pgd_lifetime_ns.count, 2);
	assert_int_equal(s.pgd_lifetime_ns.sum, 100);
	assert_int_equal(s.pgd_lifetime_ns.min, 0);
	assert_int_equal(s.pgd_lifetime_ns.max, 100);
	assert_int_equal(s.pgd_exit_to_free_ns.count, 2);
	assert_int_equal(s.pgd_exit_to_free_ns.min, 2);
	assert_int_equal(s.pgd_exit_to_free_ns.max, 10);
	assert_int_equal(s.pgd_derived, 3);
}

TEST_OF_AGG(vmalloc_sizes_and_lives)
{
	vm_event(a, KVAS_VM_ALLOC, 10, 20480, 0);
	vm_event(a, KVAS_VM_ALLOC, 11, 8192, 0);
	vm_event(a, KVAS_VM_ALLOC, 12, 0, 0); /* size not known */
	vm_event(a, KVAS_VM_FREE, 60, 20480, 10);
	vm_event(a, KVAS_VM_FREE, 61, 8192, 0); /* beginning not known */
	vm_event(a, KVAS_VM_FREE, 62, 4096, 63);
	agg_summary(a, &s);
	assert_int_equal(s.vm_bytes.count, 2);
	assert_int_equal(s.vm_bytes.sum, 28672);
	assert_int_equal(s.vm_lifetime_ns.count, 1);
	assert_int_equal(s.vm_lifetime_ns.max, 50);
	assert_int_equal(s.seen[KVAS_KIND_VMALLOC], 6);
}

TEST_OF_AGG(counters_add_up_over_cpus)
{
	agg_counter(a, 0, KVAS_C_SYSCALL, 40);
	agg_counter(a, 1, KVAS_C_SYSCALL, 2);
	agg_counter(a, 1023, KVAS_C_COUNT - 1, 7);
	agg_counter(a, 0, KVAS_C_COUNT, 1000); /* no such counter */
	agg_counter(a, 0, ~0u, 1000);
	agg_summary(a, &s);
	assert_int_equal(s.c[KVAS_C_SYSCALL], 42);
	assert_int_equal(s.c[KVAS_C_COUNT - 1], 7);
	assert_int_equal(s.c[KVAS_C_FORK], 0);
	assert_int_equal(s.nr_processes, 0);
}

TEST_OF_AGG(records_of_no_kind_are_left_alone)
{
	static const __u16 kinds[] = { 0, KVAS_KIND_END, 0xffff };
	struct kvas_hdr h = { .size = sizeof(h) };

	for (int i = 0; i < 3; i++) {
		h.kind = kinds[i];
		agg_record(a, &h);
	}
	h.kind = KVAS_KIND_CROSSING; /* counted, nothing more is taken from it */
	agg_record(a, &h);
	agg_summary(a, &s);
	for (int k = 0; k < KVAS_KIND_END; k++)
		assert_int_equal(s.seen[k], k == KVAS_KIND_CROSSING);
}

static __u64 next(__u64 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* The I-th of a set of events of every kind and op, some of them odd. */
static void nth_event(struct agg *a, unsigned int i)
{
	static const __u64 where[] = { 0, IN_DIRECT_MAP, IN_VMALLOC, IN_HOLE };
	__u64 x = 88172645463325252ULL + i * 7919ULL;

	for (int n = 0; n < 5; n++)
		next(&x);
	switch (i % 4) {
	case 0:
		task_event(a, 1 + i / 4 % 6, where[x & 3], where[x >> 2 & 3], where[x >> 4 & 3]);
		break;
	case 1:
		pgd_event(a, 1 + (x & 1), 1 + (x >> 1 & 1), x >> 20, x & 4 ? x >> (x >> 58) : 0,
			  x & 8 ? x >> 21 : 0);
		break;
	case 2:
		vm_event(a, 1 + (x & 1), x >> 20, x >> 40, x & 2 ? x >> 22 : 0);
		break;
	default:
		agg_counter(a, x & 7, x >> 8 & 63, x >> 32);
	}
}

TEST(order_does_not_matter)
{
	static unsigned int order[1009];
	const size_t n = sizeof(order) / sizeof(order[0]);
	struct agg *first = agg_create(&meta), *other;
	static struct summary want, got;
	__u64 x = 0x2545f4914f6cdd1d;

	for (size_t i = 0; i < n; i++) {
		order[i] = i;
		nth_event(first, i);
	}
	agg_summary(first, &want);
	assert_in_range(want.pgd_lifetime_ns.count, 10, n);
	assert_in_range(want.vm_lifetime_ns.count, 10, n);
	for (int round = 0; round < 10; round++) {
		for (size_t i = n - 1; i > 0; i--) {
			size_t j = next(&x) % (i + 1);
			unsigned int t = order[i];

			order[i] = order[j];
			order[j] = t;
		}
		other = agg_create(&meta);
		for (size_t i = 0; i < n; i++)
			nth_event(other, order[i]);
		agg_summary(other, &got);
		assert_memory_equal(&got, &want, offsetof(struct summary, cpu));
		assert_int_equal(got.nr_cpus, want.nr_cpus);
		assert_memory_equal(got.cpu, want.cpu, want.nr_cpus * sizeof(*want.cpu));
		agg_destroy(other);
	}
	agg_destroy(first);
}

static void assert_row(const struct process_sum *p, __u32 pid, const char *comm, __u64 sum)
{
	__u64 c = 0;

	for (int t = 0; t < KVAS_T_COUNT; t++)
		c += p->c[t];
	assert_int_equal(p->id.pid, pid);
	assert_string_equal(p->comm, comm);
	assert_int_equal(c, sum);
}

static void give(struct agg *a, __u32 pid, const char *comm, unsigned int t, __u64 delta)
{
	char padded[KVAS_COMM_LEN] = { 0 };

	memcpy(padded, comm, strlen(comm));
	agg_process(a, (struct process_id){ .pid = pid }, padded, t, delta);
}

TEST_OF_AGG(processes_most_active_first)
{
	give(a, 30, "c", KVAS_T_SYSCALL, 5);
	give(a, 10, "a", KVAS_T_SWITCH, 3);
	give(a, 20, "b", KVAS_T_IRQ, 5);
	give(a, 10, "a", KVAS_T_SYSCALL, 7);
	give(a, 10, "a", KVAS_T_COUNT, 1000); /* no such counter */
	agg_summary(a, &s);
	assert_int_equal(s.nr_processes, 3);
	assert_int_equal(s.processes_folded, 0);
	assert_row(&s.processes[0], 10, "a", 10);
	assert_int_equal(s.processes[0].c[KVAS_T_SWITCH], 3);
	assert_int_equal(s.processes[0].c[KVAS_T_SYSCALL], 7);
	assert_row(&s.processes[1], 20, "b", 5); /* a tie: lower pid first */
	assert_row(&s.processes[2], 30, "c", 5);
	/* What comes later goes on from there. */
	give(a, 30, "c", KVAS_T_SYSCALL, 6);
	agg_summary(a, &s);
	assert_row(&s.processes[0], 30, "c", 11);
}

/* kvas's own process is known by its pid: it is in no list, and its counts are apart. */
TEST(kvas_itself_is_apart)
{
	struct meta own = meta;

	own.self.pid = 10;
	own.self.cpu_ns = 7;
	a = agg_create(&own);
	give(a, 10, "kvas", KVAS_T_SYSCALL, 1000);
	give(a, 10, "kvas", KVAS_T_SWITCH, 30);
	give(a, 11, "make", KVAS_T_SYSCALL, 5);
	give(a, 0, "swapper/0", KVAS_T_IRQ, 3);
	agg_summary(a, &s);
	assert_int_equal(s.nr_processes, 2);
	assert_row(&s.processes[0], 11, "make", 5);
	assert_row(&s.processes[1], 0, "swapper/0", 3);
	assert_int_equal(s.self[KVAS_T_SYSCALL], 1000);
	assert_int_equal(s.self[KVAS_T_SWITCH], 30);
	assert_int_equal(s.self_cpu_ns, 7);
	agg_destroy(a);
	/* Where it is not known which process is kvas, all are others. */
	own.self.pid = 0;
	a = agg_create(&own);
	give(a, 0, "swapper/0", KVAS_T_IRQ, 3);
	agg_summary(a, &s);
	assert_int_equal(s.nr_processes, 1);
	assert_int_equal(s.self[KVAS_T_IRQ], 0);
	agg_destroy(a);
}

TEST_OF_AGG(the_last_name_given_counts)
{
	/* 16 bytes and no end, as a comm may be. */
	static const char full[KVAS_COMM_LEN] = { 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
						  'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p' };

	give(a, 7, "sh", KVAS_T_SYSCALL, 1);
	give(a, 7, "make", KVAS_T_SYSCALL, 1);
	give(a, 7, "", KVAS_T_SYSCALL, 1);
	agg_process(a, (struct process_id){ .pid = 8 }, full, KVAS_T_SYSCALL, 1);
	agg_summary(a, &s);
	assert_row(&s.processes[0], 7, "make", 3);
	assert_memory_equal(s.processes[1].comm, full, KVAS_COMM_LEN);
}

TEST_OF_AGG(the_least_active_half_folds)
{
	for (__u32 pid = 1; pid <= 4096; pid++)
		give(a, pid, "p", KVAS_T_SYSCALL, pid);
	agg_summary(a, &s);
	assert_int_equal(s.nr_processes, 4096);
	assert_int_equal(s.processes_folded, 0);
	give(a, 9999, "new", KVAS_T_IRQ, 1);
	agg_summary(a, &s);
	/* 2049 .. 4096, the new one and "(others)": 1 + 2 + .. + 2048 */
	assert_int_equal(s.nr_processes, 2050);
	assert_int_equal(s.processes_folded, 2048);
	assert_row(&s.processes[0], 0, "(others)", 2098176);
	assert_row(&s.processes[1], 4096, "p", 4096);
	assert_row(&s.processes[2048], 2049, "p", 2049);
	assert_row(&s.processes[2049], 9999, "new", 1);
	/* One that was folded begins anew. */
	give(a, 1, "p", KVAS_T_SYSCALL, 5);
	agg_summary(a, &s);
	assert_row(&s.processes[2049], 1, "p", 5);
}

TEST_OF_AGG(of_equals_the_higher_pids_fold)
{
	for (__u32 pid = 4096; pid >= 1; pid--)
		give(a, pid, "p", KVAS_T_SWITCH, 1);
	give(a, 5000, "p", KVAS_T_SWITCH, 1);
	agg_summary(a, &s);
	assert_row(&s.processes[0], 0, "(others)", 2048);
	for (__u32 i = 1; i <= 2048; i++)
		assert_row(&s.processes[i], i, "p", 1);
	assert_row(&s.processes[2049], 5000, "p", 1);
}

TEST_OF_AGG(nothing_is_lost_by_folding)
{
	__u64 x = 88172645463325252ULL, given[KVAS_T_COUNT] = { 0 }, got[KVAS_T_COUNT] = { 0 };

	for (int i = 0; i < 100003; i++) {
		unsigned int t = next(&x) % KVAS_T_COUNT;
		__u64 delta = x >> 50;

		give(a, x % 30011, "p", t, delta);
		given[t] += delta;
	}
	agg_summary(a, &s);
	assert_in_range(s.nr_processes, 2049, AGG_MAX_PROCESSES + 1);
	assert_in_range(s.processes_folded, 4096, 100003);
	for (size_t i = 0; i < s.nr_processes; i++)
		for (int t = 0; t < KVAS_T_COUNT; t++)
			got[t] += s.processes[i].c[t];
	assert_memory_equal(got, given, sizeof(given));
}

TEST(objects_have_names)
{
	assert_string_equal(object_name(OBJECT_TASK), "task");
	assert_string_equal(object_name(OBJECT_STACK), "stack");
	assert_string_equal(object_name(OBJECT_MM), "mm");
	assert_string_equal(object_name(OBJECT_PGD), "pgd");
}

TESTS_RUN(NULL, NULL)
