/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "kernel/marked.h"
#include "kernel/pgds.h"
#include "view/check.h"
#include "trace/faults.h"
#include "verify/facts.h"

#define FACTS (FACTS_OF_TABLES + FACTS_OF_PROCESSES + 2)

static void judge(struct space *s, const struct pgds *p, struct marked *m, struct fact *facts)
{
	struct verify_input in = {
		.layout = &s->host.layout,
		.read = reader_read,
		.ctx = s->reader,
		.pgd = space_own_pgd(s),
		.tasks = s->tasks,
		.nr_tasks = s->nr_tasks,
		.pgds = p,
		.kpti = s->host.kpti,
		.cpus = s->host.cpus,
	};
	struct kernel_faults faults;
	struct marked_page page;

	facts_of_tables(&in, facts);
	facts_of_processes(&in, facts + FACTS_OF_TABLES);
	marked_find(m, s, &page);
	fact_other_process(&page, &facts[FACTS - 2]);
	faults_watch(s, &faults);
	fact_kernel_faults(&faults, &facts[FACTS - 1]);
}

static int check(const struct cli *cli, struct marked *m, struct err *e)
{
	struct fact facts[FACTS];
	const struct pgds_want want = { .user_tables = true };
	int failed = 0;
	struct space s;
	struct pgds p;

	if (space_open(&s, e))
		return err_print(e);
	if (pgds_read(&s, &want, &p, e)) {
		space_close(&s);
		return err_print(e);
	}
	judge(&s, &p, m, facts);
	cmd_print(&document_check, cli, &(struct check_view){ &s.host, facts, FACTS });
	for (int i = 0; i < FACTS; i++)
		failed |= facts[i].verdict == VERDICT_FAILS;
	pgds_free(&p);
	space_close(&s);
	return failed ? KVAS_EXIT_FAILED : KVAS_EXIT_OK;
}

int cmd_check(const struct cli *cli)
{
	struct err e = { 0 };
	struct marked m;
	int status;

	marked_start(&m);
	status = check(cli, &m, &e);
	marked_end(&m);
	return cmd_flush_stdout(status);
}
