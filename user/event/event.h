/* SPDX-License-Identifier: GPL-2.0 */
/* Ring bytes to a checked event. */
#ifndef KVAS_EVENT_H
#define KVAS_EVENT_H

#include <linux/types.h>
#include <stddef.h>

#include "kvas/wire.h"

/* Copy the ring record at DATA (SIZE bytes, any alignment) to *OUT after
 * checking kind, size and every enum. 0, or -1 if it is not a record of this
 * ABI: the caller counts it, never guesses. */
int event_decode(const void *data, size_t size, union kvas_record *out);

/* Bytes of a record of KIND; 0 when there is no such kind. */
size_t event_size(unsigned int kind);

/* The error code's bits as words joined by '|' ("present|write|user"); bit
 * meanings: enum x86_pf_error_code, arch/x86/include/asm/trap_pf.h (5.10 to 7.2).
 * Bits without a name are left to the raw number. Returns bytes written,
 * without NUL, at most EVENT_FLAGS_MAX. */
#define EVENT_FLAGS_MAX 96
size_t event_fault_flags(__u64 error_code, char *buf);

#endif
