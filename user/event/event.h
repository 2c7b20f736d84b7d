/* SPDX-License-Identifier: GPL-2.0 */
/* Ring bytes to a checked event. */
#ifndef KVAS_EVENT_H
#define KVAS_EVENT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"

/* Copy the ring record at DATA (SIZE bytes, any alignment) to *OUT after
 * checking kind, size and every enum. 0, or -1 if it is not a record of this
 * ABI: the caller counts it, never guesses. */
int event_decode(const void *data, size_t size, union kvas_record *out);

/* Does R, of a kind that exists, hold values that a record can have? */
bool event_holds(const union kvas_record *r);

/* Bytes of a record of KIND; 0 when there is no such kind. */
size_t event_size(unsigned int kind);

#endif
