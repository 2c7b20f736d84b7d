/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_DMAP_H
#define KVAS_VIEW_DMAP_H

#include <stdio.h>

#include "model/meta.h"
#include "kernel/meminfo.h"
#include "pgtable/dmap.h"

struct dmap_view {
	const struct host_info *host;
	struct dmap dmap;
	struct meminfo meminfo;
	bool steady; /* the kernel's counters stood still while the tables were read */
};

/* At most 80 columns, TOP ranges, the largest; as one JSON object, with all ranges. */
void view_dmap_text(FILE *f, const struct dmap_view *v, int top);
void view_dmap_json(FILE *f, const struct dmap_view *v);

/* What the kernel's counter of page size I (0 4K, 1 2M, 2 1G) says more than the tables map,
 * in kB; how much of that are splits of the kernel image's own mapping, and pages that were
 * unmapped later: those stay counted. */
struct dmap_difference {
	__s64 kb, image_kb, missing_kb;
};
struct dmap_difference view_dmap_difference(const struct dmap_view *v, int i);

#endif
