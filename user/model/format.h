/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers, times and untrusted names as text. Each writes to BUF and returns it. */
#ifndef KVAS_MODEL_FORMAT_H
#define KVAS_MODEL_FORMAT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"

#define FORMAT_MAX 32

/* 1234567 -> "1,234,567" */
const char *format_count(char buf[FORMAT_MAX], __u64 v);
/* At most six characters: "987", "12.3k", "4.56M". */
const char *format_short(char buf[FORMAT_MAX], double v);
/* Nanoseconds with a fitting unit: "1.23 ms". */
const char *format_ns(char buf[FORMAT_MAX], __u64 ns);
/* Bytes with a fitting binary unit: "20.0 KiB". */
const char *format_bytes(char buf[FORMAT_MAX], __u64 bytes);

/* COMM made harmless for a terminal: printable ASCII is kept, everything else, and
 * the backslash, becomes \xNN. BUF of SAFE_COMM_MAX bytes; returns it. */
#define SAFE_COMM_MAX (KVAS_COMM_LEN * 4 + 1)
const char *safe_comm(char *buf, const char comm[KVAS_COMM_LEN]);
/* The same for a string; BUF of 4 * strlen + 1 bytes. */
const char *safe_text(char *buf, const char *s);
/* The same for up to MAX bytes of S; BUF of 4 * MAX + 1 bytes. */
const char *safe_bytes(char *buf, const char *s, size_t max);

/* Does TEXT begin with what a spreadsheet takes for a formula (= + - @ tab CR), or with the '
 * that says it is none? */
bool format_is_formula(const char *text);

#endif
