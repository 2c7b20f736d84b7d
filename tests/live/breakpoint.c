/* SPDX-License-Identifier: GPL-2.0 */
/*
 * breakpoint N: a hardware breakpoint stands in for a PMU that tells addresses of data: both
 * hand them to the sampler's program in the same way. It watches a byte that N reads of a
 * pipe have the kernel write, and the program for stores is on it. Prints
 *   buffer ADDRESS
 *   sample ADDRESS REGION BYTES STORES LOADS FUNCTION    for each
 *   done
 * or "none WHY" where there are no breakpoints, or (some hypervisors) none that fires.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "access/resolve.h"
#include "kernel/symbols.h"

#include "access.skel.h"

#define RING (1024 * 1024)

static volatile char byte __attribute__((aligned(8)));

static void fail(const char *what)
{
	fprintf(stderr, "breakpoint: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int sampled(void *ctx, void *data, size_t size)
{
	struct kvas_rec_access r;
	struct kvas_sample s;

	if (size != sizeof(s))
		fail("a sample of another size");
	memcpy(&s, data, size);
	resolve_sample(ctx, &s, &r);
	if (r.mode != KVAS_ACCESS_PRECISE)
		fail("not precise");
	printf("sample %llx %s %u %u %u %s\n", r.store.address, region_name(r.store.region),
	       r.store.bytes, r.store.times, r.load.times, r.function[0] ? r.function : "?");
	return 0;
}

static int watch(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .type = PERF_TYPE_BREAKPOINT, .bp_type = HW_BREAKPOINT_W,
		.bp_addr = (unsigned long)&byte, .bp_len = HW_BREAKPOINT_LEN_1,
		.sample_period = 1, .sample_type = PERF_SAMPLE_ADDR, .disabled = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Does EVENT count a write that this program makes itself? */
static int fires(int event)
{
	__u64 before, after;

	if (read(event, &before, sizeof(before)) != sizeof(before))
		fail("count");
	byte = 'u';
	if (read(event, &after, sizeof(after)) != sizeof(after))
		fail("count");
	return after > before;
}

static struct access_bpf *load(int ring)
{
	struct access_bpf *skel = access_bpf__open();
	__u32 zero = 0;

	if (!skel)
		fail("skeleton");
	skel->rodata->cfg.nr_rings = 1; /* all CPUs'; one runs at a time */
	if (access_bpf__load(skel) ||
	    bpf_map_update_elem(bpf_map__fd(skel->maps.sample_rings), &zero, &ring, BPF_ANY))
		fail("program");
	return skel;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1, event = watch(), p[2], ring;
	const struct layout levels = { .levels = 4 };
	struct symbols *symbols = symbols_read("/proc/kallsyms");
	struct resolver r = { .symbols = symbols };
	struct ring_buffer *rings;
	struct access_bpf *skel;

	if (event < 0) {
		printf("none %s\ndone\n", strerror(errno));
		return 0;
	}
	ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
	if (!fires(event)) {
		printf("none it does not fire\ndone\n");
		return 0;
	}
	ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
	region_map_make(&r.map, &levels);
	ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "samples", 0, 0, RING, NULL);
	skel = load(ring);
	rings = ring_buffer__new(ring, sampled, &r, NULL);
	if (!rings || pipe(p) || !bpf_program__attach_perf_event(skel->progs.sample_stores, event))
		fail("attach");
	printf("buffer %lx\n", (unsigned long)&byte);
	for (int i = 0; i < n; i++)
		if (write(p[1], "k", 1) != 1 || read(p[0], (void *)&byte, 1) != 1)
			fail("pipe");
	byte = 'u'; /* of user mode: not sampled */
	ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
	ring_buffer__consume(rings);
	printf("done\n");
	return 0;
}
