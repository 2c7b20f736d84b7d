/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/meminfo.h"

#include <stdio.h>
#include <string.h>

int meminfo_read(const char *file, struct meminfo *out)
{
	static const char *const formats[] = { "DirectMap4k: %llu kB", "DirectMap2M: %llu kB",
					       "DirectMap1G: %llu kB" };
	FILE *f = fopen(file, "re");
	char line[128];

	memset(out, 0, sizeof(*out));
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		for (int i = 0; i < 3; i++)
			if (sscanf(line, formats[i], &out->kb[i]) == 1)
				out->known[i] = true;
	fclose(f);
	return 0;
}

bool meminfo_kb(const char *file, const char *name, __u64 *kb)
{
	FILE *f = fopen(file, "re");
	size_t len = strlen(name);
	unsigned long long v = 0;
	bool found = false;
	char line[128];

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, name, len) && sscanf(line + len, ": %llu kB", &v) == 1;
	if (f)
		fclose(f);
	*kb = v;
	return found;
}
