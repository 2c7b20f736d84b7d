/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/interrupts. */
#ifndef KVAS_INTERRUPTS_H
#define KVAS_INTERRUPTS_H

#include <linux/types.h>
#include <stddef.h>

#define INTERRUPTS "/proc/interrupts"
#define INTERRUPTS_MAX 512 /* rows that are read */

struct interrupt_row {
	char name[16]; /* "LOC", "24" */
	char what[64]; /* the rest of its line, cut; as the kernel has it: not safe for a terminal */
	__u64 count; /* on all CPUs */
};

/* The rows of FILE into ROW, of INTERRUPTS_MAX; how many, -1 when it cannot be read. */
int interrupts_read(const char *file, struct interrupt_row *row);

/* Why interrupts of user mode may be missed: the rows of FILE that count vectors without a tracepoint and
 * are not 0. Into WHY, LEN bytes; "" there are none, or FILE cannot be read. */
void interrupts_untraced(const char *file, char *why, size_t len);

/* Of NOW, NR rows, take away what BEFORE, NR_BEFORE rows, had by the same name, and sort: the most first. */
void interrupts_since(struct interrupt_row *now, size_t nr, const struct interrupt_row *before, size_t nr_before);

#endif
