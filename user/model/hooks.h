/* SPDX-License-Identifier: GPL-2.0 */
/* The hook table: what kvas wants to see, and the ways to see it, best first. Its rows are in
 * include/kvas/hooks.def. */
#ifndef KVAS_HOOKS_H
#define KVAS_HOOKS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

enum attach_how {
	HOW_FENTRY = 1,
	HOW_FEXIT = 2,
	HOW_KPROBE = 3,
	HOW_KRETPROBE = 4,
	HOW_TP_BTF = 5,
};

struct hook_candidate {
	enum attach_how how; /* 0 ends the list */
	bool derived; /* the figure follows from this event by a rule */
	const char *target; /* kernel function or tracepoint */
	const char *program; /* in the BPF object; NULL: another row's program does it */
	int args; /* of a function whose number of arguments changed: this many, plus 1;
		   * 0 any */
};

#define HOOK_CANDIDATES 5

struct hook {
	const char *name; /* as in JSON "hooks" and text */
	bool required; /* kvas has no use without it */
	bool memory; /* only for -m: KVAS_KIND_MEMORY */
	const char *what; /* what it sees, in words for `kvas hooks` */
	const char *without; /* what is unknown when it is missing */
	struct hook_candidate candidate[HOOK_CANDIDATES];
};

/* Rows by enum hook_id: HOOK_fork, HOOK_pgd_alloc ... */
enum hook_id {
#define HOOK(name, required, memory, what, without) HOOK_##name,
#include "kvas/hooks.def"
	HOOK_COUNT,
};

extern const struct hook hook_table[HOOK_COUNT];

/* Is H to be attached for what EMIT (bit per enum kvas_kind) asks for? */
bool hook_wanted(const struct hook *h, __u32 emit);

/* Does its program compare its place in the stack with THREAD_SIZE? */
bool hook_needs_thread_size(const struct hook *h);

/* "fentry", "tp_btf" ...; "none" for no way. Static storage. */
const char *attach_how_name(enum attach_how how);

#endif
