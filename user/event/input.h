/* SPDX-License-Identifier: GPL-2.0 */
/* A file of a recording, which anybody may have made, opened for reading. */
#ifndef KVAS_INPUT_H
#define KVAS_INPUT_H

#include <linux/types.h>
#include <stddef.h>

#include "err.h"

/* Open NAME below DIRFD: a regular file and no symbolic link, which may lead to what is not to be
 * shown. DIR is for messages. *SIZE is its bytes now. The descriptor, the caller's to close, or
 * -1 with E. */
int input_open(int dirfd, const char *dir, const char *name, __u64 *size, struct err *e);
/* Read up to LEN bytes of FD into BUF, 0 at the end; a signal does not cut it short. -1 with
 * errno. */
long input_read(int fd, void *buf, size_t len);
/* All SIZE bytes of FD, the caller's to free; NULL with errno. */
char *input_read_whole(int fd, size_t size);

#endif
