/* SPDX-License-Identifier: GPL-2.0 */
/* A child of kvas with a page of random bytes, to be found by its page tables. */
#ifndef KVAS_MARKED_H
#define KVAS_MARKED_H

#include <sys/types.h>

#include "kernel/space.h"
#include "model/evidence.h"

struct marked {
	pid_t pid; /* 0 none */
	int from; /* the child's pipe: first the page's address, in the end its bytes */
	int to; /* shut: the child tells and ends */
	__u64 va;
	char why[160]; /* there is no child: why */
};

/* Start the child; before space_open(), so that it is among the tasks. That it cannot be
 * is said by marked_find(). */
void marked_start(struct marked *m);
/* Find its page through its tables, read it through the direct map, then let it tell what
 * it wrote, which kvas did not know before, and compare. */
void marked_find(struct marked *m, const struct space *s, struct marked_page *out);
/* End the child, if it is still there. */
void marked_end(struct marked *m);

#endif
