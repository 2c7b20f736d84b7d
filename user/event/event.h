/* SPDX-License-Identifier: GPL-2.0 */
/* Ring bytes to a checked event; the words CSV, text and JSON use for enums. */
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

/* Words: "task", "fork", "alloc", "mm_loaded", "syscall", "user" ...; NULL when
 * the value is none of the enum's. The *_by_name return the value or -1. */
const char *event_kind_name(unsigned int kind);
int event_kind_by_name(const char *s, size_t len);
const char *event_task_op_name(unsigned int op);
int event_task_op_by_name(const char *s, size_t len);
const char *event_pgd_op_name(unsigned int op);
int event_pgd_op_by_name(const char *s, size_t len);
const char *event_how_name(unsigned int how);
int event_how_by_name(const char *s, size_t len);
const char *event_switch_op_name(unsigned int op);
int event_switch_op_by_name(const char *s, size_t len);
const char *event_cause_name(unsigned int cause);
int event_cause_by_name(const char *s, size_t len);
const char *event_fault_mode_name(unsigned int mode);
int event_fault_mode_by_name(const char *s, size_t len);
const char *event_vm_op_name(unsigned int op);
int event_vm_op_by_name(const char *s, size_t len);
const char *event_memory_use_name(unsigned int use);
int event_memory_use_by_name(const char *s, size_t len);
const char *event_access_mode_name(unsigned int mode);
int event_access_mode_by_name(const char *s, size_t len);
/* "" where there was no access. */
const char *event_access_base_name(unsigned int base);
int event_access_base_by_name(const char *s, size_t len);
/* "" where all is known. */
const char *event_access_why_name(unsigned int why);
int event_access_why_by_name(const char *s, size_t len);
/* As region_name() and region_by_name(); KVAS_REGION_COUNT and "" where there was no
 * access. */
const char *event_access_region_name(unsigned int region);
int event_access_region_by_name(const char *s, size_t len);

/* The error code's bits as words joined by '|' ("present|write|user"); bit
 * meanings: enum x86_pf_error_code, arch/x86/include/asm/trap_pf.h (5.10 to 7.2).
 * Bits without a name are left to the raw number. Returns bytes written,
 * without NUL, at most EVENT_FLAGS_MAX. */
#define EVENT_FLAGS_MAX 96
size_t event_fault_flags(__u64 error_code, char *buf);

#endif
