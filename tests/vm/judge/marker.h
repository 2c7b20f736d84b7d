/* SPDX-License-Identifier: GPL-2.0 */
/* The marker by which a guest program speaks to a plugin: a long NOP with displacement
 * 0xdeadNNNN (0f 1f 84 00 NN NN ad de), NNNN its number. */
#ifndef MARKER_H
#define MARKER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline int is_marker(const uint8_t *p, size_t len)
{
	return len == 8 && !memcmp(p, "\x0f\x1f\x84\x00", 4) && p[6] == 0xad && p[7] == 0xde;
}

static inline unsigned int marker_number(const uint8_t *p)
{
	return p[4] | p[5] << 8;
}

#endif
