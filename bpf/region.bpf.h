/* SPDX-License-Identifier: GPL-2.0 */
/* Which region an address lies in. */
#ifndef KVAS_REGION_BPF_H
#define KVAS_REGION_BPF_H

#include "state.bpf.h"

/* Most addresses that are asked for are in the first two, user space and the direct map;
 * the others' bounds are read from the constant table only for the rest. */
static __always_inline u32 region(u64 address)
{
	for (u32 r = 0; r < KVAS_REGION_COUNT; r++)
		if (address - cfg.region_start[r] < cfg.region_end[r] - cfg.region_start[r])
			return r;
	return KVAS_REGION_OTHER;
}

#endif
