/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers and times as text. Each writes to BUF and returns it. */
#ifndef KVAS_FORMAT_H
#define KVAS_FORMAT_H

#include <linux/types.h>
#include <stdbool.h>

#define FORMAT_MAX 32

/* 1234567 -> "1,234,567" */
const char *format_count(char buf[FORMAT_MAX], __u64 v);
/* At most six characters: "987", "12.3k", "4.56M". */
const char *format_short(char buf[FORMAT_MAX], double v);
/* Nanoseconds with a fitting unit: "1.23 ms". */
const char *format_ns(char buf[FORMAT_MAX], __u64 ns);
/* Bytes with a fitting binary unit: "20.0 KiB". */
const char *format_bytes(char buf[FORMAT_MAX], __u64 bytes);
/* Empty of a row that stands for many processes, FOLDED. */
const char *format_pid(char buf[FORMAT_MAX], __u32 pid, bool folded);

#endif
