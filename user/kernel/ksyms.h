/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_KSYMS_H
#define KVAS_KSYMS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "pgtable/region.h"

#define KALLSYMS "/proc/kallsyms"

struct ksym {
	const char *name;
	__u64 addr; /* 0: not there, or hidden by kptr_restrict */
};

/* Fill the addresses of NR symbols of the kernel's own, no module's, in one pass over
 * FILE (KALLSYMS). How many were found, or -1 when the file cannot be read. */
int ksyms_find(const char *file, struct ksym *syms, size_t nr);

/* The value of symbol NAME: the kernel's own, else the first of a module or BPF program. 0
 * where addresses are hidden; below 1 << 63 it is a per-CPU offset. 1 found, 0 not, -1 FILE
 * cannot be read. */
int ksyms_value(const char *file, const char *name, __u64 *value);

struct ksym_near {
	__u64 addr;
	__u64 start; /* of the symbol that begins at or last before addr; 0 none found */
	char name[128];
};

/* Fill start and name of NR addresses in one pass over FILE. Per-CPU symbols, whose
 * values are offsets, are no candidates. -1 when FILE cannot be read. */
int ksyms_nearest(const char *file, struct ksym_near *near, size_t nr);
/* May N's address be in the symbol before it? Not where that is none, or 1 MiB before it or more,
 * or in another region: the image's last symbol is not that of what modules' room has. */
bool ksym_reaches(const struct ksym_near *n, const struct region_map *regions);

#endif
