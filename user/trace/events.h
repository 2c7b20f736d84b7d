/* SPDX-License-Identifier: GPL-2.0 */
/* perf events with a BPF program on each, switched on and off together. */
#ifndef KVAS_EVENTS_H
#define KVAS_EVENTS_H

#include <linux/types.h>

#include "err.h"

struct bpf_link;
struct bpf_program;

struct events {
	struct bpf_link **link;
	int *fd;
	int *leader; /* of its group; -1 none */
	__u32 nr, room;
};

/* FD and LEADER, off, become S's, also on failure. */
int events_add(struct events *s, int fd, int leader, struct bpf_program *prog, struct err *e);
/* REQUEST: PERF_EVENT_IOC_ENABLE or _DISABLE. */
void events_switch(struct events *s, unsigned long request);
/* A new period of each, ns of a clock. */
void events_period(struct events *s, __u64 ns);
/* How many are on no more, of those that are switched on: the kernel takes an event off for good
 * when its CPU goes off. They are opened with PERF_FORMAT_TOTAL_TIME_ENABLED alone. */
__u32 events_dead(const struct events *s);
void events_close(struct events *s);

#endif
