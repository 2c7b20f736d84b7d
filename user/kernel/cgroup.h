/* SPDX-License-Identifier: GPL-2.0 */
/* A cgroup of version 2, as a user names it. */
#ifndef KVAS_CGROUP_H
#define KVAS_CGROUP_H

#include <linux/types.h>

#include "err.h"

#define CGROUP_PATH 200

struct cgroup {
	__u64 id; /* of its directory, as the kernel has it; 0 none */
	__u32 level; /* 0: the root */
	char path[CGROUP_PATH]; /* as /proc/PID/cgroup has it: "/system.slice"; cut in front, with "..." */
};

/* WHAT: its directory, its path below the hierarchy's root, or its id. -1 with E. */
int cgroup_find(struct cgroup *out, const char *what, struct err *e);

#endif
