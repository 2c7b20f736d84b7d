/* SPDX-License-Identifier: GPL-2.0 */
/* A run that is attached gives up what it no longer needs. */
#ifndef KVAS_CONFINE_H
#define KVAS_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"

enum confine {
	CONFINE_NOTHING = 0,
	CONFINE_RIGHTS = 1, /* capabilities */
	CONFINE_CALLS = 2, /* and system calls, see kernel/confine_calls.h */
};

/* All that HOW says; COMMAND is the process to which signals may go, 0 none. 0, or -1 with E. */
int confine(enum confine how, pid_t command, struct err *e);

/*
 * Drop all capabilities of the calling thread, for good: no program that it could run has them
 * either. CAP_BPF stays where the kernel asks for it at each bpf(2) (before 5.19), and CAP_KILL
 * with SIGNALS, for a command that became another user. A thread that reads the kernel's symbols
 * keeps its own until it ends, which is soon. 0, or -1 with E.
 */
int confine_capabilities(bool signals, struct err *e);

#endif
