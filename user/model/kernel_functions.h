/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's functions that kvas knows by name, in sets: kernel_functions.c has the lists and
 * where each comes from. A function that a kernel does not have is simply not met there.
 */
#ifndef KVAS_KERNEL_FUNCTIONS_H
#define KVAS_KERNEL_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"

enum kfunc_set {
	KFUNC_VMALLOC, /* vmalloc's own code and the wrappers of it */
	KFUNC_PAGES, /* the page allocator's own code and the wrappers of it */
	KFUNC_KERNEL_FLUSH, /* flushes of kernel address ranges */
	KFUNC_COPY_CHECK, /* hardened usercopy's check */
	KFUNC_KERNEL_COPY, /* below these, functions that copy user memory copy the kernel's */
	KFUNC_COPIES_STRING, /* copies a string whose length is not known before */
	KFUNC_TRACING, /* BPF programs, what they call, and what calls them */
	KFUNC_CALLS_PROGRAMS, /* calls by a pointer are of BPF programs */
	KFUNC_SPLITS_DIRECT_MAP, /* kvas's hook on what changes the direct map's pages */
	KFUNC_FAILS_SAFELY, /* made for addresses that may not be mapped */
	KFUNC_ENTRY, /* the processor enters the kernel there, interrupts off */
	KFUNC_TAKES_IRQS, /* returns with interrupts off */
	KFUNC_PREEMPTS, /* does nothing while interrupts are off */
	KFUNC_ALARM, /* called when something is wrong */
	KFUNC_RETRIES, /* loops there go round again hardly ever */
	KFUNC_SAVES_FPU, /* a switch from a task that was in user mode calls it */
	KFUNC_INDIRECT_THUNK, /* stands for a call by a pointer */
	KFUNC_MAKES_STACK, /* named as the caller of a vmalloc area: it is a kernel stack */
	KFUNC_MAKES_BPF, /* it is of a BPF program or map */
	KFUNC_MAKES_MODULE, /* it is of code */
	KFUNC_MAKES_PERCPU, /* it is a chunk's room */
	KFUNC_SETS,
};

/* Is the function NAME, as kallsyms has it, one of SET? */
bool kfunc_in(enum kfunc_set set, const char *name);

/* The tracepoint whose probes the function NAME calls by their pointers; NULL it is none of
 * those functions. A part of NAME. */
const char *kfunc_tracepoint(const char *name);

/* The function that does the copying of BY; "" unknown. Static. */
const char *kfunc_of_copy(enum kvas_copy by);

/* What a pointer to a function leads to as a rule, by the function that calls it. */
#define KFUNC_TARGETS 9
struct kfunc_usual {
	const char *caller;
	const char *const *targets; /* KFUNC_TARGETS of them or fewer and NULL */
};
#define KFUNC_USUAL 14
extern const struct kfunc_usual kfunc_usual[KFUNC_USUAL];
/* The index there of function NAME, a part of one included ("activate_task.isra.0"); -1. */
int kfunc_usual_of(const char *name);

#endif
