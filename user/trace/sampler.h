/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The access sampler: a cpu-clock event and what the PMU has of memory events on every CPU,
 * and its BPF programs, rings, maps and reader, apart from the session's.
 */
#ifndef KVAS_SAMPLER_H
#define KVAS_SAMPLER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/meta.h"
#include "err.h"
#include "kernel/cgroup.h"
#include "kernel/reader.h"
#include "kernel/symbols.h"
#include "kvas/wire.h"

struct sampler;

struct sampler_opts {
	__u32 hz;
	int pid; /* this process and what it makes from now on; 0 all */
	char comm[KVAS_COMM_LEN]; /* only tasks of this name; "" all */
	struct cgroup cgroup; /* only tasks in it, or in one below it; id 0 all */
	struct symbols_later *symbols; /* the kernel's; borrowed */
	struct reader *reader; /* of kernel memory; borrowed */
};

/* Load and open, not running yet. HOST is borrowed. -1 with E: accesses are then unknown,
 * and why. */
int sampler_create(struct sampler **out, const struct sampler_opts *opts,
		   const struct host_info *host, struct err *e);
void sampler_destroy(struct sampler *s);

/* Does the PMU sample too, with the addresses of the data? HOW: by which of its events, or
 * why not. */
bool sampler_precise(const struct sampler *s, char *how, size_t len);

/* Once all programs are attached, and before the start. Waits for the symbols and adds
 * those of BPF programs. */
void sampler_prepare(struct sampler *s);
void sampler_start(struct sampler *s);
void sampler_stop(struct sampler *s);

typedef void (*sampler_fn)(void *ctx, const union kvas_record *rec);
/* Empty the rings and hand samples on, by time: none unless much waits, as many as a few
 * milliseconds are enough for, or all. What they expect may take 0.1 s to find out, and the
 * session's rings go on filling: better behind the window than in it, and else in parts. */
enum sampler_hand { SAMPLER_KEEP, SAMPLER_SOME, SAMPLER_ALL };
void sampler_drain(struct sampler *s, enum sampler_hand hand, sampler_fn fn, void *ctx);

/* How often it wants to be drained, ms: a ring holds more than two such spans. */
int sampler_patience_ms(const struct sampler *s);

/* By CPU, host_info's number of them: samples that found no room, until now. Good until
 * the next call. NULL: they cannot be read. */
const __u64 *sampler_lost(struct sampler *s);
/* Once it stopped, and with the session's counters by CPU, what else was lost goes to META: ticks in sampled processes that did not
 * reach the program, processes that there was no room to follow, CPUs that were switched. */
void sampler_losses(struct sampler *s, const struct kvas_cpu *cpus, struct meta *meta);

#endif
