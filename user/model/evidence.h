/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel/ and trace/ see for the facts of verify/. */
#ifndef KVAS_EVIDENCE_H
#define KVAS_EVIDENCE_H

#include <linux/types.h>
#include <stdbool.h>

#include "kvas/wire.h"

/* A page of another process, by its tables and the direct map. FOUND: the walk led to a
 * page that could be read; SAME: it held what the process says it wrote there. */
struct marked_page {
	__u32 pid;
	__u64 user_va, pa, alias;
	__u32 bytes;
	bool found, told; /* told: the process has said what it wrote */
	bool same;
	char why[160]; /* there is no such process: why */
};

/* Page faults of kernel mode at kernel addresses, by the instruction they hit. */
struct fault_place {
	__u64 ip, count;
	__u64 address; /* the first one's */
	char function[64]; /* IP is in it; "" kallsyms names none */
};

/* Page faults of kernel mode, by the region of their address. */
#define FAULT_PLACES 64
struct kernel_faults {
	bool seen; /* the hook ran here */
	__u64 by_region[KVAS_REGION_COUNT];
	struct fault_place place[FAULT_PLACES]; /* of those not at user addresses */
	unsigned int nr_places;
	__u64 elsewhere; /* at kernel addresses, at further instructions than fit */
	/* kvas's own reads, while it looked, of kernel addresses that are not mapped: how many, how
	 * many gave a value or left something mapped, and the first of those. */
	__u64 tried, served, first_served;
	char why[160]; /* not seen: why */
};

#endif
