/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"
#include "short_memory.h"
#include "trace/ending.h"
#include "view/view.h"

struct run_opts cmd_run_opts(const struct cli *cli, __u32 plain)
{
	struct run_opts o = {
		.emit = cli->events ? cli->events : plain,
		.command = cli->command_argv,
		.pid = cli->pid,
		.cgroup = cli->cgroup,
		.all = cli->all,
		.duration_s = cli->duration_s,
		.interval_s = cli->interval_s,
		.control = cli->control,
		.avoid = cli->avoid,
		.ring_bytes = cli->ring_bytes,
		.map_size = cli->map_size,
		.sample_hz = cli->sample_hz,
		.confine = CONFINE_CALLS,
	};

	if (cli->memory)
		o.emit |= 1u << KVAS_KIND_MEMORY;
	memcpy(o.comm, cli->comm, sizeof(o.comm));
	return o;
}

void cmd_print_summary(FILE *f, const struct cli *cli, struct agg *agg)
{
	const struct view_opts o = { .top = cli->top, .verbose = cli->verbose,
				      .csv_safe = cli->csv_safe };
	struct summary s;

	agg_summary(agg, &s);
	s.kpti_cost_ns = cli->kpti_cost_ns;
	view_summary(view_of(cli->format), f, &s, &o);
}

void cmd_print(const struct document *d, const struct cli *cli, const void *what)
{
	const struct view_opts opts = { .top = cli->top, .sort = cli->sort };

	document_print(d, cli->format, stdout, what, &opts);
}

/* The first error is the one to tell. */
static bool told;

int cmd_stdout_error(struct err *e)
{
	told = true;
	if (errno == ETIMEDOUT)
		return err_set(e, "standard output was not read for %d s after the signal: its end is "
				  "lost", ENDING_PATIENCE_S);
	return err_set(e, "standard output cannot be written: %s", strerror(errno));
}

int cmd_whole(int status)
{
	struct err e;

	if (!short_memory_noted() || status)
		return status;
	err_set(&e, "out of memory: what is printed is not whole, or nothing is");
	return err_print(&e);
}

int cmd_flush_stdout(int status)
{
	struct err e;

	status = cmd_whole(status);
	if ((!fflush(stdout) && !ferror(stdout)) || told)
		return status;
	cmd_stdout_error(&e);
	return err_print(&e);
}
