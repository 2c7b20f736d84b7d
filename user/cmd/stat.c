/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "outfile.h"
#include "view/view.h"
#include "trace/ending.h"
#include "trace/tracer.h"

/* Counts come from the kernel's counters; records only of what is rare or sampled. */
#define STAT_EMIT                                                                        \
	(1u << KVAS_KIND_TASK | 1u << KVAS_KIND_PGD | 1u << KVAS_KIND_VMALLOC |          \
	 1u << KVAS_KIND_ACCESS)

static FILE *open_output(const struct cli *cli, struct err *e)
{
	FILE *f;
	int fd;

	if (!cli->output)
		return ending_stdout(e) ? NULL : stdout;
	fd = outfile_open_path(cli->output, "-o", e);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, "w");
	if (!f) {
		err_set(e, "'%s' (-o) cannot be written: %s", cli->output, strerror(errno));
		close(fd);
	}
	return f;
}

static int close_output(const struct cli *cli, FILE *f, int status)
{
	struct err e;

	if (f == stdout)
		return cmd_flush_stdout(status);
	if (!(ferror(f) | fclose(f)))
		return cmd_whole(status);
	err_set(&e, "'%s' (-o) cannot be written: %s", cli->output, strerror(errno));
	return err_print(&e);
}

int cmd_stat(const struct cli *cli)
{
	struct meta *meta = calloc(1, sizeof(*meta));
	struct agg *agg = meta ? agg_create(meta) : NULL;
	struct sink sink = agg_sink(agg);
	struct run_opts opts = cmd_run_opts(cli, STAT_EMIT);
	struct tracer *t = NULL;
	struct err e = { 0 };
	FILE *f = NULL;
	int status;

	opts.interval_s = 0;
	opts.confine = CONFINE_RIGHTS; /* it writes once, at the end */
	if (!agg)
		err_set(&e, "out of memory");
	else
		f = open_output(cli, &e);
	if (!f || tracer_create(&t, &opts, meta, &e) || tracer_run(t, &sink, &e)) {
		status = err_print(&e);
	} else {
		cmd_print_summary(f, cli, agg);
		status = close_output(cli, f, tracer_command_status(t));
		f = NULL;
	}
	if (f && f != stdout)
		fclose(f);
	tracer_destroy(t);
	agg_destroy(agg);
	free(meta);
	return status;
}
