/* SPDX-License-Identifier: GPL-2.0 */
/* For tests of one view: a small run, and a full one in which every figure is above 0, made
 * anew for each test. */
#ifndef KVAS_VIEW_RUNS_H
#define KVAS_VIEW_RUNS_H

#include "view_fixture.h"

static struct small_run run;
static struct full_run full;

TEST_FIXTURE(setup, small_run(&run))
TEST_FIXTURE(setup_full, full_run(&full, 1234567))
TEST_FIXTURE(teardown_full, full_run_end(&full))

#define TEST_OF_SMALL_RUN(name) TEST_BETWEEN(name, setup, NULL)
#define TEST_OF_FULL_RUN(name) TEST_BETWEEN(name, setup_full, teardown_full)

/* Records of FULL's summary whose functions have names that no terminal and no UTF-8 has. */
static inline void full_run_hostile(struct full_run *f)
{
	union kvas_record r;

	for (unsigned int kind = KVAS_KIND_VMALLOC; kind < KVAS_KIND_END; kind++)
		for (__u64 n = 0; n < 60; n++) {
			fixture_record(&r, kind, n);
			strcpy(kind == KVAS_KIND_ACCESS  ? r.access.function :
			       kind == KVAS_KIND_VMALLOC ? r.vm.caller :
							   r.memory.function, "\x1b[31mred\xff");
			agg_event(f->agg, &r);
		}
	agg_summary(f->agg, &f->s);
}

#endif
