/* SPDX-License-Identifier: GPL-2.0 */
/* What can be attached here and what was chosen, with reasons. No BPF: the
 * attempt itself is a callback. */
#ifndef KVAS_PLAN_H
#define KVAS_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "model/meta.h"
#include "model/plan.h"
#include "err.h"

/* Attach a program that does nothing the way C says and detach it again: 0, or
 * -errno with WHY. */
typedef int (*plan_attempt)(void *ctx, const struct hook_candidate *c, char *why, size_t len);

/* Take the first candidate of each of the NR HOOKS that EMIT wants whose attempt holds. Returns
 * -1 with E (status KVAS_EXIT_HOST) when a required hook has none; *OUT is filled
 * either way. */
int plan_make(const struct hook *hooks, size_t nr, __u32 emit, plan_attempt attempt, void *ctx,
	      struct plan *out, struct err *e);

/* The chosen candidate of the row named NAME, or NULL. */
const struct hook_candidate *plan_chosen(const struct plan *p, const char *name);

/* The row's chosen candidate failed after all (with the real program): drop it. */
void plan_drop(struct plan *p, size_t row, int error, const char *why);
/* Drop the rows that tell an interrupt of user mode from one of the kernel by how deep in a
 * stack their program runs: the size of a stack is not known. */
void plan_drop_stack_hooks(struct plan *p);

/* Did a row lose its candidate while others of it were never tried? */
bool plan_untried(const struct plan *p);

/* The plan as meta's hook rows. */
void plan_to_meta(const struct plan *p, struct meta *m);

#endif
