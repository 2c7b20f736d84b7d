/* SPDX-License-Identifier: GPL-2.0 */
#include "cmd/cmd.h"
#include "kernel/meminfo.h"
#include "kernel/space.h"
#include "pgtable/region.h"
#include "view/vmalloc.h"

#define MEMINFO "/proc/meminfo"

static void find_gaps(struct vmalloc_view *v)
{
	static const enum kvas_region regions[GAPS] = { [GAP_VMALLOC] = KVAS_REGION_VMALLOC,
							[GAP_MODULES] = KVAS_REGION_MODULES };
	__u64 start, end;

	for (int g = 0; g < GAPS; g++) {
		if (!v->maps.addresses || !region_bounds(&v->host->layout, regions[g], &start, &end))
			continue;
		v->gap[g].known = true;
		v->gap[g].bytes = vmaps_gap(&v->maps, start, end, &v->gap[g].at);
	}
}

int cmd_vmalloc(const struct cli *cli)
{
	struct vmalloc_view v = { 0 };
	struct err e = { 0 };
	struct space s;
	int status = KVAS_EXIT_OK;

	if (space_open(&s, &e))
		return err_print(&e);
	v.host = &s.host;
	if (vmaps_read(&v.maps, s.reader, &s.host.vmap_lists, &e)) {
		status = err_print(&e);
	} else {
		v.used_known = meminfo_kb(MEMINFO, "VmallocUsed", &v.used_kb);
		if (v.maps.addresses && space_own_pgd(&s))
			vmaps_walk(&v.maps, s.reader, space_own_pgd(&s), paging_of(s.host.layout.levels),
				   s.host.layout.page_offset);
		find_gaps(&v);
		cmd_print(&document_vmalloc, cli, &v);
	}
	vmaps_close(&v.maps);
	space_close(&s);
	return cmd_flush_stdout(status);
}
