/* SPDX-License-Identifier: GPL-2.0 */
/* A run that is attached gives up what it no longer needs. */
#ifndef KVAS_CONFINE_H
#define KVAS_CONFINE_H

#include <stdbool.h>

#include "err.h"

/*
 * Drop all capabilities of the calling thread, for good: no program that it could run has them
 * either. CAP_BPF stays where the kernel asks for it at each bpf(2) (before 5.19), and CAP_KILL
 * with SIGNALS, for a command that became another user. A thread that reads the kernel's symbols
 * keeps its own until it ends, which is soon. 0, or -1 with E.
 */
int confine_capabilities(bool signals, struct err *e);

#endif
