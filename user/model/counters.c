/* SPDX-License-Identifier: GPL-2.0 */
#include "model/counters.h"

#include <string.h>

#include "kvas/wire.h"

/* The words of a COUNTERS row, by its fourth field. */
#define WORDS_code(first)                                                                      \
	CODE(first, 0), CODE(first, 1), CODE(first, 2), CODE(first, 3), CODE(first, 4),        \
	CODE(first, 5), CODE(first, 6), CODE(first, 7), CODE(first, 8), CODE(first, 9),        \
	CODE(first, 10), CODE(first, 11), CODE(first, 12), CODE(first, 13), CODE(first, 14),   \
	CODE(first, 15), CODE(first, 16), CODE(first, 17), CODE(first, 18), CODE(first, 19),   \
	CODE(first, 20), CODE(first, 21), CODE(first, 22), CODE(first, 23), CODE(first, 24),   \
	CODE(first, 25), CODE(first, 26), CODE(first, 27), CODE(first, 28), CODE(first, 29),   \
	CODE(first, 30), CODE(first, 31),
#define CODE(first, n) [first + n] = "faults.code." #n

static const char *const names[KVAS_C_COUNT] = {
#define COUNTER(number, name, word, hook, task, doc) [number] = word,
#include "kvas/hooks.def"
	WORDS_code(KVAS_C_FAULT_CODE)
#define REGION(value, name, word, letter, use) [KVAS_C_FAULT_REGION + value] = "faults.region." word,
#include "kvas/regions.def"
#undef REGION
#define RING(name, word) [KVAS_C_LOST_RING + KVAS_KIND_##name] = "lost.ring." word
	RING(TASK, "task"),
	RING(PGD, "pgd"),
	RING(SWITCH, "switch"),
	RING(CROSSING, "crossing"),
	RING(FAULT, "fault"),
	RING(VMALLOC, "vmalloc"),
	RING(ACCESS, "access"),
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_TASK] = "lost.map.task",
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_PGD] = "lost.map.pgd",
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_VM] = "lost.map.vmalloc",
	[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_MEMORY] = "lost.map.memory",
};

static const char *const task_names[KVAS_T_COUNT] = {
#define TASK_COUNTER(number, name, word, doc) [number] = word,
#include "kvas/hooks.def"
};

const char *counter_name(unsigned int c)
{
	return c < KVAS_C_COUNT ? names[c] : NULL;
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
