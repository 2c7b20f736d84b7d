/* SPDX-License-Identifier: GPL-2.0 */
#include "event/json_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/json_memory.h"

/* Bytes of the well-formed UTF-8 character at S (RFC 3629: shortest form, no
 * surrogates, up to U+10FFFF); 0 when there is none. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 :
		   s[0] >= 0xf0 && s[0] < 0xf5			 ? 4 : 0;

	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

json_t *json_text(const char *s, size_t len)
{
	size_t left = strnlen(s, len);
	char *buf = json_memory(left * 4 + 1), *p = buf;
	json_t *json;

	if (!buf)
		return NULL;
	while (left) {
		size_t n = *s == '\\' ? 0 : utf8_len((const unsigned char *)s, left);

		if (n) {
			memcpy(p, s, n);
			p += n;
		} else {
			p += sprintf(p, "\\x%02x", (unsigned char)*s);
			n = 1;
		}
		s += n;
		left -= n;
	}
	json = json_stringn(buf, p - buf);
	json_memory_free(buf);
	return json;
}

int json_text_undo(const char *text, char *out, size_t size)
{
	size_t n = 0;

	while (*text && n + 1 < size) {
		if (text[0] != '\\' || text[1] != 'x') {
			out[n++] = *text++;
			continue;
		}
		/* A file that was made up may end here: the second digit is looked at behind a first. */
		if (!isxdigit((unsigned char)text[2]) || !isxdigit((unsigned char)text[3]))
			break;
		out[n++] = strtoul((char[]){ text[2], text[3], '\0' }, NULL, 16);
		text += 4;
	}
	out[n] = '\0';
	return *text ? -1 : 0;
}

json_t *json_address(unsigned long long v)
{
	return json_sprintf("0x%016llx", v);
}
