/* SPDX-License-Identifier: GPL-2.0 */
/* The plan, explained: what `kvas hooks` prints. */
#ifndef KVAS_VIEW_HOOKS_H
#define KVAS_VIEW_HOOKS_H

#include <stdio.h>

#include "model/plan.h"

void view_hooks_text(FILE *f, const struct plan *p, const struct meta *m);
void view_hooks_json(FILE *f, const struct plan *p, const struct meta *m);

#endif
