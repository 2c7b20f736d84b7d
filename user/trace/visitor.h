/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs on every CPU once, without waiting for one: a real-time task may never leave its CPU. A thread
 * goes there; when it does not get to run for a while it is called back, which takes no turn on that CPU.
 */
#ifndef KVAS_VISITOR_H
#define KVAS_VISITOR_H

#include <stddef.h>

#include "model/meta.h"

/* For how long, ms: where a visit is of use, where its outcome is told, and where hooks depend on it. */
#define VISIT_MS 100
#define VISIT_START_MS 500
#define VISIT_HOOKS_MS 1000

struct visitor;

/* Of all CPUs that are possible; NULL: no memory, no thread, or how many they are is not known. */
struct visitor *visitor_create(void);
void visitor_destroy(struct visitor *v);

/* One context switch to kvas and back on each CPU, within MS each. */
void visitor_round(struct visitor *v, unsigned int ms);

/*
 * Which ways of attaching (bit per enum attach_how) would wait for a CPU: to attach by fentry, fexit or a
 * probe the kernel waits until each task that was in the kernel has slept or left it
 * (synchronize_rcu_tasks(), kernel/trace/ftrace.c, kernel/kprobes.c, 5.10 to 7.2), so as long as a
 * real-time task keeps the others of its CPU from running. 0: none would. Else with WHY, which has LEN bytes.
 */
unsigned int visitor_waits(struct visitor *v, char *why, size_t len);
/* Leave these out of F. */
struct features;
void visitor_leave_out(struct visitor *v, struct features *f);

/* CPU has switched tasks of its own accord: that does as well. */
void visitor_switched(struct visitor *v, unsigned int cpu);

/* Note the CPUs where it did not get to run among META's losses. */
void visitor_losses(const struct visitor *v, struct meta *meta);

#endif
