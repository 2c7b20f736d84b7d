/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A unit test's file: TEST(name) { ... } for each test, then TESTS_RUN(). A test is run because
 * it stands there, in the order of the file: none can be left out of a list.
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TESTS_MAX 64

static struct CMUnitTest test_list[TESTS_MAX];
static size_t test_count;

static inline void test_register(struct CMUnitTest test)
{
	if (test_count == TESTS_MAX)
		abort();
	test_list[test_count++] = test;
}

/* A test around which SET_UP and TEAR_DOWN run, each a CMFixtureFunction or NULL. */
#define TEST_BETWEEN(name, set_up, tear_down)                                            \
	static void name(void **state);                                                  \
	__attribute__((constructor)) static void name##_register(void)                   \
	{                                                                                \
		test_register((struct CMUnitTest){ #name, name, set_up, tear_down, NULL }); \
	}                                                                                \
	static void name(__attribute__((unused)) void **state)

#define TEST(name) TEST_BETWEEN(name, NULL, NULL)

/* A CMFixtureFunction of one STATEMENT. */
#define TEST_FIXTURE(name, statement)                           \
	static int name(__attribute__((unused)) void **state)   \
	{                                                       \
		statement;                                      \
		return 0;                                       \
	}

/* The program: all tests, between GROUP_SET_UP and GROUP_TEAR_DOWN, which may be NULL. */
#define TESTS_RUN(group_set_up, group_tear_down)                                           \
	int main(void)                                                                     \
	{                                                                                  \
		return _cmocka_run_group_tests("tests", test_list, test_count, group_set_up, \
					       group_tear_down);                           \
	}

static inline void test_has(const char *text, const char *const *part, size_t nr, int wanted)
{
	if (!text)
		fail_msg("no text");
	for (size_t i = 0; i < nr; i++)
		if (!!strstr(text, part[i]) != wanted)
			fail_msg("%s '%s' in '%s'", wanted ? "no" : "there is", part[i], text);
}

#define TEST_HAS(text, wanted, ...)                                                         \
	test_has(text, (const char *const[]){ __VA_ARGS__ },                                \
		 sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *), wanted)

/* TEXT has each of the parts that follow it, or none of them; of a failure both are shown. */
#define assert_has(text, ...) TEST_HAS(text, 1, __VA_ARGS__)
#define assert_has_not(text, ...) TEST_HAS(text, 0, __VA_ARGS__)

#endif
