/* SPDX-License-Identifier: GPL-2.0 */
/* What records tell of the counters. Counters do not need them, but those of a recording that was
 * cut short end with its last interval, and its records do not. No I/O. */
#ifndef KVAS_ROWS_H
#define KVAS_ROWS_H

#include <linux/types.h>
#include <stdbool.h>

#include "agg/summary.h"

/* Add to C what the record R says, that of a fault in REGION: no more than its counters, which also
 * have what was lost. EMIT: the kinds that are recorded, a bit each. */
void rows_count(const union kvas_record *r, __u32 emit, enum kvas_region region,
		__u64 c[KVAS_C_COUNT]);
/* Do records of the kinds EMIT tell counter C? */
bool rows_tell(__u32 emit, unsigned int c);

#endif
