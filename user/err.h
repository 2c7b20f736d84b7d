/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One error, as a sentence for the user: what was wrong, with what value, and
 * what to do. Filled by the callee where a function takes a struct err *, which
 * may be NULL; the function's return value alone says whether it failed.
 */
#ifndef KVAS_ERR_H
#define KVAS_ERR_H

/* Exit statuses, as README.md lists them. */
enum kvas_exit {
	KVAS_EXIT_OK = 0,
	KVAS_EXIT_FAILED = 1,
	KVAS_EXIT_USAGE = 2,
	KVAS_EXIT_HOST = 3, /* the host refuses: privilege, lockdown, no BTF */
	/* The program to run, as a shell has them. */
	KVAS_EXIT_CANNOT_RUN = 126,
	KVAS_EXIT_NOT_FOUND = 127,
	KVAS_EXIT_SIGNAL = 128, /* and the signal's number */
};

struct err {
	int status; /* enum kvas_exit to leave with; 0 = KVAS_EXIT_FAILED */
	char text[1600]; /* a list may follow the sentence, a line each */
};

/* Write the sentence; returns -1 so that "return err_set(...)" reads well. */
int err_set(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_set_status(struct err *e, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Print "kvas: TEXT" on stderr; returns the exit status to use. */
int err_print(const struct err *e);

#endif
