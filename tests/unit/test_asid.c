/* SPDX-License-Identifier: GPL-2.0 */
/* Which ASID slot a switch takes. */
#include "kvas/asid.h"
#include "test.h"

/* Slots 0 to 5 with mms 10 to 15. */
static struct kvas_asid_slots full(__u16 next)
{
	struct kvas_asid_slots s = { .next = next };

	for (int i = 0; i < KVAS_ASID_SLOTS; i++)
		s.slot[i].ctx_id = 10 + i;
	return s;
}

TEST(an_mm_finds_its_slot)
{
	struct kvas_asid_slots s = full(3);

	for (__u64 id = 10; id < 16; id++)
		assert_int_equal(kvas_asid_choose(&s, id, 0, 1), KVAS_ASID_REUSED);
}

TEST(another_takes_the_slot_whose_turn_it_is)
{
	struct kvas_asid_slots s = full(3);

	assert_int_equal(kvas_asid_choose(&s, 99, 0, 1), KVAS_ASID_EVICTED);
	s.slot[3].ctx_id = 0;
	assert_int_equal(kvas_asid_choose(&s, 99, 0, 1), KVAS_ASID_EMPTY);
	s.next = 4; /* that 3 is free does not help */
	assert_int_equal(kvas_asid_choose(&s, 99, 0, 1), KVAS_ASID_EVICTED);
	s.next = 6; /* past the last: slot 0's turn */
	assert_int_equal(kvas_asid_choose(&s, 99, 0, 1), KVAS_ASID_EVICTED);
	s.slot[0].ctx_id = 0;
	assert_int_equal(kvas_asid_choose(&s, 99, 0, 1), KVAS_ASID_EMPTY);
}

/* Though its id may still stand in a slot that it had before it became global. */
TEST(a_global_asid_takes_no_slot)
{
	struct kvas_asid_slots s = full(3);

	assert_int_equal(kvas_asid_choose(&s, 99, 2047, 1), KVAS_ASID_GLOBAL);
	assert_int_equal(kvas_asid_choose(&s, 12, 6, 1), KVAS_ASID_GLOBAL);
}

TEST(slots_to_be_invalidated_are_free)
{
	struct kvas_asid_slots s = full(3);

	s.invalidate_other = 1;
	s.loaded = 2;
	assert_int_equal(kvas_asid_choose(&s, 12, 0, 1), KVAS_ASID_REUSED); /* the one in use */
	assert_int_equal(kvas_asid_choose(&s, 14, 0, 1), KVAS_ASID_EMPTY);
	s.next = 2;
	assert_int_equal(kvas_asid_choose(&s, 14, 0, 1), KVAS_ASID_EVICTED);
}

TEST(without_pcids_there_is_slot_0)
{
	struct kvas_asid_slots s = full(3);

	assert_int_equal(kvas_asid_choose(&s, 10, 0, 0), KVAS_ASID_REUSED);
	assert_int_equal(kvas_asid_choose(&s, 11, 0, 0), KVAS_ASID_EVICTED);
	s.slot[0].ctx_id = 0;
	assert_int_equal(kvas_asid_choose(&s, 11, 0, 0), KVAS_ASID_EMPTY);
}

/* Round robin from the beginning: N mms in a ring miss always when there are more than slots,
 * and never once each has had its turn when there are not. */
static void play(unsigned int mms, unsigned int rounds, unsigned int count[4])
{
	struct kvas_asid_slots s = { 0 };

	memset(count, 0, 4 * sizeof(count[0]));
	for (unsigned int i = 0; i < rounds * mms; i++) {
		__u64 id = 1 + i % mms;
		enum kvas_asid_choice c = kvas_asid_choose(&s, id, 0, 1);

		count[c]++;
		if (c == KVAS_ASID_REUSED)
			continue;
		if (s.next >= KVAS_ASID_SLOTS)
			s.next = 0;
		s.loaded = s.next;
		s.slot[s.next++].ctx_id = id;
	}
}

TEST(six_mms_stay_and_seven_do_not)
{
	unsigned int count[4];

	play(6, 10, count);
	assert_int_equal(count[KVAS_ASID_EMPTY], 6);
	assert_int_equal(count[KVAS_ASID_REUSED], 54);
	assert_int_equal(count[KVAS_ASID_EVICTED], 0);
	play(7, 10, count);
	assert_int_equal(count[KVAS_ASID_EMPTY], 6);
	assert_int_equal(count[KVAS_ASID_REUSED], 0);
	assert_int_equal(count[KVAS_ASID_EVICTED], 64);
}

TESTS_RUN(NULL, NULL)
