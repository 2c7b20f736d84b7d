/* SPDX-License-Identifier: GPL-2.0 */
/* Who splits and collapses the direct map: the hooks of dmap.bpf.c. */
#ifndef KVAS_WATCH_H
#define KVAS_WATCH_H

#include <linux/types.h>
#include <stddef.h>

#include "err.h"
#include "kvas/dmap.h"

struct watch;

/* Attach, by fentry and fexit or else by kprobes, none of the ways in AVOID (a bit per enum
 * attach_how). -1 with E when none can be: what changes can then be seen, not who did it. */
int watch_create(struct watch **out, unsigned int avoid, struct err *e);
void watch_destroy(struct watch *w);

/* "fentry", "kprobe" */
const char *watch_how(const struct watch *w);

typedef void (*watch_fn)(void *ctx, const struct kvas_dmap_event *ev);
/* Wait up to TIMEOUT_MS and hand on what has come. -1 with E. */
int watch_poll(struct watch *w, int timeout_ms, watch_fn fn, void *ctx, struct err *e);

/* Events that found no room. */
__u64 watch_lost(const struct watch *w);

#endif
