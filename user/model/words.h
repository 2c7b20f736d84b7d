/* SPDX-License-Identifier: GPL-2.0 */
/* The words of include/kvas/words.def and the kinds of record: how CSV, JSON and text write
 * the values of enums. */
#ifndef KVAS_MODEL_WORDS_H
#define KVAS_MODEL_WORDS_H

#include <stddef.h>

#include "kvas/wire.h"

/* word_<id>_name(): the word of a value of enum kvas_<id>, a static string; NULL when VALUE is
 * none of the enum's. word_<id>_by_name(): the value that has the word S (LEN bytes, no NUL
 * needed), else -1. For instance word_task_op_name(KVAS_TASK_FORK) is "fork". */
#define ENUM(id, prefix, doc)                          \
	const char *word_##id##_name(unsigned int value); \
	int word_##id##_by_name(const char *s, size_t len);
#include "kvas/words.def"

/* The same of enum kvas_kind: "task", "vmalloc". */
const char *word_kind_name(unsigned int kind);
int word_kind_by_name(const char *s, size_t len);

/* The region of an access: as region_name() and region_by_name(), but KVAS_REGION_COUNT and ""
 * stand for no access. NULL and -1 when there is no such region. */
const char *word_access_region_name(unsigned int region);
int word_access_region_by_name(const char *s, size_t len);

#endif
