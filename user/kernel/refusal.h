/* SPDX-License-Identifier: GPL-2.0 */
/* Why the kernel refused something: one sentence with the cause that is true here. */
#ifndef KVAS_REFUSAL_H
#define KVAS_REFUSAL_H

#include "err.h"
#include "kernel/rights.h"

/* The reason for ERROR (an errno) where R holds, LEN bytes at BUF at most. Only R is looked at. */
void refusal_reason(const struct rights *r, int error, char *buf, size_t len);

/* Ask the kernel for these facts and set E, status KVAS_EXIT_HOST: "WHAT: reason". -1. */
int refusal(struct err *e, int error, const char *what, ...) __attribute__((format(printf, 3, 4)));

#endif
