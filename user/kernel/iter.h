/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_ITER_H
#define KVAS_ITER_H

#include <stddef.h>

#include "err.h"

struct bpf_link;

/* Run the iterator attached as LINK and read all it writes into *BUF, a malloced
 * buffer of *ROOM bytes that grows as needed and stays the caller's (NULL and 0 at
 * first). How many bytes came is in *GOT. -1 with E. */
int iter_read(struct bpf_link *link, void **buf, size_t *room, size_t *got, struct err *e);

#endif
