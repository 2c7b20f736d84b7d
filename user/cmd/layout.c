/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>

#include "clock.h"
#include "cmd/cmd.h"
#include "kernel/space.h"
#include "view/layout.h"

static void make_layout_view(const struct space *s, __u64 pgd, struct layout_view *v)
{
	const struct layout *l = &s->host.layout;
	struct walk w;
	__u64 began;

	v->host = &s->host;
	v->proof = &s->proof;
	began = clock_monotonic_ns();
	survey_kernel(l, reader_read, s->reader, pgd, NULL, NULL, &v->survey);
	v->survey_ns = clock_monotonic_ns() - began;
	if (l->text_base &&
	    walk_steady(reader_read, s->reader, pgd, paging_of(l->levels), l->page_offset,
			l->text_base, &w) == WALK_DONE && w.leaf_level)
		v->text_pa = w.pa;
}

int cmd_layout(const struct cli *cli)
{
	struct layout_view v = { 0 };
	struct err e = { 0 };
	struct space s;
	__u64 pgd;

	if (space_open(&s, &e))
		return err_print(&e);
	pgd = space_own_pgd(&s);
	if (!pgd) {
		space_close(&s);
		err_set(&e, "kvas does not find its own page table");
		return err_print(&e);
	}
	make_layout_view(&s, pgd, &v);
	cmd_print(&document_layout, cli, &v);
	space_close(&s);
	return cmd_flush_stdout(v.survey.unread ? KVAS_EXIT_FAILED : KVAS_EXIT_OK);
}
