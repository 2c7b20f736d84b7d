/* SPDX-License-Identifier: GPL-2.0 */
/* The process that -p names: may it be followed, and has it ended? */
#ifndef KVAS_FOLLOWED_H
#define KVAS_FOLLOWED_H

#include <stdbool.h>

#include "err.h"

struct followed {
	int fd; /* of the process, readable once its last thread has ended; -1 none */
	bool ended;
};

/* PID is the number of a process, which runs, and the kernel's programs see it. -1 with E: there is
 * none, it has ended, it is a thread's number, or the kernel does not list it. */
int followed_open(struct followed *f, int pid, struct err *e);
void followed_close(struct followed *f);

/* Has the process ended? Its children may go on. False when none is followed. */
bool followed_ended(struct followed *f);

#endif
