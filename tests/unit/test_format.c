/* SPDX-License-Identifier: GPL-2.0 */
#include "test.h"
#include "model/format.h"

TEST(numbers)
{
	char b[FORMAT_MAX];

	assert_string_equal(format_count(b, 0), "0");
	assert_string_equal(format_count(b, 999), "999");
	assert_string_equal(format_count(b, 1234567), "1,234,567");
	assert_string_equal(format_count(b, ~0ULL), "18,446,744,073,709,551,615");
	assert_string_equal(format_short(b, 0), "0");
	assert_string_equal(format_short(b, 7), "7");
	assert_string_equal(format_short(b, 1.5), "1.50");
	assert_string_equal(format_short(b, 999.4), "999");
	assert_string_equal(format_short(b, 999.6), "1.00k");
	assert_string_equal(format_short(b, 12345), "12.3k");
	assert_string_equal(format_short(b, 123456789), "123M");
	assert_string_equal(format_ns(b, 999), "999 ns");
	assert_string_equal(format_ns(b, 1500), "1.50 us");
	assert_string_equal(format_ns(b, 86400000000000ULL), "86400 s");
	assert_string_equal(format_ns(b, 10ULL * 86400000000000ULL), "10 d");
	assert_string_equal(format_bytes(b, 20480), "20.0 KiB");
	assert_string_equal(format_bytes(b, 1023), "1023 B");
}

TESTS_RUN(NULL, NULL)
