/* SPDX-License-Identifier: GPL-2.0 */
/* What page faults of kernel mode say of the fact about them. */
#include "test.h"
#include "verify/facts.h"

#define IMAGE 0xffffffff80000000ULL

TEST(where_kernel_mode_faults)
{
	struct kernel_faults k = { .seen = true };
	struct fact f;

	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN); /* none seen proves nothing */
	k.by_region[KVAS_REGION_USER] = 320;
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_HOLDS);
	assert_int_equal(f.checked, 320);
	k.by_region[KVAS_REGION_VMALLOC] = 1;
	k.place[k.nr_places++] = (struct fault_place){ IMAGE + 0x1234, 1, 0xffffc90000001000,
						       "memcpy_orig" };
	/* The kernel got over it: load_unaligned_zeropad() is in many functions. */
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	assert_int_equal(f.broken, 0);
	assert_non_null(strstr(f.evidence, "1 of 321 hit kernel addresses, first 0xffffc90000001000 in "
					   "memcpy_orig at 0xffffffff80001234"));
	/* However long the name, the words have their end. */
	memset(k.place[0].function, 'f', sizeof(k.place[0].function) - 1);
	k.place[k.nr_places++] = (struct fault_place){ ~0ULL, ~0ULL >> 1, ~0ULL, "" };
	memcpy(k.place[1].function, "bpf_prog_", 9);
	memset(k.place[1].function + 9, 'p', sizeof(k.place[1].function) - 10);
	k.tried = 24;
	fact_kernel_faults(&k, &f);
	assert_string_equal(f.evidence + strlen(f.evidence) - 11, "mapped none");
	k = (struct kernel_faults){ .why = "no hook" };
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	assert_string_equal(f.evidence, "no hook");
}

/* Any tracer's look at an address that is not mapped is a fault, and no contradiction. */
TEST(faults_that_are_meant_to_happen)
{
	struct kernel_faults k = { .seen = true, .by_region = { [KVAS_REGION_USER] = 320,
								[KVAS_REGION_OTHER] = 7 } };
	static const char *const safe[] = { "copy_from_kernel_nofault", "strncpy_from_kernel_nofault",
					    "probe_kernel_read", "bpf_prog_6deef7357e7b4530_kread" };
	struct fact f;

	k.nr_places = 1;
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++) {
		k.place[0] = (struct fault_place){ .ip = IMAGE, .count = 7, .address = 0xfffffe9000000000 };
		strcpy(k.place[0].function, safe[i]);
		fact_kernel_faults(&k, &f);
		assert_int_equal(f.verdict, VERDICT_HOLDS);
		assert_int_equal(f.checked, 327);
		assert_int_equal(f.broken, 0);
		assert_non_null(strstr(f.evidence, "320 at user addresses; at kernel addresses, "
						   "made to fail safely: 7, first 0xfffffe9000000000 in "));
		assert_non_null(strstr(f.evidence, safe[i]));
	}
	/* Without a name it may be one of them or not. */
	k.place[k.nr_places++] = (struct fault_place){ IMAGE + 8, 2, 0xffffc90000001000, "" };
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(f.evidence, "2 of 327 hit kernel addresses, first 0xffffc90000001000 "
					   "from 0xffffffff80000008"));
	/* What did not fit in the table has no name either. */
	k.nr_places = 1;
	k.elsewhere = 3;
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(f.evidence, "3 of 327 hit kernel addresses at more instructions"));
	/* One that is none of them is named, and as open. */
	k.place[k.nr_places++] = (struct fault_place){ IMAGE + 8, 2, 0xffffc90000001000, "do_sys_open" };
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_UNKNOWN);
	assert_non_null(strstr(f.evidence, "5 of 327 hit kernel addresses, first 0xffffc90000001000 in "
					   "do_sys_open"));
}

/* Were kernel memory fetched when it is touched, kvas's own reads would get some. */
TEST(faults_that_map_kernel_memory)
{
	struct kernel_faults k = { .seen = true, .by_region = { [KVAS_REGION_USER] = 320 },
				   .tried = 20 };
	struct fact f;

	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_HOLDS);
	assert_non_null(strstr(f.evidence, "; 20 reads of kvas's own at addresses not mapped failed"));
	k.served = 3;
	k.first_served = 0xfffffe9000001000;
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_FAILS);
	assert_int_equal(f.broken, 3);
	assert_non_null(strstr(f.evidence, "of 20 reads"));
	assert_non_null(strstr(f.evidence, "first 0xfffffe9000001000"));
	/* Also where faults cannot be traced. */
	k.seen = false;
	fact_kernel_faults(&k, &f);
	assert_int_equal(f.verdict, VERDICT_FAILS);
}

TESTS_RUN(NULL, NULL)
