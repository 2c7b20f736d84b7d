/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "kernel/space.h"
#include "view/dmap.h"
#include "view/watch.h"
#include "trace/dmap_loop.h"
#include "trace/ending.h"

#define MEMINFO "/proc/meminfo"
#define TRIES 5

/* The tables and the kernel's counters of one moment: again while a split comes between. */
static int make_dmap_view(const struct space *s, __u64 pgd, struct dmap_view *v, struct err *e)
{
	struct meminfo before;

	v->host = &s->host;
	for (int i = 0; i < TRIES && !v->steady; i++) {
		dmap_free(&v->dmap);
		meminfo_read(MEMINFO, &before);
		if (!s->host.layout.direct_map_end)
			return err_set(e, "where the direct map ends is not known here (%.80s)",
				       s->host.layout_how);
		if (dmap_make(&s->host.layout, reader_read, s->reader, pgd, &v->dmap))
			return err_set(e, "out of memory for the direct map");
		meminfo_read(MEMINFO, &v->meminfo);
		v->steady = !memcmp(&before, &v->meminfo, sizeof(before));
	}
	return 0;
}

static int watch(struct space *s, const struct cli *cli, struct err *e)
{
	struct watch_sink sink;

	if (ending_stdout(e))
		return -1;
	sink = view_watch_sink(cli->format, stdout);
	return dmap_watch(s, cli->avoid, cli->duration_s, &sink, e) ?
		       (ferror(stdout) ? cmd_stdout_error(e) : -1) : 0;
}

int cmd_dmap(const struct cli *cli)
{
	struct dmap_view v = { 0 };
	struct err e = { 0 };
	int status = KVAS_EXIT_OK;
	struct space s;

	if (space_open(&s, &e))
		return err_print(&e);
	if (cli->watch)
		status = watch(&s, cli, &e) ? err_print(&e) : KVAS_EXIT_OK;
	else if (make_dmap_view(&s, space_own_pgd(&s), &v, &e))
		status = err_print(&e);
	else
		cmd_print(&document_dmap, cli, &v);
	if (v.dmap.unread || v.dmap.unread_gib)
		status = KVAS_EXIT_FAILED;
	dmap_free(&v.dmap);
	space_close(&s);
	return cmd_flush_stdout(status);
}
