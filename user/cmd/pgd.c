/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "kernel/pgds.h"
#include "view/pgd.h"

/* The row of the address space that was kept; NULL none. */
static const struct pgd_row *wanted_row(const struct pgds *p, const struct pgds_want *want)
{
	for (size_t i = 0; i < p->nr; i++)
		if (p->row[i].mm == want->mm && p->row[i].ctx_id == want->ctx_id)
			return &p->row[i];
	return NULL;
}

static int show_one(struct space *s, const struct cli *cli, struct err *e)
{
	const struct kvas_reader_task *t = space_task(s, cli->pid, e);
	struct pgd_view v = { .host = &s->host, .has_user_table = s->host.kpti == ANSWER_YES };
	struct pgds_want want = { .lower = true, .entry = v.entry,
				  .user = v.has_user_table ? &v.user : NULL,
				  .kernel = v.has_user_table ? &v.kernel : NULL,
				  .memory = &v.memory };
	struct pgds p;
	__u32 pid;
	int r = 0;

	if (!t)
		return -1;
	if (!t->mm || !t->pgd || t->kthread)
		return err_set(e, "process %u (%.16s) has no page table of its own: it is a kernel "
				  "thread, or exiting", t->pid, t->comm);
	pid = t->pid; /* the tasks get sorted anew */
	want.pid = pid;
	want.mm = t->mm;
	want.ctx_id = t->ctx_id;
	if (pgds_read(s, &want, &p, e))
		return -1;
	v.all = &p;
	v.row = wanted_row(&p, &want);
	if (v.row && v.row->unread)
		r = err_set(e, "the page table of process %u at 0x%llx could not be read", pid,
			    v.row->pgd);
	else if (!v.row || v.row->gone || v.row->pid != pid)
		r = err_set(e, "process %u ended while its table was read, or began another program",
			    pid);
	else
		cmd_print(&document_pgd, cli, &v);
	pgds_free(&p);
	return r;
}

static int show_all(struct space *s, const struct cli *cli, struct err *e)
{
	const struct pgds_want want = { .lower = true };
	struct pgds p;

	if (pgds_read(s, &want, &p, e))
		return -1;
	cmd_print(&document_pgds, cli, &(struct pgds_view){ &s->host, &p });
	pgds_free(&p);
	return 0;
}

int cmd_pgd(const struct cli *cli)
{
	struct err e = { 0 };
	struct space s;
	int failed;

	if (space_open(&s, &e))
		return err_print(&e);
	failed = cli->all ? show_all(&s, cli, &e) : show_one(&s, cli, &e);
	space_close(&s);
	return cmd_flush_stdout(failed ? err_print(&e) : KVAS_EXIT_OK);
}
