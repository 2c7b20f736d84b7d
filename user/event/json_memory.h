/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory of JSON. jansson's builders leave out what they have no memory for, which most callers do
 * not see, and its parser (2.14) dies of a string that it has none for. So what fails is noted in
 * short_memory.h, and comes from a reserve for as long as that lasts. One thread uses JSON.
 */
#ifndef KVAS_JSON_MEMORY_H
#define KVAS_JSON_MEMORY_H

#include <stddef.h>

/* As malloc() and free(); jansson has these from the start of the program on. */
void *json_memory(size_t size);
void json_memory_free(void *p);

#endif
