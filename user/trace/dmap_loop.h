/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVAS_DMAP_LOOP_H
#define KVAS_DMAP_LOOP_H

#include "cli/cli.h"
#include "err.h"
#include "kernel/space.h"

/* kvas dmap --watch: stream to standard output what becomes of the direct map, until
 * SIGINT, SIGTERM or the duration's end. -1 with E. */
int dmap_watch(struct space *s, const struct cli *cli, struct err *e);

#endif
