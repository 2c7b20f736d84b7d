/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/ksyms.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "ffffffff81000000 T _text\t[module]\n" */
static int match(char *line, struct ksym *syms, size_t nr)
{
	char *name = strrchr(line, ' '), *end;
	__u64 addr;

	if (!name)
		return 0;
	name[strcspn(name, "\n")] = '\0';
	name++;
	for (size_t i = 0; i < nr; i++) {
		if (syms[i].addr || strcmp(name, syms[i].name))
			continue;
		addr = strtoull(line, &end, 16);
		if (*end != ' ' || !addr)
			return 0;
		syms[i].addr = addr;
		return 1;
	}
	return 0;
}

int ksyms_find(const char *file, struct ksym *syms, size_t nr)
{
	FILE *f = fopen(file, "re");
	char line[512];
	int found = 0;

	if (!f)
		return -1;
	/* procfs asks for 1 KiB at a time, the kernel hands out pages. */
	setvbuf(f, NULL, _IOFBF, 65536);
	while (found < (int)nr && fgets(line, sizeof(line), f)) {
		/* Lines of modules end in "[name]"; no symbol of ours is in one. */
		if (!strchr(line, '['))
			found += match(line, syms, nr);
	}
	fclose(f);
	return found;
}

int ksyms_value(const char *file, const char *name, __u64 *value)
{
	FILE *f = fopen(file, "re");
	size_t len = strlen(name);
	bool own = false;
	char line[512];
	int found = 0;

	if (!f)
		return -1;
	setvbuf(f, NULL, _IOFBF, 65536);
	while (!own && fgets(line, sizeof(line), f)) {
		char *end;
		__u64 v = strtoull(line, &end, 16);

		/* "ffffffff81000000 T _text\t[module]" */
		if (end == line || strlen(end) < 4 || strcspn(end + 3, "\t\n") != len ||
		    memcmp(end + 3, name, len))
			continue;
		own = end[3 + len] != '\t';
		if (own || !found)
			*value = v;
		found = 1;
	}
	fclose(f);
	return found;
}

static void offer(struct ksym_near *n, __u64 start, const char *name)
{
	if (start > n->addr || start <= n->start)
		return;
	n->start = start;
	snprintf(n->name, sizeof(n->name), "%.*s", (int)strcspn(name, "\t\n"), name);
}

int ksyms_nearest(const char *file, struct ksym_near *near, size_t nr)
{
	FILE *f = fopen(file, "re");
	char line[512];

	if (!f)
		return -1;
	setvbuf(f, NULL, _IOFBF, 65536);
	while (fgets(line, sizeof(line), f)) {
		char *end;
		__u64 start = strtoull(line, &end, 16);

		/* "ffffffff81000000 T _text\t[module]"; the upper half only. */
		if (!(start >> 63) || end == line || strlen(end) < 4)
			continue;
		for (size_t i = 0; i < nr; i++)
			offer(&near[i], start, end + 3);
	}
	fclose(f);
	return 0;
}
