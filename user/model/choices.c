/* SPDX-License-Identifier: GPL-2.0 */
#include "model/choices.h"

#include <stddef.h>

const char *format_name(unsigned int value)
{
	static const char *const words[FORMAT_COUNT] = {
#define FORMAT(number, name, word) [number] = #word,
#include "model/formats.def"
#undef FORMAT
	};

	return value < FORMAT_COUNT ? words[value] : NULL;
}

const char *pgd_sort_name(unsigned int value)
{
	static const char *const words[SORT_COUNT] = {
		[SORT_PID] = "pid", [SORT_BYTES] = "bytes", [SORT_COMM] = "comm",
	};

	return value < SORT_COUNT ? words[value] : NULL;
}
