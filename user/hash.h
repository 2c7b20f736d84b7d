/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash tables of uthash for a program that goes on when memory is short: uthash by itself calls
 * exit(). Every file of kvas includes it by this header.
 */
#ifndef KVAS_HASH_H
#define KVAS_HASH_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/*
 * ITEM becomes the item of HEAD whose BYTES from member FIRST on are those at KEY. Where there is
 * none, one is made, zeroed but for them, and added: HEAD owns it until HASH_DEL(). NULL when
 * there is no memory for it.
 */
#define HASH_FIND_OR_MAKE(head, first, key, bytes, item)          \
	do {                                                      \
		HASH_FIND(hh, head, key, bytes, item);            \
		if (!(item))                                      \
			HASH_MAKE(head, first, key, bytes, item); \
	} while (0)

/* The same where HEAD is known to have no such item. */
#define HASH_MAKE(head, first, key, bytes, item)                                            \
	do {                                                                                \
		(item) = calloc(1, sizeof(*(item)));                                        \
		if (!(item))                                                                \
			break;                                                              \
		memcpy((char *)(item) + offsetof(typeof(*(item)), first), key, bytes);      \
		HASH_ADD_OR_FREE(head, first, bytes, item);                                 \
	} while (0)

/* Is ITEM in the table that it was just added to? Where it is not, it is the caller's to free. */
#define HASH_ADDED(item) ((item)->hh.tbl != NULL)

/* Adds ITEM, which calloc() made; where there is no room it is freed and becomes NULL. */
#define HASH_ADD_OR_FREE(head, first, bytes, item)        \
	do {                                              \
		HASH_ADD(hh, head, first, bytes, item);   \
		if (!HASH_ADDED(item)) {                  \
			free(item);                       \
			(item) = NULL;                    \
		}                                         \
	} while (0)

/* All items of HEAD go, and are freed. NEXT is a second variable of ITEM's type. */
#define HASH_FREE(head, item, next)           \
	HASH_ITER(hh, head, item, next)       \
	{                                     \
		HASH_DEL(head, item);         \
		free(item);                   \
	}

#endif
