/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/kallsyms line by line. It has up to 300,000, and each start of kvas reads them: so without stdio, and
 * without a call for each part of a line.
 */
#ifndef KVAS_KSYM_LINES_H
#define KVAS_KSYM_LINES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct ksym_lines;

/* "ffffffff81000000 T _text\t[module]\n" */
struct ksym_text {
	__u64 value;
	char type;
	const char *name; /* until the next line is read */
	size_t len; /* of the name */
	const char *module; /* without brackets; "" the kernel's own */
};

/* NULL when FILE cannot be opened, or memory ends. */
struct ksym_lines *ksym_lines_open(const char *file);
/* The next line that is one; false at the end. */
bool ksym_lines_next(struct ksym_lines *l, struct ksym_text *out);
void ksym_lines_close(struct ksym_lines *l);

#endif
