/* SPDX-License-Identifier: GPL-2.0 */
/* A symbol as people write it, and as the kernel prints it in an oops. */
#ifndef KVAS_SYMBOL_NAME_H
#define KVAS_SYMBOL_NAME_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* [MODULE:]NAME[#N][+OFFSET[/SIZE]][ [MODULE]] */
struct symbol_name {
	char name[256];
	char module[64]; /* "" any; "bpf" for BPF programs */
	unsigned int nth; /* from 1 on; 0 not said */
	__u64 offset;
};

/* False when TEXT cannot be the name of a symbol: a part is missing, too long or no number. */
bool symbol_name_parse(const char *text, struct symbol_name *n);

struct symbol_place {
	__u64 value; /* as kallsyms has it: 0 hidden, below 1 << 63 a per-CPU offset */
	char module[64]; /* "" the kernel's own */
};

#define SYMBOL_PLACES 32
struct symbol_places {
	size_t nr; /* there are; the first SYMBOL_PLACES are in PLACE */
	struct symbol_place place[SYMBOL_PLACES];
	int chosen; /* index of the one that is meant; -1 there is none, or it is not known which */
};

/* Every place of N in FILE (KALLSYMS), in the order of the file; names of one address are one
 * place. Meant is number N->nth; without a number the only one, or else the only one of the
 * kernel's own. -1 when FILE cannot be read. */
int symbol_places(const char *file, const struct symbol_name *n, struct symbol_places *out);

#endif
