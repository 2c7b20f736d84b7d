/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's symbols, held in memory for many look-ups. */
#ifndef KVAS_SYMBOLS_H
#define KVAS_SYMBOLS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct symbol {
	__u64 start;
	const char *name;
};

struct symbols; /* about 4 MiB for a kernel's 120,000 */

/* Read the text symbols (types t, T, w, W) of FILE, /proc/kallsyms as a rule. NULL when it
 * cannot be read, shows no addresses, or memory ends. */
struct symbols *symbols_read(const char *file);
void symbols_destroy(struct symbols *s);

/* The same by a thread, for who needs them later: 0.1 s, most of it in the kernel, that is
 * not felt beside the loading of programs. */
struct symbols_later;
struct symbols_later *symbols_later_create(const char *file); /* NULL when it cannot run */
/* The symbols, waited for at the first call; NULL as symbols_read. They are L's. */
struct symbols *symbols_later_get(struct symbols_later *l);
void symbols_later_destroy(struct symbols_later *l);

/* Add one; found only after symbols_sort, which ends the life of all names told before.
 * -1 when memory ends. */
int symbols_add(struct symbols *s, __u64 start, const char *name);
void symbols_sort(struct symbols *s);

/* The symbol that begins at or last before VA into *OUT, its name good until S goes, and
 * where the next one begins. False when there is none. */
bool symbols_at(const struct symbols *s, __u64 va, struct symbol *out, __u64 *end);
/* Where the first symbol NAME begins; 0 there is none. Looks at all. */
__u64 symbols_find(const struct symbols *s, const char *name);
/* How many there are; and where number I, in the order of addresses, begins. */
size_t symbols_count(const struct symbols *s);
__u64 symbols_nth(const struct symbols *s, size_t i);

#endif
