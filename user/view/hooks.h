/* SPDX-License-Identifier: GPL-2.0 */
/* The plan, explained: what `kvas hooks` prints. */
#ifndef KVAS_VIEW_HOOKS_H
#define KVAS_VIEW_HOOKS_H

#include "model/plan.h"
#include "view/document.h"

/* Of document_hooks. */
struct hooks_view {
	const struct host_info *host;
	const struct plan *plan;
};

#endif
