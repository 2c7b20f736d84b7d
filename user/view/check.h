/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_CHECK_H
#define KVAS_VIEW_CHECK_H

#include <stddef.h>

#include "model/fact.h"
#include "model/meta.h"
#include "view/document.h"

/* Of document_check. */
struct check_view {
	const struct host_info *host;
	const struct fact *facts;
	size_t nr;
};

#endif
