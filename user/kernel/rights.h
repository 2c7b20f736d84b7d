/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this process is allowed, by asking the kernel: the facts that tell why it refuses
 * something (kernel/refusal.h).
 */
#ifndef KVAS_RIGHTS_H
#define KVAS_RIGHTS_H

#include <linux/types.h>
#include <stddef.h>

#include "kernel/limits.h"
#include "model/answer.h"

enum lockdown_level {
	LOCKDOWN_UNKNOWN = 0, /* securityfs is not mounted */
	LOCKDOWN_NONE = 1,
	LOCKDOWN_INTEGRITY = 2,
	LOCKDOWN_CONFIDENTIALITY = 3,
};

struct rights {
	unsigned int uid; /* effective */
	__u64 caps; /* effective, bit per CAP_* */
	enum answer inner_user_ns; /* a user namespace that is not the first one */
	int seccomp; /* mode: 0 none, 2 a filter; -1 it cannot be asked */
	int bpf_call; /* errno of a bpf(2) without a command: EINVAL from a kernel that was asked */
	enum lockdown_level lockdown;
	enum answer lockdown_boot; /* that level stands on the kernel's command line */
	enum answer reads_kernel; /* a BPF program may read kernel memory */
	enum answer charges_memlock; /* BPF memory counts as locked (before 5.11) */
	char modules[160]; /* of security, as the kernel lists them; "" not told */
	__u64 memlock; /* soft limit, bytes; ~0 none */
	__u64 files; /* soft limit on descriptors */
	struct memory_limit memory;
};

void rights_learn(struct rights *out);

/* The level in a line as /sys/kernel/security/lockdown has it: "none [integrity] ...". */
enum lockdown_level rights_lockdown_level(const char *line);

#endif
