/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum answer cpuinfo_flag(const char *file, const char *flag)
{
	FILE *f = fopen(file, "re");
	enum answer found = ANSWER_UNKNOWN;
	char *line = NULL, *save, *w;
	size_t cap = 0;

	while (f && found == ANSWER_UNKNOWN && getline(&line, &cap, f) > 0) {
		if (strncmp(line, "flags", 5))
			continue;
		found = ANSWER_NO;
		for (w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save))
			if (!strcmp(w, flag))
				found = ANSWER_YES;
	}
	free(line);
	if (f)
		fclose(f);
	return found;
}

__u64 iomem_end(const char *file)
{
	unsigned long long start, end;
	FILE *f = fopen(file, "re");
	char line[256];
	__u64 max = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, ": System RAM") &&
		    sscanf(line, "%llx-%llx", &start, &end) == 2 && end && end + 1 > max)
			max = end + 1;
	if (f)
		fclose(f);
	return max;
}
