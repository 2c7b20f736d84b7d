/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/ksyms.h"

#include <stdio.h>
#include <string.h>

#include "kernel/ksym_lines.h"

static int match(const struct ksym_text *l, struct ksym *syms, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (syms[i].addr || l->name[0] != syms[i].name[0] || strcmp(l->name, syms[i].name))
			continue;
		syms[i].addr = l->value;
		return l->value != 0;
	}
	return 0;
}

int ksyms_find(const char *file, struct ksym *syms, size_t nr)
{
	struct ksym_lines *f = ksym_lines_open(file);
	struct ksym_text l;
	int found = 0;

	if (!f)
		return -1;
	while (found < (int)nr && ksym_lines_next(f, &l))
		if (!l.module[0])
			found += match(&l, syms, nr);
	ksym_lines_close(f);
	return found;
}

int ksyms_each(const char *file, ksym_fn fn, void *ctx)
{
	struct ksym_lines *f = ksym_lines_open(file);
	struct ksym_text l;

	if (!f)
		return -1;
	while (ksym_lines_next(f, &l))
		fn(ctx, &(struct ksym_line){ l.value, l.name, l.module });
	ksym_lines_close(f);
	return 0;
}

static void offer(struct ksym_near *n, const struct ksym_text *l)
{
	if (l->value > n->addr || l->value <= n->start)
		return;
	n->start = l->value;
	snprintf(n->name, sizeof(n->name), "%s", l->name);
}

int ksyms_nearest(const char *file, struct ksym_near *near, size_t nr)
{
	struct ksym_lines *f = ksym_lines_open(file);
	struct ksym_text l;

	if (!f)
		return -1;
	while (ksym_lines_next(f, &l))
		for (size_t i = 0; l.value >> 63 && i < nr; i++)
			offer(&near[i], &l);
	ksym_lines_close(f);
	return 0;
}

#define REACH (1ULL << 20)

bool ksym_reaches(const struct ksym_near *n, const struct region_map *regions)
{
	return n->start && n->addr - n->start < REACH &&
	       region_map_find(regions, n->addr) == region_map_find(regions, n->start);
}
