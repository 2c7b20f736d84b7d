/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a run is told to end, the same for all commands that stream. Signals belong to the
 * process, so there is one of this. INT, TERM, HUP and QUIT ask to end, but for those that
 * were ignored at start (nohup, a script's background job). One that comes again after as
 * many as are obeyed ends the process at once, which detaches everything.
 */
#ifndef KVAS_ENDING_H
#define KVAS_ENDING_H

#include <stdbool.h>

#include "err.h"

/* Seconds that kvas, once told to end, waits for somebody to read its output. */
#define ENDING_PATIENCE_S 2

/* Take the signals; OBEYED of them, 1 or more, are left to the caller. PIPE is ignored from
 * now on: a closed pipe is a write error. -1 with E. */
int ending_begin(int obeyed, struct err *e);
/* Readable when a signal has come, or a child ended; until ending_heard(). */
int ending_fd(void);
void ending_heard(void);
/* How many asked to end. Not counted: what comes twice for one request, as from timeout(1) or
 * a terminal that closes. */
int ending_asked(void);
/* The first that asked; 0 none. */
int ending_signal(void);
/* Did the first come from a terminal, which sends it to the whole process group? */
bool ending_from_terminal(void);

/* Have stdout write in whole lines, and wait no longer than ENDING_PATIENCE_S for its reader
 * once the run is told to end: what is left then is dropped, with the error ETIMEDOUT. */
int ending_stdout(struct err *e);

#endif
