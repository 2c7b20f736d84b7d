/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/ksyms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One symbol: "ffffffff81000000 T _text\t[module]\n". */
struct line {
	char text[512];
	__u64 value;
	const char *name; /* in TEXT */
	const char *module; /* in TEXT, without brackets; "" the kernel's own */
};

static FILE *open_file(const char *file)
{
	FILE *f = fopen(file, "re");

	/* procfs asks for 1 KiB at a time, the kernel hands out pages. */
	if (f)
		setvbuf(f, NULL, _IOFBF, 65536);
	return f;
}

/* The next symbol; false at the end. */
static bool next_line(FILE *f, struct line *l)
{
	while (fgets(l->text, sizeof(l->text), f)) {
		char *end, *name;

		l->value = strtoull(l->text, &end, 16);
		if (end == l->text || strlen(end) < 4 || *end != ' ')
			continue;
		name = end + 3;
		end = name + strcspn(name, "\t\n");
		l->name = name;
		l->module = "";
		if (*end == '\t') {
			*end++ = '\0';
			l->module = end + (*end == '[');
			end += strcspn(end, "]\n");
		}
		*end = '\0';
		return true;
	}
	return false;
}

static int match(const struct line *l, struct ksym *syms, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (syms[i].addr || strcmp(l->name, syms[i].name))
			continue;
		syms[i].addr = l->value;
		return l->value != 0;
	}
	return 0;
}

int ksyms_find(const char *file, struct ksym *syms, size_t nr)
{
	FILE *f = open_file(file);
	struct line l;
	int found = 0;

	if (!f)
		return -1;
	while (found < (int)nr && next_line(f, &l))
		if (!l.module[0])
			found += match(&l, syms, nr);
	fclose(f);
	return found;
}

int ksyms_each(const char *file, ksym_fn fn, void *ctx)
{
	FILE *f = open_file(file);
	struct line l;

	if (!f)
		return -1;
	while (next_line(f, &l))
		fn(ctx, &(struct ksym_line){ l.value, l.name, l.module });
	fclose(f);
	return 0;
}

static void offer(struct ksym_near *n, const struct line *l)
{
	if (l->value > n->addr || l->value <= n->start)
		return;
	n->start = l->value;
	snprintf(n->name, sizeof(n->name), "%s", l->name);
}

int ksyms_nearest(const char *file, struct ksym_near *near, size_t nr)
{
	FILE *f = open_file(file);
	struct line l;

	if (!f)
		return -1;
	while (next_line(f, &l))
		for (size_t i = 0; l.value >> 63 && i < nr; i++)
			offer(&near[i], &l);
	fclose(f);
	return 0;
}

#define REACH (1ULL << 20)

bool ksym_reaches(const struct ksym_near *n, const struct region_map *regions)
{
	return n->start && n->addr - n->start < REACH &&
	       region_map_find(regions, n->addr) == region_map_find(regions, n->start);
}
