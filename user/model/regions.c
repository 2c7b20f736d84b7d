/* SPDX-License-Identifier: GPL-2.0 */
#include "model/regions.h"

#include <string.h>

static const struct {
	const char *word, *use;
	char letter;
} rows[KVAS_REGION_COUNT] = {
#define REGION(value, name, word, letter, use) [value] = { word, use, letter },
#include "kvas/regions.def"
#undef REGION
};

static enum kvas_region known(enum kvas_region r)
{
	return (unsigned int)r < KVAS_REGION_COUNT ? r : KVAS_REGION_OTHER;
}

const char *region_name(enum kvas_region r)
{
	return rows[known(r)].word;
}

char region_letter(enum kvas_region r)
{
	return rows[known(r)].letter;
}

const char *region_use(enum kvas_region r)
{
	return rows[known(r)].use;
}

int region_by_name(const char *name, size_t len)
{
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (strlen(rows[r].word) == len && !memcmp(rows[r].word, name, len))
			return r;
	return -1;
}
