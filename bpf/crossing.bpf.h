/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_CROSSING_BPF_H
#define KVAS_CROSSING_BPF_H

#include "emit.bpf.h"

static __always_inline void emit_crossing(struct kvas_cpu *c, u32 cause, s32 nr)
{
	struct kvas_rec_crossing *r = RESERVE(c, struct kvas_rec_crossing, KVAS_KIND_CROSSING);

	if (!r)
		return;
	r->cause = cause;
	r->nr = nr;
	submit(c, r, sizeof(*r));
}

#endif
