/* SPDX-License-Identifier: GPL-2.0 */
/* What a command line chooses among, and views act on. */
#ifndef KVAS_CHOICES_H
#define KVAS_CHOICES_H

enum format {
#define FORMAT(number, name, word) FORMAT_##name = number,
#include "model/formats.def"
#undef FORMAT
	FORMAT_END, /* one past the last */
};
#define FORMAT_COUNT ((unsigned int)FORMAT_END)

/* Order of the lines of kvas pgd -a. */
enum pgd_sort { SORT_PID = 0, SORT_BYTES = 1, SORT_COMM = 2 };
#define SORT_COUNT 3

/* The word for a value of the enum, as the command line takes it; NULL where VALUE is
 * none of the enum's. Static storage. */
const char *format_name(unsigned int value);
const char *pgd_sort_name(unsigned int value);

#endif
