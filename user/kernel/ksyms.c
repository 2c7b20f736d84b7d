/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/ksyms.h"

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
