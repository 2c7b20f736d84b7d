/* SPDX-License-Identifier: GPL-2.0 */
#include "event/json_memory.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "short_memory.h"

#define RESERVE (1u << 20)
#define ALIGN 16

/* What is taken does not come back: whoever needs it is about to fail. */
static char reserve[RESERVE] __attribute__((aligned(ALIGN)));
static size_t taken;

void *json_memory(size_t size)
{
	void *p = malloc(size);

	if (p)
		return p;
	short_memory_note();
	if (size > RESERVE - taken)
		return NULL;
	p = reserve + taken;
	taken += (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	return p;
}

void json_memory_free(void *p)
{
	uintptr_t at = (uintptr_t)p, from = (uintptr_t)reserve;

	if (at < from || at >= from + RESERVE)
		free(p);
}

/* Before anything is built: memory that one function gave must not go by another. */
static void __attribute__((constructor)) give_to_jansson(void)
{
	json_set_alloc_funcs(json_memory, json_memory_free);
}
