/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_WALK_H
#define KVAS_VIEW_WALK_H

#include <stddef.h>

#include "pgtable/view.h"
#include "view/document.h"

/* Of document_walks: one walk at least. */
struct walks_view {
	const struct walk_view *walk;
	size_t nr;
};

#endif
