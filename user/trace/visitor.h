/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs on every CPU once, without waiting for one: a real-time task may never leave its CPU. A thread
 * goes there; when it does not get to run for a while it is called back, which takes no turn on that CPU.
 */
#ifndef KVAS_VISITOR_H
#define KVAS_VISITOR_H

#include "model/meta.h"

/* For how long, ms: where a visit is of use, and where its outcome is told. */
#define VISIT_MS 100
#define VISIT_START_MS 500

struct visitor;

/* Over CPUs 0 to CPUS - 1; NULL: no memory or no thread. */
struct visitor *visitor_create(unsigned int cpus);
void visitor_destroy(struct visitor *v);

/* One context switch to kvas and back on each CPU, within MS each. */
void visitor_round(struct visitor *v, unsigned int ms);

/* CPU has switched tasks of its own accord: that does as well. */
void visitor_switched(struct visitor *v, unsigned int cpu);

/* Note the CPUs where it did not get to run among META's losses. */
void visitor_losses(const struct visitor *v, struct meta *meta);

#endif
