/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows a second of the CSV writer and of report's reader, one thread, real files
 * in DIR (default /dev/shm: memory, so that the disk is not what is measured).
 * Usage: csv [ROWS [DIR]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event/event.h"
#include "model/words.h"
#include "event/recording.h"
#include "../tests/unit/counting_sink.h"
#include "../tests/unit/fixture.h"

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void make_record(union kvas_record *r, unsigned int kind)
{
	memset(r, 0, sizeof(*r));
	r->h.time_ns = 123456789012345;
	r->h.kind = kind;
	r->h.size = event_size(kind);
	r->h.cpu = 1;
	r->h.pid = 12345;
	r->h.tid = 12346;
	strcpy(r->h.comm, "cc1");
	if (kind == KVAS_KIND_FAULT) {
		r->fault.mode = KVAS_FAULT_USER;
		r->fault.address = 0x7f8adb7e2ee0;
		r->fault.ip = 0x7f8adb7e2000;
		r->fault.error_code = 6;
	} else if (kind == KVAS_KIND_SWITCH) {
		r->sw.op = KVAS_SWITCH_MM_LOADED;
		r->sw.next_pid = r->sw.next_tid = 4711;
		strcpy(r->sw.next_comm, "make");
		r->sw.prev_mm = 0xffff888104854300;
		r->sw.next_mm = 0xffff888104854c00;
	} else {
		r->task.op = KVAS_TASK_FORK;
		r->task.child_pid = r->task.child_tid = 12347;
		r->task.clone_flags = 0x1200011;
		r->task.task = 0xffff888104854300;
		r->task.stack = 0xffffc90008570000;
		r->task.mm = 0xffff888107373240;
		r->task.pgd = 0xffff888105146000;
	}
}

static double write_rows(const char *dir, struct meta *meta, unsigned int kind, long rows)
{
	union kvas_record rec;
	struct recording *r;
	struct err e = { 0 };
	double t;

	make_record(&rec, kind);
	meta->emit = 1u << kind;
	if (recording_create(&r, dir, meta, &e))
		exit(err_print(&e));
	t = now_s();
	for (long i = 0; i < rows; i++) {
		rec.h.time_ns += 997;
		rec.h.tid = 12000 + i % 1000;
		if (kind == KVAS_KIND_FAULT)
			rec.fault.address += 4096;
		recording_event(r, &rec);
	}
	if (recording_finish(r, &e))
		exit(err_print(&e));
	return now_s() - t;
}

static double read_rows(const char *dir, long rows)
{
	static struct meta meta;
	struct replay_opts opts = { false };
	size_t seen = 0;
	struct sink sink = counting_sink(&seen);
	struct err e = { 0 };
	double t = now_s();

	if (replay(dir, &opts, &meta, &sink, &e))
		exit(err_print(&e));
	t = now_s() - t;
	if (seen != (size_t)rows) {
		fprintf(stderr, "read %zu rows of %ld\n", seen, rows);
		exit(1);
	}
	return t;
}

#define REPEATS 7

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static const unsigned int kinds[] = { KVAS_KIND_FAULT, KVAS_KIND_SWITCH, KVAS_KIND_TASK };
	long rows = argc > 1 ? atol(argv[1]) : 1000000;
	static struct meta meta;
	char dir[256];

	meta.host.layout = (struct layout){ .levels = 4,
					    .page_offset = 0xffff888000000000,
					    .direct_map_end = 0xffff888640000000,
					    .vmalloc_base = 0xffffc90000000000,
					    .vmemmap_base = 0xffffea0000000000 };
	printf("CSV, million rows a second, one thread: median (range) of %d\n", REPEATS);
	printf("targets: write 5, read 2\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		double w[REPEATS], r[REPEATS];

		for (int n = 0; n < REPEATS; n++) {
			snprintf(dir, sizeof(dir), "%s/kvas-bench-XXXXXX",
				 argc > 2 ? argv[2] : "/dev/shm");
			if (!mkdtemp(dir))
				return 1;
			w[n] = rows / write_rows(dir, &meta, kinds[i], rows) / 1e6;
			r[n] = rows / read_rows(dir, rows) / 1e6;
			fixture_remove(dir);
		}
		qsort(w, REPEATS, sizeof(w[0]), by_value);
		qsort(r, REPEATS, sizeof(r[0]), by_value);
		printf("%-8s write %5.2f (%.2f to %.2f)   read %5.2f (%.2f to %.2f)\n",
		       word_kind_name(kinds[i]), w[REPEATS / 2], w[0], w[REPEATS - 1],
		       r[REPEATS / 2], r[0], r[REPEATS - 1]);
	}
	return 0;
}
