/* SPDX-License-Identifier: GPL-2.0 */
/* What kvas itself costs while it traces. */
#ifndef KVAS_SELF_H
#define KVAS_SELF_H

#include "model/meta.h"

struct self {
	__u64 cpu_start_ns; /* user and system time that kvas had taken when the window opened */
};

/* The window opens: OUT gets kvas's PID. */
void self_begin(struct self *s, struct self_info *out);
/* What kvas has cost since then, into OUT. */
void self_read(const struct self *s, struct self_info *out);

#endif
