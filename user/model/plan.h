/* SPDX-License-Identifier: GPL-2.0 */
/* Which way of each hook was chosen, and why the others were not. */
#ifndef KVAS_MODEL_PLAN_H
#define KVAS_MODEL_PLAN_H

#include <stddef.h>

#include "model/hooks.h"
#include "model/meta.h"

#define PLAN_MAX META_MAX_HOOKS
#define PLAN_WHY 120

struct plan_try {
	int result; /* 0 attached, -errno refused, 1 not tried: a better one held */
	char why[PLAN_WHY]; /* of a refusal, in words */
};

struct plan_row {
	const struct hook *hook;
	int chosen; /* index of the candidate, -1 none */
	struct plan_try tried[HOOK_CANDIDATES];
};

struct plan {
	struct plan_row row[PLAN_MAX];
	size_t nr;
};

#endif
