/* SPDX-License-Identifier: GPL-2.0 */
/* What session.c and session_losses.c share; no one else's. */
#ifndef KVAS_SESSION_IMPL_H
#define KVAS_SESSION_IMPL_H

#include "kvas.skel.h"
#include "trace/session.h"

struct session {
	struct kvas_bpf *skel;
	struct rings *rings;
	struct bpf_link *links[PLAN_MAX];
	struct bpf_link *iter;
	struct visitor *visitor; /* NULL: no CPU is visited */
	size_t nr_links;
	unsigned int cpus;
	struct kvas_cpu *cpu[2]; /* two readings, to see what moved between */
	void *tasks; /* struct kvas_iter_task of the last iteration */
	size_t tasks_room; /* bytes */
	__u32 wanted_pid;
	bool direct; /* programs may name the kernel's per-CPU variables */
};

/* The per-CPU state into BUF. -1 with E. */
int session_read_into(struct session *s, struct kvas_cpu *buf, struct err *e);

#endif
