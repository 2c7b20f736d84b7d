/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"
#include "out/out.h"

__u32 cmd_emit(const struct cli *cli, __u32 plain)
{
	return (cli->events ? cli->events : plain) | (cli->memory ? 1u << KVAS_KIND_MEMORY : 0);
}

void cmd_print_summary(FILE *f, const struct cli *cli, struct agg *agg)
{
	struct summary s;

	agg_summary(agg, &s);
	s.kpti_cost_ns = cli->kpti_cost_ns;
	switch (cli->format) {
	case FORMAT_JSON:
		out_summary_json(f, &s);
		break;
	case FORMAT_CSV:
		out_summary_csv(f, &s);
		break;
	case FORMAT_TEXT:
		out_header(f, s.meta);
		out_summary_text(f, &s, cli->top);
		break;
	}
}

int cmd_flush_stdout(int status)
{
	struct err e;

	if (!fflush(stdout) && !ferror(stdout))
		return status;
	err_set(&e, "standard output cannot be written: %s", strerror(errno));
	return err_print(&e);
}
