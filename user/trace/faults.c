/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/faults.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/ksyms.h"
#include "kvas/x86.h"
#include "pgtable/walk.h"
#include "trace/tracer.h"

#define INTERVAL_S 0.1
#define INTERVALS 5
#define PAGES 64
#define RING (256 * 1024) /* bytes, of a CPU: half a second of faults */
/* Between cpu_entry_area and espfix, with 4 and with 5 levels: nothing is mapped there. */
#define HOLE 0xfffffe9000000000ULL
#define HOLES 4

struct watch {
	const struct space *space;
	struct kernel_faults *out;
	struct region_map regions;
	unsigned int intervals;
	unsigned int looked_up; /* places of OUT whose names were looked for */
};

static void add_place(struct kernel_faults *k, __u64 ip, __u64 address)
{
	struct fault_place *p = k->place, *end = k->place + k->nr_places;

	while (p < end && p->ip != ip)
		p++;
	if (p == k->place + FAULT_PLACES) {
		k->elsewhere++;
		return;
	}
	if (p == end) {
		*p = (struct fault_place){ .ip = ip, .address = address };
		k->nr_places++;
	}
	p->count++;
}

/* Name the functions of the places that are new: soon, as BPF programs come and go. */
static void name_places(struct watch *w)
{
	struct ksym_near near[FAULT_PLACES] = { 0 };
	unsigned int first = w->looked_up, nr = w->out->nr_places - first;

	for (unsigned int i = 0; i < nr; i++)
		near[i].addr = w->out->place[first + i].ip;
	w->looked_up += nr;
	if (!nr || ksyms_nearest(KALLSYMS, near, nr))
		return;
	for (unsigned int i = 0; i < nr; i++) {
		struct fault_place *p = &w->out->place[first + i];

		if (ksym_reaches(&near[i], &w->regions))
			snprintf(p->function, sizeof(p->function), "%.63s", near[i].name);
	}
}

static void on_event(void *ctx, const union kvas_record *ev)
{
	struct watch *w = ctx;
	enum kvas_region r;

	if (ev->h.kind != KVAS_KIND_FAULT || ev->fault.mode != KVAS_FAULT_KERNEL)
		return;
	r = region_map_find(&w->regions, ev->fault.address);
	w->out->by_region[r]++;
	if (r != KVAS_REGION_USER)
		add_place(w->out, ev->fault.ip, ev->fault.address);
}

/* The kernel writes to memory nobody touched yet: it faults there in kernel mode. */
static void provoke(void)
{
	void *fresh = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fresh != MAP_FAILED && read(fd, fresh, PAGES * 4096) < 0)
		perror("kvas: /dev/zero");
	if (fd >= 0)
		close(fd);
	if (fresh != MAP_FAILED)
		munmap(fresh, PAGES * 4096);
}

static bool mapped(const struct space *s, __u64 va)
{
	const struct layout *l = &s->host.layout;
	struct walk w;

	return walk_steady(reader_read, s->reader, space_own_pgd(s), paging_of(l->levels),
			   l->page_offset, va, &w) == WALK_DONE && w.leaf_level;
}

/* Read where nothing is mapped: were kernel memory fetched by page faults, there would be. */
static void read_holes(struct watch *w)
{
	struct kernel_faults *k = w->out;
	__u64 got;

	for (int i = 0; i < HOLES; i++) {
		__u64 va = HOLE + i * X86_TABLE_BYTES;

		if (mapped(w->space, va))
			continue;
		k->tried++;
		if (reader_read(w->space->reader, va, &got, sizeof(got)) && !mapped(w->space, va))
			continue;
		if (!k->served++)
			k->first_served = va;
	}
}

static int on_interval(void *ctx, __u64 time_ns, __u64 length_ns, struct err *e)
{
	struct watch *w = ctx;

	(void)time_ns;
	(void)length_ns;
	(void)e;
	name_places(w);
	provoke();
	read_holes(w);
	return ++w->intervals >= INTERVALS;
}

void faults_watch(const struct space *s, struct kernel_faults *out)
{
	const struct run_opts opts = { .emit = 1u << KVAS_KIND_FAULT, .interval_s = INTERVAL_S,
				       .ring_bytes = RING };
	struct watch w = { .space = s, .out = out };
	const struct sink sink = { .ctx = &w, .event = on_event, .interval = on_interval };
	const struct hook_info *hook;
	static struct meta meta;
	struct tracer *t;
	struct err e;

	memset(out, 0, sizeof(*out));
	memset(&meta, 0, sizeof(meta));
	region_map_make(&w.regions, &s->host.layout);
	if (tracer_create(&t, &opts, &meta, &e)) {
		snprintf(out->why, sizeof(out->why), "tracing is refused: %.120s", e.text);
		return;
	}
	hook = meta_hook(&meta, "page_fault_kernel");
	if (!hook || !strcmp(hook->provenance, "none"))
		snprintf(out->why, sizeof(out->why), "page faults of kernel mode cannot be hooked here");
	else if (tracer_run(t, &sink, &e))
		snprintf(out->why, sizeof(out->why), "tracing failed: %.120s", e.text);
	else
		out->seen = true;
	name_places(&w);
	tracer_destroy(t);
}
