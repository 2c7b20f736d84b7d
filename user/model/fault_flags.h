/* SPDX-License-Identifier: GPL-2.0 */
/* The bits of a page fault's error code as words: enum x86_pf_error_code,
 * arch/x86/include/asm/trap_pf.h (5.10 to 7.2). */
#ifndef KVAS_FAULT_FLAGS_H
#define KVAS_FAULT_FLAGS_H

#include <linux/types.h>
#include <stddef.h>

/* The words of ERROR_CODE joined by '|' ("present|write|user") into BUF. Bits without a name
 * are left to the raw number. Returns the bytes written, without NUL, at most
 * FAULT_FLAGS_MAX. */
#define FAULT_FLAGS_MAX 96
size_t fault_flags(__u64 error_code, char *buf);

/* The same of the low five bits, which the counters are by; "none" without any. Static storage;
 * NULL past them. */
#define FAULT_CODES 32
const char *fault_flags_word(unsigned int low);

#endif
