/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel lets us attach, found by attaching; never by version. */
#ifndef KVAS_FEATURES_H
#define KVAS_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "model/hooks.h"

struct features;

/* What every command does before it uses BPF: silence libbpf, raise the limit on open files, and
 * see that the kernel takes a program and tells its types. 0, or -1 with E, status KVAS_EXIT_HOST. */
int features_bpf_allowed(struct err *e);

/* Load the kernel's BTF and see that bpf(2) is allowed. -1 with E, status
 * KVAS_EXIT_HOST: no BTF, no privilege, lockdown, seccomp. */
int features_create(struct features **out, struct err *e);
void features_destroy(struct features *f);

#define FEATURES_AVOIDED "left out by --avoid"
/* Use none of these ways of attaching, bit per enum attach_how, because of WHY, which is kept. A second
 * call takes the place of the first for the ways that it names. */
void features_avoid(struct features *f, unsigned int ways, const char *why);

/* Attach an empty program as C says. On success returns 0 and, in HELD[2], the
 * descriptors that keep it attached (close both to detach; -1 unused). Else
 * -errno, and WHY says it in words. */
int features_attach_empty(struct features *f, const struct hook_candidate *c, int held[2],
			  char *why, size_t len);
/* The same, detached at once: a plan_attempt with CTX = struct features *. */
int features_attempt(void *ctx, const struct hook_candidate *c, char *why, size_t len);
/* A quicker plan_attempt for a session, as attaching the real programs proves it a
 * moment later: a tracepoint that BTF has is taken, and once one trampoline held,
 * loading stands for attaching (each attachment waits for a grace period). */
int features_attempt_quick(void *ctx, const struct hook_candidate *c, char *why, size_t len);

#endif
