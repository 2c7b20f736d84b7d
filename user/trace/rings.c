/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/rings.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "event/event.h"
#include "kernel/refusal.h"
#include "trace/fd.h"

/* Records held back at most: bounds memory, and the time between two looks at
 * the clock. */
#define STAGED_MAX 32768
/* A record is stamped before it is submitted; within this it surely is. */
#define SETTLE_NS 1000000ULL

struct staged {
	__u64 time_ns;
	__u32 seq; /* keeps the order within equal times */
	__u32 slot;
};

struct ring {
	struct ring_buffer *rb;
	struct rings *owner;
	int map_fd;
	__u64 last_ns; /* time of the last record read in this round */
	bool emptied; /* this round read all there was */
};

struct rings {
	struct ring *ring;
	__u32 nr;
	int outer_fd;
	int epoll_fd;
	struct staged *order;
	size_t nr_staged;
	union kvas_record *slot;
	__u32 *free_slot;
	size_t nr_free;
	size_t quota; /* records one ring may add in this round */
	__u32 seq;
	__u64 handed_ns; /* time of the newest record handed on */
	struct rings_stats stats;
};

/* libbpf's callback: a negative return ends this ring's round; the record itself
 * is consumed. */
static int stage_record(void *ctx, void *data, size_t size)
{
	struct ring *ring = ctx;
	struct rings *r = ring->owner;
	struct staged *s;
	__u32 slot;

	slot = r->free_slot[r->nr_free - 1];
	if (event_decode(data, size, &r->slot[slot])) {
		r->stats.bad++;
		return 0;
	}
	r->nr_free--;
	s = &r->order[r->nr_staged++];
	*s = (struct staged){ r->slot[slot].h.time_ns, r->seq++, slot };
	if (s->time_ns > ring->last_ns)
		ring->last_ns = s->time_ns;
	if (!r->nr_free || !--r->quota) {
		ring->emptied = false;
		return -EAGAIN;
	}
	return 0;
}

static int add_ring(struct rings *r, __u32 i, __u32 bytes, struct err *e)
{
	struct ring *ring = &r->ring[i];
	struct epoll_event ev = { .events = EPOLLIN };

	ring->owner = r;
	ring->map_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "kvas_ring", 0, 0, bytes, NULL);
	if (ring->map_fd < 0)
		return refusal(e, errno, "ring %u of %u (%u bytes each, --ring-size) cannot be made", i,
			       r->nr, bytes);
	ring->rb = ring_buffer__new(ring->map_fd, stage_record, ring, NULL);
	if (!ring->rb)
		return refusal(e, errno, "ring %u of %u (%u bytes each, --ring-size) cannot be mapped",
			       i, r->nr, bytes);
	if (bpf_map_update_elem(r->outer_fd, &i, &ring->map_fd, BPF_ANY) ||
	    epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, ring_buffer__epoll_fd(ring->rb), &ev))
		return err_set(e, "ring %u cannot be installed: %s", i, strerror(errno));
	return 0;
}

int rings_create(struct rings **out, int map_fd, __u32 nr, __u32 bytes, struct err *e)
{
	struct rings *r = calloc(1, sizeof(*r));

	if (!r)
		return err_set(e, "out of memory");
	r->outer_fd = map_fd;
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r->ring = calloc(nr, sizeof(*r->ring));
	r->order = calloc(STAGED_MAX, sizeof(*r->order));
	r->slot = calloc(STAGED_MAX, sizeof(*r->slot));
	r->free_slot = calloc(STAGED_MAX, sizeof(*r->free_slot));
	if (r->epoll_fd < 0 || !r->ring || !r->order || !r->slot || !r->free_slot) {
		rings_destroy(r);
		return err_set(e, "out of memory for %u rings", nr);
	}
	while (r->nr_free < STAGED_MAX) {
		r->free_slot[r->nr_free] = r->nr_free;
		r->nr_free++;
	}
	for (r->nr = 0; r->nr < nr; r->nr++)
		r->ring[r->nr].map_fd = -1;
	for (__u32 i = 0; i < nr; i++)
		if (add_ring(r, i, bytes, e)) {
			rings_destroy(r);
			return -1;
		}
	*out = r;
	return 0;
}

void rings_destroy(struct rings *r)
{
	if (!r)
		return;
	for (__u32 i = 0; r->ring && i < r->nr; i++) {
		ring_buffer__free(r->ring[i].rb);
		fd_close(&r->ring[i].map_fd);
	}
	fd_close(&r->epoll_fd);
	free(r->ring);
	free(r->order);
	free(r->slot);
	free(r->free_slot);
	free(r);
}

int rings_fd(const struct rings *r)
{
	return r->epoll_fd;
}

static int by_time(const void *a, const void *b)
{
	const struct staged *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return (__s32)(x->seq - y->seq) < 0 ? -1 : 1;
}

/* Hand on all staged records up to WATERMARK, keep the rest. */
static void hand_on(struct rings *r, __u64 watermark, rings_fn fn, void *ctx)
{
	size_t n = 0;

	qsort(r->order, r->nr_staged, sizeof(*r->order), by_time);
	while (n < r->nr_staged && r->order[n].time_ns <= watermark) {
		const struct staged *s = &r->order[n++];

		if (s->time_ns < r->handed_ns)
			r->stats.late++;
		else
			r->handed_ns = s->time_ns;
		fn(ctx, &r->slot[s->slot]);
		r->free_slot[r->nr_free++] = s->slot;
	}
	r->nr_staged -= n;
	memmove(r->order, r->order + n, r->nr_staged * sizeof(*r->order));
}

/* One round over all rings, each given its share of the free slots. */
static size_t read_round(struct rings *r)
{
	size_t before = r->nr_free, share = r->nr_free / r->nr;

	for (__u32 i = 0; i < r->nr; i++) {
		struct ring *ring = &r->ring[i];

		ring->emptied = true;
		r->quota = share ? share : 1;
		if (!r->nr_free) {
			ring->emptied = false;
			continue;
		}
		ring_buffer__consume(ring->rb);
	}
	return before - r->nr_free;
}

size_t rings_drain(struct rings *r, rings_fn fn, void *ctx)
{
	__u64 watermark = clock_monotonic_ns() - SETTLE_NS;
	size_t got = read_round(r);

	/* A ring with records left: nothing past its last one is settled. */
	for (__u32 i = 0; i < r->nr; i++)
		if (!r->ring[i].emptied && r->ring[i].last_ns < watermark)
			watermark = r->ring[i].last_ns;
	if (!r->nr_free && r->order[0].time_ns > watermark)
		watermark = r->order[r->nr_staged / 2].time_ns;
	hand_on(r, watermark, fn, ctx);
	return got;
}

void rings_finish(struct rings *r, rings_fn fn, void *ctx)
{
	while (rings_drain(r, fn, ctx))
		;
	hand_on(r, ~0ULL, fn, ctx);
}

void rings_wait_programs(struct rings *r)
{
	__u32 zero = 0;

	bpf_map_update_elem(r->outer_fd, &zero, &r->ring[0].map_fd, BPF_ANY);
}

struct rings_stats rings_stats(const struct rings *r)
{
	return r->stats;
}
