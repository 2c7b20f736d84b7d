/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "kernel/pgds.h"
#include "out/pgd.h"

/* The row of process PID's own table; NULL with E. */
static const struct pgd_row *row_of(const struct space *s, const struct pgds *p, __u32 pid,
				    struct err *e)
{
	const struct kvas_memory_task *t = space_task(s, pid, e);

	if (!t)
		return NULL;
	for (size_t i = 0; i < p->nr; i++)
		if (t->mm && p->row[i].mm == t->mm)
			return &p->row[i];
	err_set(e, "process %u (%.16s) has no page table of its own: it is a kernel thread, or exiting",
		t->pid, t->comm);
	return NULL;
}

static int show_one(struct space *s, const struct pgds *p, const struct cli *cli, struct err *e)
{
	const struct layout *l = &s->host.layout;
	struct pgd_view v = { .host = &s->host, .all = p };

	v.row = row_of(s, p, cli->pid, e);
	if (!v.row)
		return -1;
	if (v.row->gone || reader_read(s->reader, v.row->pgd, v.entry, sizeof(v.entry)))
		return err_set(e, "process %u ended while its table was read", v.row->pid);
	v.has_user_table = s->host.kpti == ANSWER_YES;
	if (v.has_user_table) {
		survey_kernel(l, reader_read, s->reader, v.row->pgd + X86_TABLE_BYTES, NULL, NULL,
			      &v.user);
		survey_kernel(l, reader_read, s->reader, v.row->pgd, NULL, NULL, &v.kernel);
	}
	if (cli->format == FORMAT_JSON)
		out_pgd_json(stdout, &v);
	else
		out_pgd_text(stdout, &v);
	return 0;
}

int cmd_pgd(const struct cli *cli)
{
	int status = KVAS_EXIT_OK;
	struct err e = { 0 };
	struct space s;
	struct pgds p;

	if (space_open(&s, &e))
		return err_print(&e);
	if (pgds_read(&s, true, &p, &e)) {
		space_close(&s);
		return err_print(&e);
	}
	if (!cli->all)
		status = show_one(&s, &p, cli, &e) ? err_print(&e) : KVAS_EXIT_OK;
	else if (cli->format == FORMAT_JSON)
		out_pgds_json(stdout, &s.host, &p, cli->sort, cli->top);
	else
		out_pgds_text(stdout, &s.host, &p, cli->sort, cli->top);
	pgds_free(&p);
	space_close(&s);
	return cmd_flush_stdout(status);
}
