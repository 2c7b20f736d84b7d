/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "kernel/features.h"
#include "kernel/host.h"
#include "view/hooks.h"
#include "model/hooks.h"
#include "trace/plan.h"

int cmd_hooks(const struct cli *cli)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct meta *meta = calloc(1, sizeof(*meta));
	struct features *f = NULL;
	struct err e = { 0 };
	int status = KVAS_EXIT_OK;

	if (!plan || !meta) {
		err_set(&e, "out of memory");
		status = err_print(&e);
	} else if (features_create(&f, &e) || host_read(&meta->host, &e)) {
		status = err_print(&e);
	} else {
		int lacking;

		features_avoid(f, cli->avoid);
		/* A host that lacks a required hook is shown like any other, then said. */
		lacking = plan_make(hook_table, HOOK_COUNT, ~0u, features_attempt, f, plan, &e);
		plan_to_meta(plan, meta);
		if (cli->format == FORMAT_JSON)
			view_hooks_json(stdout, plan, meta);
		else
			view_hooks_text(stdout, plan, meta);
		if (lacking)
			status = err_print(&e);
	}
	features_destroy(f);
	free(plan);
	free(meta);
	return cmd_flush_stdout(status);
}
