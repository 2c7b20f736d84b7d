/* SPDX-License-Identifier: GPL-2.0 */
/* What the counters say of the records: whether all that happened were seen. No I/O. */
#ifndef KVAS_RECORDS_H
#define KVAS_RECORDS_H

#include <linux/types.h>

#include "agg/summary.h"

/* Why the objects met at HOOK are not known; NULL they are. Static storage. */
const char *records_met_why(const struct summary *s, enum object_hook hook);

/* Records of KIND that happened while it was recorded, by the counters. */
__u64 records_happened(const struct summary *s, unsigned int kind);

/* Why the sampler did not run, and why the PMU was not asked; NULL: it was. Never "". */
const char *records_sampler_why(const struct meta *m);
const char *records_precise_why(const struct meta *m);

#endif
