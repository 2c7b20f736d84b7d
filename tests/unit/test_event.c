/* SPDX-License-Identifier: GPL-2.0 */
/* Ring bytes to checked events; the words for enums. */
#include "test.h"
#include "event/event.h"
#include "model/fault_flags.h"
#include "model/words.h"
#include "fixture.h"

TEST(whole_records_decode)
{
	union kvas_record in, out;

	for (unsigned int kind = KVAS_KIND_TASK; kind < KVAS_KIND_END; kind++) {
		fixture_record(&in, kind, 3);
		memset(&out, 0xaa, sizeof(out));
		assert_int_equal(event_decode(&in, in.h.size, &out), 0);
		assert_memory_equal(&in, &out, in.h.size);
	}
}

TEST(unaligned_bytes_decode)
{
	char buf[sizeof(union kvas_record) + 1];
	union kvas_record in, out;

	fixture_record(&in, KVAS_KIND_FAULT, 1);
	memcpy(buf + 1, &in, in.h.size);
	assert_int_equal(event_decode(buf + 1, in.h.size, &out), 0);
}

TEST(wrong_sizes_are_refused)
{
	union kvas_record in, out;

	fixture_record(&in, KVAS_KIND_SWITCH, 1);
	for (size_t n = 0; n < in.h.size; n++)
		assert_int_equal(event_decode(&in, n, &out), -1);
	assert_int_equal(event_decode(&in, in.h.size + 8, &out), -1);
	in.h.size -= 8;
	assert_int_equal(event_decode(&in, in.h.size, &out), -1);
}

TEST(unknown_values_are_refused)
{
	union kvas_record in, out;

	fixture_record(&in, KVAS_KIND_FAULT, 1);
	in.h.kind = 0;
	assert_int_equal(event_decode(&in, in.h.size, &out), -1);
	in.h.kind = KVAS_KIND_END;
	assert_int_equal(event_decode(&in, in.h.size, &out), -1);
	fixture_record(&in, KVAS_KIND_FAULT, 1);
	in.fault.mode = 3;
	assert_int_equal(event_decode(&in, in.h.size, &out), -1);
	fixture_record(&in, KVAS_KIND_SWITCH, 1);
	in.sw.op = 0;
	assert_int_equal(event_decode(&in, in.h.size, &out), -1);
	fixture_record(&in, KVAS_KIND_PGD, 1);
	in.pgd.how = 9;
	assert_int_equal(event_decode(&in, in.h.size, &out), -1);
}

static const char *flags(__u64 code)
{
	static char buf[FAULT_FLAGS_MAX + 1];

	buf[fault_flags(code, buf)] = '\0';
	return buf;
}

/* Bits as the Intel SDM, volume 3, "Page-Fault Exception" numbers them. */
TEST(error_codes_in_words)
{
	assert_string_equal(flags(0), "");
	assert_string_equal(flags(4), "user");
	assert_string_equal(flags(6), "write|user");
	assert_string_equal(flags(7), "present|write|user");
	assert_string_equal(flags(0x14), "user|exec");
	assert_string_equal(flags(0x25), "present|user|pkey");
	assert_string_equal(flags(0x8007), "present|write|user|sgx");
	/* Longest: every named bit. */
	assert_string_equal(flags(~0ULL),
			    "present|write|user|reserved|exec|pkey|shadow_stack|sgx");
}

TEST(words_are_those_of_the_contract)
{
	assert_string_equal(word_kind_name(KVAS_KIND_VMALLOC), "vmalloc");
	assert_string_equal(word_switch_op_name(KVAS_SWITCH_LAZY_RETURN), "lazy_return");
	assert_null(word_kind_name(0));
	assert_null(word_task_op_name(99));
	assert_int_equal(word_kind_by_name("pgd", 3), KVAS_KIND_PGD);
	assert_int_equal(word_kind_by_name("pg", 2), -1);
	assert_int_equal(word_kind_by_name("pgdx", 4), -1);
	assert_int_equal(word_cross_cause_by_name("page_fault", 10), KVAS_CROSS_PAGE_FAULT);
}

TESTS_RUN(NULL, NULL)
