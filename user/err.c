/* SPDX-License-Identifier: GPL-2.0 */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>

static void err_vset(struct err *e, int status, const char *fmt, va_list ap)
{
	if (!e)
		return;
	e->status = status;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
}

int err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(e, KVAS_EXIT_FAILED, fmt, ap);
	va_end(ap);
	return -1;
}

int err_set_status(struct err *e, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(e, status, fmt, ap);
	va_end(ap);
	return -1;
}

/* It may quote what a file holds; a terminal obeys more than it shows. */
int err_print(const struct err *e)
{
	fputs("kvas: ", stderr);
	for (const unsigned char *p = (const unsigned char *)e->text; *p; p++)
		fprintf(stderr, (*p >= ' ' && *p < 0x7f) || *p == '\n' ? "%c" : "\\x%02x", *p);
	fputc('\n', stderr);
	return e->status ? e->status : KVAS_EXIT_FAILED;
}
