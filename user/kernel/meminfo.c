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
