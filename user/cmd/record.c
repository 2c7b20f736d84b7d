/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd/cmd.h"
#include "event/recording.h"
#include "model/format.h"
#include "pgtable/region.h"
#include "view/view.h"
#include "trace/ending.h"
#include "trace/tracer.h"

#define RECORD_EMIT                                                                      \
	(1u << KVAS_KIND_TASK | 1u << KVAS_KIND_PGD | 1u << KVAS_KIND_SWITCH |           \
	 1u << KVAS_KIND_FAULT | 1u << KVAS_KIND_VMALLOC | 1u << KVAS_KIND_ACCESS)

/* A recorded run feeds the file and the summary alike. */
struct record {
	struct recording *rec;
	struct agg *agg;
	bool terminal;
	__u64 began_ns;
	__u64 shown_ns;
};

static void on_tick(void *ctx)
{
	struct record *r = ctx;
	__u64 now = clock_monotonic_ns();

	if (!r->terminal || now - r->shown_ns < NS_PER_S / 2)
		return;
	r->shown_ns = now;
	fprintf(stderr, "\rkvas: recording, %.0f s, %llu rows, %.1f MB; Ctrl-C ends it ",
		(double)(now - r->began_ns) / NS_PER_S, (unsigned long long)recording_rows(r->rec),
		recording_bytes(r->rec) / 1e6);
}

/* DIR as it is, where a terminal obeys nothing in it; else escaped, and no line to copy. */
static void say_where(const char *dir)
{
	char *safe = malloc(4 * strlen(dir) + 1);

	if (safe && !strcmp(safe_text(safe, dir), dir))
		fprintf(stderr, "kvas: recorded to %s (kvas report %s)\n", dir, dir);
	else
		fprintf(stderr, "kvas: recorded to %s\n", safe ? safe : "the directory of -o");
	free(safe);
}

static int record_run(const struct cli *cli, struct record *r, struct meta *meta, struct tracer *t,
	       struct err *e)
{
	struct tee tee = { .nr = 3 };
	struct sink sink = sink_tee(&tee);
	int status = KVAS_EXIT_OK, ran;
	struct err late = { 0 };

	meta->redacted = cli->redact;
	meta->csv_safe = cli->csv_safe;
	if (recording_create(&r->rec, cli->dir, meta, e))
		return err_print(e);
	tee.to[0] = agg_sink(r->agg);
	tee.to[1] = recording_sink(r->rec);
	tee.to[2] = (struct sink){ .ctx = r, .tick = on_tick };
	r->began_ns = clock_monotonic_ns();
	ran = tracer_run(t, &sink, e);
	if (r->terminal)
		fprintf(stderr, "\r\033[K");
	if (ran) {
		recording_destroy(r->rec);
		status = err_print(e);
	} else if (recording_finish(r->rec, &late)) {
		status = err_print(&late);
	}
	if (!meta->end_ns)
		return status;
	if (cli->redact)
		layout_redact(&meta->host.layout);
	cmd_print_summary(stdout, cli, r->agg);
	say_where(cli->dir);
	return status ? status : tracer_command_status(t);
}

int cmd_record(const struct cli *cli)
{
	struct meta *meta = calloc(1, sizeof(*meta));
	struct record r = { .agg = meta ? agg_create(meta) : NULL, .terminal = isatty(2) };
	struct run_opts opts = cmd_run_opts(cli, RECORD_EMIT);
	struct tracer *t = NULL;
	struct err e = { 0 };
	int status;

	if (!r.agg)
		err_set(&e, "out of memory");
	if (!r.agg || ending_stdout(&e) || tracer_create(&t, &opts, meta, &e))
		status = err_print(&e);
	else
		status = cmd_flush_stdout(record_run(cli, &r, meta, t, &e));
	tracer_destroy(t);
	agg_destroy(r.agg);
	free(meta);
	return status;
}
