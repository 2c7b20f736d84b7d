/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "kernel/pgds.h"
#include "kernel/space.h"
#include "view/explain.h"

#define MEMINFO "/proc/meminfo"
#define INTERRUPTS_SECONDS 1

static void read_meminfo(struct explain_view *v)
{
	meminfo_read(MEMINFO, &v->dmap);
	v->page_tables_known = meminfo_kb(MEMINFO, "PageTables", &v->page_tables_kb);
}

static void read_interrupts(struct explain_view *v)
{
	static struct interrupt_row before[INTERRUPTS_MAX];
	int nr = interrupts_read(INTERRUPTS, before);

	sleep(INTERRUPTS_SECONDS);
	v->nr_interrupts = nr < 0 ? -1 : interrupts_read(INTERRUPTS, v->interrupts);
	if (v->nr_interrupts > 0)
		interrupts_since(v->interrupts, v->nr_interrupts, before, nr);
}

/* A function of the kernel that every machine has, or where its address is hidden, a stack. */
static int read_walk(const struct space *s, struct explain_view *v, struct err *e)
{
	const struct kvas_reader_task *t = space_task(s, 0, e);
	__u64 va;

	if (!t || (space_address(t, "schedule", &va, e) < 0 && space_address(t, "stack", &va, e) < 0) ||
	    space_walk(s, t, va, &v->walk, e))
		return -1;
	space_name_symbols(&v->walk, 1);
	return 0;
}

static int read_areas(const struct space *s, struct explain_view *v, struct err *e)
{
	const struct layout *l = &s->host.layout;
	__u64 start, end, at;

	if (vmaps_read(&v->maps, s->reader, &s->host.vmap_lists, e))
		return -1;
	if (v->maps.addresses && region_bounds(l, KVAS_REGION_VMALLOC, &start, &end))
		v->gap = vmaps_gap(&v->maps, start, end, &at);
	return 0;
}

/* What the topic needs. -1 with E. */
static int fill(struct space *s, struct explain_view *v, struct err *e)
{
	const struct pgds_want want = { .lower = true };
	unsigned int needs = v->topic->needs;

	v->host = &s->host;
	if (needs & EXPLAIN_SURVEY)
		survey_kernel(&s->host.layout, reader_read, s->reader, space_own_pgd(s), NULL, NULL, &v->survey);
	if (needs & EXPLAIN_MEMINFO)
		read_meminfo(v);
	if (needs & EXPLAIN_INTERRUPTS)
		read_interrupts(v);
	if ((needs & EXPLAIN_PGDS && pgds_read(s, &want, &v->pgds, e)) ||
	    (needs & EXPLAIN_WALK && read_walk(s, v, e)) || (needs & EXPLAIN_AREAS && read_areas(s, v, e)))
		return -1;
	return 0;
}

static int answer(struct explain_view *v, const struct cli *cli, struct err *e)
{
	struct space s;
	int failed;

	if (space_open(&s, e))
		return -1;
	failed = fill(&s, v, e);
	if (!failed)
		cmd_print(&document_explain, cli, v);
	pgds_free(&v->pgds);
	vmaps_close(&v->maps);
	space_close(&s);
	return failed;
}

int cmd_explain(const struct cli *cli)
{
	struct explain_view *v = calloc(1, sizeof(*v));
	int status = KVAS_EXIT_OK;
	struct err e = { 0 };

	if (!v) {
		err_set(&e, "out of memory");
		return err_print(&e);
	}
	v->topic = cli->topic ? explain_topic(cli->topic) : NULL;
	if (cli->topic && !v->topic) {
		err_set_status(&e, KVAS_EXIT_USAGE, "there is no topic '%s': 'kvas explain' lists them", cli->topic);
		status = err_print(&e);
	} else if (!v->topic) {
		cmd_print(&document_explain, cli, v);
	} else if (answer(v, cli, &e)) {
		status = err_print(&e);
	}
	free(v);
	return cmd_flush_stdout(status);
}
