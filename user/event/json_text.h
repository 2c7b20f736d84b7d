/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of the kernel or the command line as JSON strings, which must be UTF-8:
 * what is not becomes \xNN, and a backslash \x5c, so that it can be undone. */
#ifndef KVAS_JSON_TEXT_H
#define KVAS_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* A new JSON string of up to LEN bytes at S, ended by a NUL before that. */
json_t *json_text(const char *s, size_t len);
/* An address as docs/json.md has it: "0xffff888000000000". */
json_t *json_address(unsigned long long v);
/* Back into OUT (SIZE bytes, always terminated); -1 when it does not fit, or when a \x in it has
 * not two digits behind it. */
int json_text_undo(const char *text, char *out, size_t size);

#endif
