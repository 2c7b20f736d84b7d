/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What calls of kernel functions do to memory, with what those call in turn: expected
 * numbers, told from the text. Calls by a pointer count as what they are as a rule, where
 * that is known; as the BPF programs of a tracepoint; or as a mean function.
 */
#ifndef KVAS_CALLS_H
#define KVAS_CALLS_H

#include <linux/types.h>
#include <stddef.h>

#include "access/text.h"
#include "kernel/programs.h"

/* Expected numbers, by what the address is made from (enum kvas_access_base). */
struct mix {
	double load[KVAS_BASE_END];
	double store[KVAS_BASE_END];
	double insns;
};

/* Add the instruction I itself, run TIMES. */
void mix_add_insn(struct mix *to, const struct text_insn *i, double times);

struct calls;

/* TEXT and the NR PROGRAMS at tracepoints are borrowed. NULL when out of memory. */
struct calls *calls_create(struct text *text, const struct program *programs, size_t nr);
void calls_destroy(struct calls *c);
/* Forget what was worked out when it is much. */
void calls_trim(struct calls *c);

/* Add what instruction T of F, run TIMES, has other functions do, if it calls one, DEPTH
 * calls deep at most. */
void calls_add(struct calls *c, const struct function *f, const struct text_insn *t, double times,
	       int depth, struct mix *to);

#endif
