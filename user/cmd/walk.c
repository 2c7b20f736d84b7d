/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "kernel/space.h"
#include "out/walk.h"

static int view(const struct space *s, const struct kvas_memory_task *t, const char *address,
		struct walk_view *out, struct err *e)
{
	__u64 va;
	int symbol = space_address(t, address, &va, e);

	if (symbol < 0 || space_walk(s, t, va, out, e))
		return -1;
	snprintf(out->asked, sizeof(out->asked), "%s", address);
	/* Several symbols may share an address: the one that was asked for. */
	if (symbol)
		snprintf(out->symbol, sizeof(out->symbol), "%s", address);
	return 0;
}

static int walk_all(const struct cli *cli, const struct space *s, size_t nr, struct err *e)
{
	const struct kvas_memory_task *t = space_task(s, cli->pid, e);
	struct walk_view *v = calloc(nr, sizeof(*v));
	int status = KVAS_EXIT_OK, failed = !t || !v;

	for (size_t i = 0; i < nr && !failed; i++) {
		failed = view(s, t, cli->addresses[i], &v[i], e);
		if (v[i].table.outcome != WALK_DONE)
			status = KVAS_EXIT_FAILED;
	}
	failed = failed || space_still(t, e);
	if (v && !failed)
		space_name_symbols(v, nr);
	if (!v)
		err_set(e, "out of memory for %zu walks", nr);
	else if (!failed && cli->format == FORMAT_JSON)
		out_walks_json(stdout, v, nr);
	else if (!failed)
		out_walks_text(stdout, v, nr);
	free(v);
	return failed ? err_print(e) : status;
}

int cmd_walk(const struct cli *cli)
{
	struct err e = { 0 };
	struct space s;
	size_t nr = 0;
	int status;

	while (cli->addresses[nr])
		nr++;
	if (space_open(&s, &e))
		return err_print(&e);
	status = walk_all(cli, &s, nr, &e);
	space_close(&s);
	return cmd_flush_stdout(status);
}
