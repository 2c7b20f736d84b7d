/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The arm "empty": programs that do nothing on the very hooks kvas would choose
 * here. Prints "ready" when all are attached and holds them until its standard
 * input closes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/features.h"
#include "model/hooks.h"
#include "trace/plan.h"

int main(void)
{
	static struct plan plan;
	struct features *f;
	struct err e = { 0 };
	char why[PLAN_WHY], c;
	int held[2];

	if (features_create(&f, &e) ||
	    plan_make(hook_table, HOOK_COUNT, 0, features_attempt, f, &plan, &e))
		return err_print(&e);
	for (size_t i = 0; i < plan.nr; i++) {
		const struct plan_row *row = &plan.row[i];
		const struct hook_candidate *cand;

		if (row->chosen < 0)
			continue;
		cand = &row->hook->candidate[row->chosen];
		/* No program of its own: kvas attaches nothing more for it. */
		if (!cand->program)
			continue;
		if (features_attach_empty(f, cand, held, why, sizeof(why))) {
			fprintf(stderr, "%s: %s\n", row->hook->name, why);
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
