/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_VMALLOC_H
#define KVAS_VIEW_VMALLOC_H

#include "kernel/vmaps.h"
#include "model/meta.h"

enum { GAP_VMALLOC, GAP_MODULES, GAPS };

/* A snapshot for document_vmalloc. */
struct vmalloc_view {
	const struct host_info *host;
	struct vmaps maps;
	bool used_known;
	__u64 used_kb; /* VmallocUsed of /proc/meminfo, read after the areas */
	struct {
		bool known; /* addresses are, and where the region lies */
		__u64 bytes, at;
	} gap[GAPS]; /* the largest of each region */
};

#endif
