/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/interrupts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "  LOC:   123   456   Local timer interrupts": a name, a number for each CPU, words. */
static bool parse(char *line, struct interrupt_row *out)
{
	char *name = line + strspn(line, " "), *end = strchr(name, ':'), *at;
	bool numbers = false;

	if (!end || end == name || (size_t)(end - name) >= sizeof(out->name))
		return false;
	memset(out, 0, sizeof(*out));
	memcpy(out->name, name, end - name);
	for (at = end + 1;; at = end) {
		unsigned long long n = strtoull(at, &end, 10);

		/* A number ends at a blank; "24-edge" is a word. */
		if (end == at || !isspace((unsigned char)*end))
			break;
		out->count += n;
		numbers = true;
	}
	at += strspn(at, " \n");
	snprintf(out->what, sizeof(out->what), "%.*s", (int)strcspn(at, "\n"), at);
	return numbers;
}

int interrupts_read(const char *file, struct interrupt_row *row)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	int nr = 0;

	if (!f)
		return -1;
	while (nr < INTERRUPTS_MAX && getline(&line, &room, f) > 0)
		nr += parse(line, &row[nr]);
	free(line);
	fclose(f);
	return nr;
}

static int by_count(const void *a, const void *b)
{
	const struct interrupt_row *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : strcmp(x->name, y->name);
}

void interrupts_since(struct interrupt_row *now, size_t nr, const struct interrupt_row *before, size_t nr_before)
{
	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < nr_before; k++)
			if (!strcmp(now[i].name, before[k].name))
				now[i].count -= before[k].count < now[i].count ? before[k].count : now[i].count;
	if (nr)
		qsort(now, nr, sizeof(*now), by_count);
}
