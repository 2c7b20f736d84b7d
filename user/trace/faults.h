/* SPDX-License-Identifier: GPL-2.0 */
/* A short look at the page faults of kernel mode. */
#ifndef KVAS_FAULTS_H
#define KVAS_FAULTS_H

#include "kernel/space.h"
#include "model/evidence.h"

/* Trace the whole host for about half a second, with page faults of kernel mode that kvas
 * causes meanwhile: at user addresses, read(2) into fresh memory; and by its reader at
 * kernel addresses where nothing is mapped. */
void faults_watch(const struct space *s, struct kernel_faults *out);

#endif
