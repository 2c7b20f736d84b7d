/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs that run at tracepoints, kvas's own among them: kernel code that no
 * function of the kernel's text names. */
#ifndef KVAS_PROGRAMS_H
#define KVAS_PROGRAMS_H

#include <linux/types.h>
#include <stddef.h>

struct symbols;

struct program {
	char tracepoint[64];
	__u64 start; /* of its machine code */
};

/* All that are attached now, into *OUT, which is malloced; their code, and that of their
 * functions, into SYMBOLS. How many there are; 0 also when that cannot be told. */
size_t programs_read(struct program **out, struct symbols *symbols);

#endif
