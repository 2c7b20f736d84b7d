/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "kernel/features.h"
#include "kernel/host.h"
#include "view/hooks.h"
#include "model/hooks.h"
#include "trace/plan.h"
#include "trace/visitor.h"

int cmd_hooks(const struct cli *cli)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct host_info host;
	struct visitor *visitor = NULL;
	struct features *f = NULL;
	struct err e = { 0 };
	int status = KVAS_EXIT_OK;

	if (!plan) {
		err_set(&e, "out of memory");
		status = err_print(&e);
	} else if (features_create(&f, &e) || host_read(&host, &e)) {
		status = err_print(&e);
	} else {
		int lacking;

		visitor = visitor_create();
		visitor_leave_out(visitor, f);
		features_avoid(f, cli->avoid, FEATURES_AVOIDED);
		/* A host that lacks a required hook is shown like any other, then said. */
		lacking = plan_make(hook_table, HOOK_COUNT, ~0u, features_attempt, f, plan, &e);
		cmd_print(&document_hooks, cli, &(struct hooks_view){ &host, plan });
		if (lacking)
			status = err_print(&e);
	}
	features_destroy(f);
	visitor_destroy(visitor);
	free(plan);
	return cmd_flush_stdout(status);
}
