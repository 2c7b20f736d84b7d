/* SPDX-License-Identifier: GPL-2.0 */
#include "model/fault_flags.h"

#include <string.h>

/* Fixed-size names: a copy of constant length is two instructions. */
struct flag {
	char name[15];
	unsigned char len;
};

size_t fault_flags(__u64 error_code, char *buf)
{
	static const struct flag flags[16] = {
		[0] = { "present", 7 },	 [1] = { "write", 5 }, [2] = { "user", 4 },
		[3] = { "reserved", 8 }, [4] = { "exec", 4 },  [5] = { "pkey", 4 },
		[6] = { "shadow_stack", 12 }, [15] = { "sgx", 3 },
	};
	size_t at = 0;

	for (unsigned int left = error_code & 0x807f; left; left &= left - 1) {
		const struct flag *f = &flags[__builtin_ctz(left)];

		if (at)
			buf[at++] = '|';
		memcpy(buf + at, f->name, sizeof(f->name));
		at += f->len;
	}
	return at;
}

const char *fault_flags_word(unsigned int low)
{
	static char words[FAULT_CODES][FAULT_FLAGS_MAX + 1];
	char *word;

	if (low >= FAULT_CODES)
		return NULL;
	word = words[low];
	if (!word[0])
		word[low ? fault_flags(low, word) : (size_t)(stpcpy(word, "none") - word)] = '\0';
	return word;
}
