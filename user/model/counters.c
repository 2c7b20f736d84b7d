/* SPDX-License-Identifier: GPL-2.0 */
#include "model/counters.h"

#include <stdio.h>
#include <string.h>

#include "kvas/wire.h"
#include "model/regions.h"
#include "model/words.h"

/* The words of the COUNTERS rows, by their field of that name. NULL: there is none. */
static const char *words_code(unsigned int i)
{
	static char number[12];

	snprintf(number, sizeof(number), "%u", i);
	return number;
}

static const char *words_region(unsigned int i)
{
	return i < KVAS_REGION_COUNT ? region_name(i) : NULL;
}

static const char *words_map_loss(unsigned int i)
{
	return word_map_loss_name(i);
}

static const char *words_kind(unsigned int i)
{
	return word_kind_name(i);
}

static const struct {
	unsigned int first, count;
	const char *prefix;
	const char *(*word)(unsigned int i);
} ranges[] = {
#define COUNTERS(first, count, name, prefix, words, doc) { first, count, prefix, words_##words },
#include "kvas/hooks.def"
};

static const char *names[KVAS_C_COUNT] = {
#define COUNTER(number, name, word, hook, task, doc) [number] = word,
#include "kvas/hooks.def"
};

/* The name of a counter of a range, made at the first call; NULL: C is unused. */
static const char *range_name(unsigned int c)
{
	static char made[KVAS_C_COUNT][COUNTER_NAME_MAX];

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const char *word;

		if (c < ranges[i].first || c - ranges[i].first >= ranges[i].count)
			continue;
		word = ranges[i].word(c - ranges[i].first);
		if (!word)
			return NULL;
		snprintf(made[c], sizeof(made[c]), "%s.%s", ranges[i].prefix, word);
		return made[c];
	}
	return NULL;
}

static const char *const task_names[KVAS_T_COUNT] = {
#define TASK_COUNTER(number, name, word, doc) [number] = word,
#include "kvas/hooks.def"
};

const char *counter_name(unsigned int c)
{
	if (c >= KVAS_C_COUNT)
		return NULL;
	if (!names[c])
		names[c] = range_name(c);
	return names[c];
}

int counter_by_name(const char *s, size_t len)
{
	for (unsigned int c = 0; c < KVAS_C_COUNT; c++) {
		const char *name = counter_name(c);

		if (name && strlen(name) == len && !memcmp(name, s, len))
			return c;
	}
	return -1;
}

enum hook_id counter_hook(unsigned int c)
{
	switch (c) {
#define COUNTER(number, name, word, hook, task, doc) \
	case number:                                 \
		return HOOK_##hook;
#include "kvas/hooks.def"
	default:
		return HOOK_COUNT;
	}
}

const char *task_counter_name(unsigned int t)
{
	return t < KVAS_T_COUNT ? task_names[t] : NULL;
}

int task_counter_by_name(const char *s, size_t len)
{
	for (unsigned int t = 0; t < KVAS_T_COUNT; t++)
		if (strlen(task_names[t]) == len && !memcmp(task_names[t], s, len))
			return t;
	return -1;
}

enum hook_id task_counter_hook(unsigned int t)
{
#define COUNTER(number, name, word, hook, task, doc) \
	if (t == KVAS_T_##task)                      \
		return HOOK_##hook;
#include "kvas/hooks.def"
	return HOOK_switch; /* which counts KVAS_T_SWITCH in the task itself */
}
