/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_OUT_CHECK_H
#define KVAS_OUT_CHECK_H

#include <stddef.h>
#include <stdio.h>

#include "agg/meta.h"
#include "verify/fact.h"

/* NR facts, at most 80 columns; as one JSON object. */
void out_check_text(FILE *f, const struct host_info *host, const struct fact *facts, size_t nr);
void out_check_json(FILE *f, const struct host_info *host, const struct fact *facts, size_t nr);

#endif
