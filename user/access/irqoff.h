/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel did while interrupts were off. A timer that ends meanwhile is served
 * when they come on again, so such samples stand at the instruction behind STI or POPF
 * and stand for code that no sample falls into. What that code does to memory is told
 * from the kernel's text: all paths back from there to where interrupts went off, the
 * functions called on them included, each as likely as the branches on it are.
 */
#ifndef KVAS_IRQOFF_H
#define KVAS_IRQOFF_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "access/calls.h"

struct irqoff;

/* TEXT and the NR PROGRAMS at tracepoints are borrowed. NULL when out of memory. */
struct irqoff *irqoff_create(struct text *text, const struct program *programs, size_t nr);
void irqoff_destroy(struct irqoff *o);

/* Do interrupts come on right before the instruction at IP (STI holds them off for one
 * more)? */
bool irqoff_ends_at(struct irqoff *o, __u64 ip);

/* The region that ended right before IP, of a task whose stack holds the NR words STACK
 * from rsp on. False when its paths cannot be followed. */
bool irqoff_before(struct irqoff *o, __u64 ip, const __u64 *stack, size_t nr,
		   struct mix *out);

#endif
