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

struct ksym_line {
	__u64 value; /* 0 hidden; below 1 << 63 a per-CPU offset */
	const char *name;
	const char *module; /* "" the kernel's own; "bpf" a BPF program's */
};
typedef void (*ksym_fn)(void *ctx, const struct ksym_line *l);
/* Call FN with each symbol of FILE; -1 when it cannot be read. */
int ksyms_each(const char *file, ksym_fn fn, void *ctx);

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
