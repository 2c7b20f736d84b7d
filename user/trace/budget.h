/* SPDX-License-Identifier: GPL-2.0 */
/* How large the rings of a run are, and whether its control group has room for the run. */
#ifndef KVAS_BUDGET_H
#define KVAS_BUDGET_H

#include "trace/tracer.h"

/* How many rings, of CPUS that are possible: one for each that is online. A CPU that comes on later shares
 * one with others. */
unsigned int budget_rings(__u32 cpus);

/* Bytes of each of NR rings: what was ASKED, 0 fit for that number. */
__u32 budget_ring_bytes(__u32 asked, unsigned int nr);

/* Bytes of a CPU's ring of samples, HZ of each of EVENTS. */
__u32 budget_sample_ring_bytes(__u32 hz, unsigned int events);

/* Before anything is asked for: a process whose control group has too little memory is killed
 * without a word. 0, or -1 with E: which limit, and what is needed. */
int budget_check(const struct run_opts *opts, struct err *e);

#endif
