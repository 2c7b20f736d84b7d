// SPDX-License-Identifier: GPL-2.0
#include "model/fact.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { [VERDICT_UNKNOWN] = "unknown", [VERDICT_HOLDS] = "holds",
					     [VERDICT_FAILS] = "fails" };

	return names[v];
}

void fact_begin(struct fact *f, const char *id, const char *claim)
{
	memset(f, 0, sizeof(*f));
	f->id = id;
	f->claim = claim;
}

void fact_end(struct fact *f, const char *fmt, ...)
{
	va_list args;

	f->verdict = f->broken ? VERDICT_FAILS : f->checked ? VERDICT_HOLDS : VERDICT_UNKNOWN;
	va_start(args, fmt);
	vsnprintf(f->evidence, sizeof(f->evidence), fmt, args);
	va_end(args);
}

void fact_unknown(struct fact *f, const char *fmt, ...)
{
	va_list args;

	f->verdict = VERDICT_UNKNOWN;
	va_start(args, fmt);
	vsnprintf(f->evidence, sizeof(f->evidence), fmt, args);
	va_end(args);
}
