/* SPDX-License-Identifier: GPL-2.0 */
/* What include/kvas/regions.def says of each region. Strings are static. */
#ifndef KVAS_MODEL_REGIONS_H
#define KVAS_MODEL_REGIONS_H

#include <stddef.h>

#include "kvas/wire.h"

/* The region's name ("direct_map"); "other" out of range. */
const char *region_name(enum kvas_region r);
/* The reverse; -1 when NAME (LEN bytes) is no region. */
int region_by_name(const char *name, size_t len);
/* Its letter in a strip; '?' none. */
char region_letter(enum kvas_region r);
/* What it is for, a line. */
const char *region_use(enum kvas_region r);

#endif
