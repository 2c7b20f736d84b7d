/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_VIEW_CHECK_H
#define KVAS_VIEW_CHECK_H

#include <stddef.h>
#include <stdio.h>

#include "model/meta.h"
#include "model/fact.h"

/* NR facts, at most 80 columns; as one JSON object. */
void view_check_text(FILE *f, const struct host_info *host, const struct fact *facts, size_t nr);
void view_check_json(FILE *f, const struct host_info *host, const struct fact *facts, size_t nr);

#endif
