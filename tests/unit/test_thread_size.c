/* SPDX-License-Identifier: GPL-2.0 */
/* The size of a kernel stack, from BTF and from a frame on one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/thread_size.h"

#define STACK 0xffffc90000654000ULL

static void two_sources_agree(void **state)
{
	(void)state;
	assert_int_equal(thread_size_of(16384, STACK, STACK + 16384 - 600), 16384);
	assert_int_equal(thread_size_of(32768, STACK, STACK + 32768 - 2000), 32768);
}

static void either_alone_is_enough(void **state)
{
	(void)state;
	assert_int_equal(thread_size_of(0, STACK, STACK + 16384 - 600), 16384);
	assert_int_equal(thread_size_of(0, STACK, STACK + 32768 - 9000), 32768);
	/* A frame of a BPF program's own stack, far away. */
	assert_int_equal(thread_size_of(16384, STACK, 0xffffe8ffffc12340ULL), 16384);
	assert_int_equal(thread_size_of(32768, STACK, STACK - 64), 32768);
}

static void sources_that_disagree_leave_it_unknown(void **state)
{
	(void)state;
	assert_int_equal(thread_size_of(16384, STACK, STACK + 32768 - 600), 0);
	assert_int_equal(thread_size_of(32768, STACK, STACK + 16384 - 600), 0);
	assert_int_equal(thread_size_of(0, STACK, STACK - 64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sources_agree),
		cmocka_unit_test(either_alone_is_enough),
		cmocka_unit_test(sources_that_disagree_leave_it_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
