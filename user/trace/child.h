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
 * -1 with E, whose status is KVAS_EXIT_NOT_FOUND or KVAS_EXIT_CANNOT_RUN then. */
int child_start(struct child *c, char **argv, struct err *e);
/* Let it go on. -1 with E when exec failed. */
int child_release(struct child *c, struct err *e);
/* Has it ended? Does not wait. */
bool child_poll(struct child *c);
/* Pass signal SIG on, but when the terminal sent it to the whole group (TO_GROUP), which the
 * command is in unless it left it. */
void child_pass(const struct child *c, int sig, bool to_group);
/* End a held child and reap it. One that runs is the user's: it is left alone. */
void child_end(struct child *c);

#endif
