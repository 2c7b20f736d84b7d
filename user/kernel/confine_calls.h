/* SPDX-License-Identifier: GPL-2.0 */
/* The system calls that a run which streams allows itself. */
#ifndef KVAS_CONFINE_CALLS_H
#define KVAS_CONFINE_CALLS_H

#include <sys/types.h>

#include "err.h"

/*
 * Install, in all threads and for good, a seccomp filter that allows what streaming needs:
 * signals to COMMAND (0 none) and to kvas, no other program, process, socket or BPF program. A
 * call that it refuses returns EPERM and is named on standard error. Nothing to do where the
 * kernel has no seccomp. 0, or -1 with E.
 */
int confine_calls(pid_t command, struct err *e);

#endif
