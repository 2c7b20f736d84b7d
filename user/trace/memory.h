/* SPDX-License-Identifier: GPL-2.0 */
/* The sums of memory.bpf.c, named and handed on as they grow. */
#ifndef KVAS_TRACE_MEMORY_H
#define KVAS_TRACE_MEMORY_H

#include <linux/types.h>

#include "err.h"
#include "kernel/symbols.h"
#include "kvas/wire.h"

struct memory_sums;

typedef void (*memory_fn)(void *ctx, const union kvas_record *r);

/* SUMS and STACKS are maps that stay the caller's; CPUS possible ones. NULL when out of
 * memory. */
struct memory_sums *memory_sums_create(int sums, int stacks, unsigned int cpus);
void memory_sums_destroy(struct memory_sums *m);

/* A record at TIME_NS for each use, region, order and function whose sum grew since the last
 * call. S may be NULL: functions are not known then. */
int memory_sums_flush(struct memory_sums *m, const struct symbols *s, __u64 time_ns, memory_fn fn,
		      void *ctx, struct err *e);

#endif
