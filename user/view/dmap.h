/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_DMAP_H
#define KVAS_VIEW_DMAP_H

#include "kernel/meminfo.h"
#include "model/meta.h"
#include "pgtable/dmap.h"
#include "view/document.h"

/* Of document_dmap. Text has the largest ranges, JSON all. */
struct dmap_view {
	const struct host_info *host;
	struct dmap dmap;
	struct meminfo meminfo;
	bool steady; /* the kernel's counters stood still while the tables were read */
};

/* How much more, in kB, the kernel's counter of page size I (0 4K, 1 2M, 2 1G) says than the
 * tables map; how much of that is splits of the kernel image's own mapping, and how much is
 * pages that were unmapped later, which stay counted. */
struct dmap_difference {
	__s64 kb, image_kb, missing_kb;
};
struct dmap_difference view_dmap_difference(const struct dmap_view *v, int i);

#endif
