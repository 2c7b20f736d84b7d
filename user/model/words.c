/* SPDX-License-Identifier: GPL-2.0 */
#include "model/words.h"

#include <string.h>

#include "model/regions.h"

/* A table per enum, indexed by value; NULL where no value is. */
#define ENUM(id, prefix, doc) static const char *const id##_words[KVAS_##prefix##_END] = {
#define VALUE(prefix, number, name, word, doc) [number] = word,
#define ENUM_END(id, prefix) };
#include "kvas/words.def"

static const char *const kind_words[KVAS_KIND_END] = {
#define RECORD(value, name, id, member, word, head, title) [value] = word,
#include "kvas/records.def"
};

static const char *name_of(const char *const *words, unsigned int nr, unsigned int value)
{
	return value < nr ? words[value] : NULL;
}

static int value_of(const char *const *words, unsigned int nr, const char *s, size_t len)
{
	for (unsigned int i = 0; i < nr; i++)
		if (words[i] && strlen(words[i]) == len && !memcmp(words[i], s, len))
			return i;
	return -1;
}

#define WORD_FUNCTIONS(id, nr)                                     \
	const char *word_##id##_name(unsigned int value)           \
	{                                                          \
		return name_of(id##_words, nr, value);             \
	}                                                          \
	int word_##id##_by_name(const char *s, size_t len)         \
	{                                                          \
		return value_of(id##_words, nr, s, len);           \
	}

#define ENUM_END(id, prefix) WORD_FUNCTIONS(id, KVAS_##prefix##_END)
#include "kvas/words.def"
WORD_FUNCTIONS(kind, KVAS_KIND_END)

const char *word_access_region_name(unsigned int region)
{
	if (region > KVAS_REGION_COUNT)
		return NULL;
	return region == KVAS_REGION_COUNT ? "" : region_name(region);
}

int word_access_region_by_name(const char *s, size_t len)
{
	return len ? region_by_name(s, len) : KVAS_REGION_COUNT;
}
