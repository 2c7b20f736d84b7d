/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_MEMINFO_H
#define KVAS_MEMINFO_H

#include <linux/types.h>
#include <stdbool.h>

/* What the kernel's own counters say of the direct map. */
struct meminfo {
	bool known[3]; /* DirectMap4k, 2M, 1G: a processor without 1G pages has no line */
	__u64 kb[3];
};

/* From FILE (/proc/meminfo); -1 when it cannot be read. */
int meminfo_read(const char *file, struct meminfo *out);

/* The kB of the line NAME ("VmallocUsed") of FILE; false when there is none. */
bool meminfo_kb(const char *file, const char *name, __u64 *kb);

#endif
