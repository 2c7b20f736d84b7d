/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "kernel/space.h"
#include "view/walk.h"

static int view(const struct space *s, const struct kvas_reader_task *t, const char *address,
		struct walk_view *out, struct err *e)
{
	__u64 va;
	int symbol = space_address(t, address, &va, e);

	if (symbol < 0 || space_walk(s, t, va, out, e))
		return -1;
	snprintf(out->asked, sizeof(out->asked), "%s", address);
	/* Several symbols may share an address: the one that was asked for by its plain name. */
	if (symbol && !strpbrk(address, ":#/ "))
		snprintf(out->symbol, sizeof(out->symbol), "%s", address);
	return 0;
}

/* All addresses, the good ones into V: how many. A bad one costs its own walk, not the
 * others': its error is printed, and the first of those is the STATUS in the end. */
static size_t walk_each(const struct cli *cli, const struct space *s,
			const struct kvas_reader_task *t, size_t nr, struct walk_view *v, int *status)
{
	size_t good = 0;
	struct err e;

	for (size_t i = 0; i < nr; i++) {
		int now = KVAS_EXIT_OK;

		e.status = 0;
		if (view(s, t, cli->addresses[i], &v[good], &e))
			now = err_print(&e);
		else if (v[good++].table.outcome != WALK_DONE)
			now = KVAS_EXIT_FAILED;
		if (!*status)
			*status = now;
	}
	return good;
}

static int walk_all(const struct cli *cli, const struct space *s, size_t nr, struct err *e)
{
	const struct kvas_reader_task *t = space_task(s, cli->pid, e);
	struct walk_view *v = calloc(nr, sizeof(*v));
	int status = KVAS_EXIT_OK;

	if (!v)
		err_set(e, "out of memory for %zu walks", nr);
	if (!t || !v) {
		free(v);
		return err_print(e);
	}
	nr = walk_each(cli, s, t, nr, v, &status);
	if (space_still(t, e)) {
		free(v);
		return err_print(e);
	}
	space_name_symbols(v, nr);
	if (nr)
		cmd_print(&document_walks, cli, &(struct walks_view){ v, nr });
	free(v);
	return status;
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
