/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_WALK_H
#define KVAS_VIEW_WALK_H

#include <stddef.h>
#include <stdio.h>

#include "pgtable/view.h"

/* NR walks for a reader, at most 80 columns; as one JSON object. */
void view_walks_text(FILE *f, const struct walk_view *v, size_t nr);
void view_walks_json(FILE *f, const struct walk_view *v, size_t nr);

#endif
