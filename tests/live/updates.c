/* SPDX-License-Identifier: GPL-2.0 */
/*
 * updates SECONDS: so much CPU time spent in updates of a BPF map, during which the kernel runs
 * no program for a perf event (bpf_prog_active). Prints "cpu SECONDS".
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 1000

static double cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "updates", 4, 8, BATCH, NULL);
	double end = argc == 2 ? atof(argv[1]) : 0;
	long long value = 0;

	if (fd < 0) {
		perror("updates: no map");
		return 1;
	}
	while (cpu() < end)
		for (int key = 0; key < BATCH; key++, value++)
			if (bpf_map_update_elem(fd, &key, &value, BPF_ANY)) {
				perror("updates");
				return 1;
			}
	printf("cpu %.6f\n", cpu());
	return 0;
}
