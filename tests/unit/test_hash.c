/* SPDX-License-Identifier: GPL-2.0 */
/* Hash tables when memory ends: the program goes on, and the table holds what it held. */
#include "test.h"

static size_t allocations_left;

static void *scarce(size_t bytes)
{
	if (!allocations_left)
		return NULL;
	allocations_left--;
	return malloc(bytes);
}

#define uthash_malloc(bytes) scarce(bytes)
#include "hash.h"

struct item {
	int key;
	int value;
	UT_hash_handle hh;
};

static struct item *head;

static int no_items(void **state)
{
	(void)state;
	head = NULL;
	allocations_left = SIZE_MAX;
	return 0;
}

static int drop(void **state)
{
	struct item *i, *next;

	(void)state;
	HASH_FREE(head, i, next);
	assert_null(head);
	return 0;
}

#define TEST_OF_HASH(name) TEST_BETWEEN(name, no_items, drop)

static struct item *of_key(int key)
{
	struct item *i;

	HASH_FIND_OR_MAKE(head, key, &key, sizeof(key), i);
	return i;
}

TEST_OF_HASH(one_is_made_once)
{
	struct item *first = of_key(7);

	assert_non_null(first);
	assert_int_equal(first->key, 7);
	assert_int_equal(first->value, 0);
	first->value = 5;
	assert_ptr_equal(of_key(7), first);
	assert_ptr_not_equal(of_key(8), first);
	assert_int_equal(HASH_COUNT(head), 2);
}

TEST_OF_HASH(no_room_for_the_first)
{
	for (size_t n = 0; n < 2; n++) { /* the table's head, its buckets */
		allocations_left = n;
		assert_null(of_key(1));
		assert_null(head);
	}
	allocations_left = SIZE_MAX;
	assert_non_null(of_key(1));
}

/* The buckets cannot grow: all that were in stay, those that got NULL are not in. */
TEST_OF_HASH(no_room_to_grow)
{
	int made = 0, found = 0;
	struct item *i;

	assert_non_null(of_key(0));
	allocations_left = 0;
	for (int key = 1; key < 10000; key++)
		made += !!of_key(key);
	assert_in_range(made, 1, 9998);
	assert_int_equal(HASH_COUNT(head), made + 1);
	for (int key = 0; key < 10000; key++) {
		HASH_FIND(hh, head, &key, sizeof(key), i);
		found += !!i;
		assert_true(!i || i->key == key);
	}
	assert_int_equal(found, made + 1);
}

TESTS_RUN(NULL, NULL)
