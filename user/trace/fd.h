/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_TRACE_FD_H
#define KVAS_TRACE_FD_H

#include <unistd.h>

/* Closes *FD if it is one, and makes it -1, which is none. */
static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#endif
