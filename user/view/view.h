/* SPDX-License-Identifier: GPL-2.0 */
/* Const snapshots in, bytes out. Never sees libbpf, a clock or a hook. */
#ifndef KVAS_VIEW_H
#define KVAS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "agg/summary.h"

/* Header of a text view: kernel, paging levels, KPTI with how it is known, PCID,
 * KASLR, bases, filter, and what is missing, at most 80 columns a line. */
void view_header(FILE *f, const struct meta *m);
/* The closing summary of stat, record, report and live, 80 columns. TOP process
 * lines. */
void view_summary_text(FILE *f, const struct summary *s, int top);
/* The JSON object of docs/json.md. */
void view_summary_json(FILE *f, const struct summary *s);
/* "name,value" rows: the JSON's leaves with dotted names. */
void view_summary_csv(FILE *f, const struct summary *s);
/* One interval of live, a block of lines at 80 columns. S holds the interval's
 * own differences; SECONDS its length; CLOCK_TEXT e.g. "05:11:02". */
void view_interval_text(FILE *f, const struct summary *s, double seconds,
		       const char *clock_text, int top);

/* COMM made harmless for a terminal: printable ASCII is kept, everything else, and
 * the backslash, becomes \xNN. BUF of VIEW_COMM_MAX bytes; returns it. */
#define VIEW_COMM_MAX (KVAS_COMM_LEN * 4 + 1)
const char *safe_comm(char *buf, const char comm[KVAS_COMM_LEN]);
/* The same for a string; BUF of 4 * strlen + 1 bytes. */
const char *safe_text(char *buf, const char *s);
/* Of a function's name, for safe_text. */
#define VIEW_NAME_MAX (KVAS_FUNCTION_LEN * 4)

#endif
