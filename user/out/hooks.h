/* SPDX-License-Identifier: GPL-2.0 */
/* The plan, explained: what `kvas hooks` prints. */
#ifndef KVAS_OUT_HOOKS_H
#define KVAS_OUT_HOOKS_H

#include <stdio.h>

#include "trace/plan.h"

void out_hooks_text(FILE *f, const struct plan *p, const struct meta *m);
void out_hooks_json(FILE *f, const struct plan *p, const struct meta *m);

#endif
