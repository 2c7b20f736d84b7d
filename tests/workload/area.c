/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes and drops a BPF array map too large for kmalloc, so that the kernel takes
 * a vmalloc area, and prints the area as /proc/vmallocinfo has it:
 *   area 0xSTART BYTES
 */
#include <err.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_AREAS 65536

static unsigned long long before[MAX_AREAS];

/* Fill or compare: with PRINT, each area that was not there before. */
static int areas(int print)
{
	FILE *f = fopen("/proc/vmallocinfo", "re");
	unsigned long long start, end;
	unsigned long bytes;
	char line[512];
	int n = 0;

	if (!f)
		err(1, "/proc/vmallocinfo");
	while (fgets(line, sizeof(line), f) && n < MAX_AREAS) {
		if (sscanf(line, "0x%llx-0x%llx %lu", &start, &end, &bytes) != 3)
			continue;
		if (!print) {
			before[n++] = start;
			continue;
		}
		for (int i = 0; i < MAX_AREAS; i++)
			if (before[i] == start)
				start = 0;
		/* The caller it names differs: inlined or not. */
		if (start && (strstr(line, "map_area_alloc") || strstr(line, "array_map_alloc")))
			printf("area 0x%llx %lu\n", start, bytes);
	}
	fclose(f);
	return n;
}

int main(void)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 4096;
	attr.max_entries = 523;
	areas(0);
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		err(1, "bpf");
	areas(1);
	fflush(stdout);
	close(fd);
	/* The map goes after a grace period, from a work queue. */
	usleep(500000);
	return 0;
}
