/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The running kernel's text, function by function: the instructions, and how often each
 * runs in one call of the function, as far as that can be told without running it. No
 * I/O: bytes come by a callback.
 */
#ifndef KVAS_TEXT_H
#define KVAS_TEXT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "access/insn.h"
#include "kernel/symbols.h"

/* Fill BUF with LEN bytes at VA, all of one page; nonzero when they cannot be read. */
typedef int (*text_read_fn)(void *ctx, __u64 va, void *buf, size_t len);

/* A few hundred thousand of them are held: small. */
struct text_insn {
	__u32 at; /* bytes from the function's start */
	__s32 target; /* index of a jump's or branch's target in the function; -1 outside */
	__s32 leads; /* a direct jump, branch or call: where, from the function's start */
	float taken; /* of a branch: how likely */
	float freq; /* executions in one call, expected */
	__u8 flow; /* enum insn_flow */
	__u8 irq; /* enum insn_irq */
	bool direct; /* leads is known */
	bool waits;
	__u8 load[KVAS_BASE_END], store[KVAS_BASE_END]; /* accesses */
};

struct function {
	__u64 start, end;
	const char *name; /* "" for text without a symbol */
	struct text_insn *insn;
	__s32 nr;
};

struct text;

/* SYMBOLS is borrowed and must outlive it. NULL when out of memory. */
struct text *text_create(const struct symbols *symbols, text_read_fn read, void *ctx);
void text_destroy(struct text *t);

/* The function IP is in, kept until text_trim; NULL when it cannot be read or decoded, or
 * has no symbol. */
struct function *text_function(struct text *t, __u64 ip);
/* Forget all functions when they are many. */
void text_trim(struct text *t);
/* Where a direct jump, branch or call leads; 0 it is none. */
__u64 text_leads(const struct function *f, const struct text_insn *i);
/* Where symbol number I of N begins, the N spread over all. */
__u64 text_spread(const struct text *t, size_t i, size_t n);
/* Where the function NAME begins; 0 there is none. Slow. */
__u64 text_find(const struct text *t, const char *name);
/* Index of the instruction that begins at IP in F; -1 none does. */
__s32 function_find(const struct function *f, __u64 ip);

#endif
