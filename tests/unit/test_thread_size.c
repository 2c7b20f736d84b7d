/* SPDX-License-Identifier: GPL-2.0 */
/* The size of a kernel stack, from BTF and from a frame on one. */
#include "kernel/thread_size.h"
#include "test.h"

#define STACK 0xffffc90000654000ULL

TEST(two_sources_agree)
{
	assert_int_equal(thread_size_of(16384, STACK, STACK + 16384 - 600), 16384);
	assert_int_equal(thread_size_of(32768, STACK, STACK + 32768 - 2000), 32768);
}

TEST(either_alone_is_enough)
{
	assert_int_equal(thread_size_of(0, STACK, STACK + 16384 - 600), 16384);
	assert_int_equal(thread_size_of(0, STACK, STACK + 32768 - 9000), 32768);
	/* A frame of a BPF program's own stack, far away. */
	assert_int_equal(thread_size_of(16384, STACK, 0xffffe8ffffc12340ULL), 16384);
	assert_int_equal(thread_size_of(32768, STACK, STACK - 64), 32768);
}

TEST(sources_that_disagree_leave_it_unknown)
{
	assert_int_equal(thread_size_of(16384, STACK, STACK + 32768 - 600), 0);
	assert_int_equal(thread_size_of(32768, STACK, STACK + 16384 - 600), 0);
	assert_int_equal(thread_size_of(0, STACK, STACK - 64), 0);
}

TESTS_RUN(NULL, NULL)
