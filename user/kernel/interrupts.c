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

/* Of arch_show_interrupts(), arch/x86/kernel/irq.c, 5.10 to 7.3: the others have a tracepoint of
 * irq_vectors, are NMIs or exceptions, or are counted in another row too. */
static bool untraced(const char *name)
{
	static const char *const names[] = { "HYP", "HRE", "HVS", "PIN", "NPI", "PIW", "PMN" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

void interrupts_untraced(const char *file, char *why, size_t len)
{
	struct interrupt_row *row = calloc(INTERRUPTS_MAX, sizeof(*row));
	int nr = row ? interrupts_read(file, row) : 0;
	size_t at = 0;

	why[0] = '\0';
	for (int i = 0; i < nr && at < len; i++)
		if (row[i].count && untraced(row[i].name))
			at += snprintf(why + at, len - at, "%s%s", at ? ", " : "", row[i].name);
	if (at && at < len)
		snprintf(why + at, len - at, " of /proc/interrupts have no tracepoint");
	free(row);
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
