/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring buffers, one per CPU (or group of CPUs), read in bounded rounds and
 * merged by time. Across CPUs a record is handed on only once no earlier one can
 * still be on its way; one that is late all the same is handed on and counted.
 */
#ifndef KVAS_RINGS_H
#define KVAS_RINGS_H

#include <linux/types.h>
#include <stddef.h>

#include "err.h"
#include "kvas/wire.h"

struct rings;

struct rings_stats {
	__u64 late; /* records older than one handed on before */
	__u64 bad; /* bytes in a ring that are no record of this ABI */
};

typedef void (*rings_fn)(void *ctx, const union kvas_record *rec);

/* Make NR rings of BYTES each and put them into the array of maps MAP_FD. */
int rings_create(struct rings **out, int map_fd, __u32 nr, __u32 bytes, struct err *e);
void rings_destroy(struct rings *r);

/* An epoll descriptor that is readable when a ring asked to be read. */
int rings_fd(const struct rings *r);

/* Read what is there, at most a bounded amount, and hand on what is settled.
 * Returns how many records were read. */
size_t rings_drain(struct rings *r, rings_fn fn, void *ctx);
/* Nothing writes any more: read and hand on everything. */
void rings_finish(struct rings *r, rings_fn fn, void *ctx);

/* Wait until no BPF program that saw the old state still runs. Any update of an
 * array of maps does (maybe_wait_bpf_programs, kernel/bpf/syscall.c, 5.10 on). */
void rings_wait_programs(struct rings *r);

struct rings_stats rings_stats(const struct rings *r);

#endif
