/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that kvas writes. They hold kernel addresses and root makes them, so each is
 * new (or replaces a file by rename), 0600, made without following a link, in a
 * directory whose entries nobody but root and the user can swap.
 */
#ifndef KVAS_OUTFILE_H
#define KVAS_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* Open descriptors 0 to 2 on /dev/null where they are closed: a file that took one
 * of them would get what is meant for the terminal. -1 with errno. */
int outfile_guard_std(void);

/* May NAME, the directory open as FD, hold output? It is root's or the user's; others may
 * not write to it, or it is sticky and IN_STICKY. -1 with E, which says what to do. */
int outfile_dir_check(int fd, const char *name, bool in_sticky, struct err *e);

/* Make NAME new in the checked directory DIRFD, 0600: the descriptor, which the caller
 * closes, or -1 with errno. */
int outfile_new(int dirfd, const char *name);

/* Write all LEN bytes, over signals and short writes. How many were written; less
 * than LEN with *ERROR (an errno), and untouched otherwise. */
size_t outfile_write(int fd, const void *buf, size_t len, int *error);

/* Make file PATH, or empty it when it is the user's own regular file with one name;
 * a device, pipe or socket is opened as it is. OPTION is named in messages. The
 * descriptor, which the caller closes, or -1 with E. */
int outfile_open_path(const char *path, const char *option, struct err *e);

#endif
