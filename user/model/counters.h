/* SPDX-License-Identifier: GPL-2.0 */
/* The per-CPU and per-task counters of include/kvas/hooks.def: their names, as interval.csv
 * and loss.csv write them, and the hooks that feed them. */
#ifndef KVAS_COUNTERS_H
#define KVAS_COUNTERS_H

#include <stddef.h>

#include "model/hooks.h"

#define COUNTER_NAME_MAX 48

/* Name of per-CPU counter C (enum kvas_counter and its ranges), e.g.
 * "switches.mm_loaded", "faults.region.user", "lost.ring.fault"; NULL for an
 * unused number. Static storage. */
const char *counter_name(unsigned int c);
/* -1 when there is none of that name. */
int counter_by_name(const char *s, size_t len);
/* The hook whose program adds to C; HOOK_COUNT: more than one, or C is unused. */
enum hook_id counter_hook(unsigned int c);

/* Name of per-task counter T (enum kvas_task_counter), e.g. "syscalls". */
const char *task_counter_name(unsigned int t);
int task_counter_by_name(const char *s, size_t len);
/* A hook without which T is not known: the first of those that feed it. T below KVAS_T_COUNT. */
enum hook_id task_counter_hook(unsigned int t);

#endif
