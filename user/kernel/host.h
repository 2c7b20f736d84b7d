/* SPDX-License-Identifier: GPL-2.0 */
/* The facts of this host that head every view. */
#ifndef KVAS_HOST_H
#define KVAS_HOST_H

#include "model/meta.h"
#include "err.h"
#include "kernel/layout.h"
#include "kernel/reader.h"

/* Fill OUT from uname, /proc/cpuinfo, /proc/iomem, kallsyms and the page tables
 * (layout.h). What cannot be learnt is left unknown; only a host that refuses BPF
 * is an error. */
int host_read(struct host_info *out, struct err *e);
/* The same with a reader there is; PROOF says how the bases were learnt. */
void host_learn(struct host_info *out, struct reader *r, struct layout_proof *proof);

#endif
