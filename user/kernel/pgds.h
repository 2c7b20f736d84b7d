/* SPDX-License-Identifier: GPL-2.0 */
/* Read the page tables of all processes. */
#ifndef KVAS_PGDS_H
#define KVAS_PGDS_H

#include "kernel/space.h"
#include "pgtable/pgds.h"

/* Read them all, each one's lower tables too when LOWER. -1 with E. */
int pgds_read(struct space *s, bool lower, struct pgds *out, struct err *e);
void pgds_free(struct pgds *p);

#endif
