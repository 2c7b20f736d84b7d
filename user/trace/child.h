/* SPDX-License-Identifier: GPL-2.0 */
/* The command of `stat -- COMMAND`: started held, released when the hooks are on. */
#ifndef KVAS_CHILD_H
#define KVAS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"

struct child {
	pid_t pid; /* 0 none */
	int go_fd; /* closing without a byte cancels it */
	int error_fd; /* carries errno of a failed exec */
	bool ended;
	int status; /* exit status, 128 + signal */
};

/* Fork a process that waits, then becomes ARGV. The program is searched in PATH
 * now, so that a name that does not exist fails before anything is attached:
 * -1 with E. */
int child_start(struct child *c, char **argv, struct err *e);
/* Let it go on. -1 with E when exec failed. */
int child_release(struct child *c, struct err *e);
/* Has it ended? Does not wait. */
bool child_poll(struct child *c);
/* End a held or running child and reap it. */
void child_end(struct child *c);

#endif
