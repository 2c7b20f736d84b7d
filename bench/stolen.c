/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How much of the time interrupts take from a program in user mode: the gaps between its
 * readings of the time-stamp counter. Far less noisy than how fast a workload runs.
 *   stolen SECONDS    prints the percentage
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

/* Shorter is the loop itself, longer another program's turn. */
#define SHORTEST_NS 500
#define LONGEST_NS 300000

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Nanoseconds of one step of the counter. */
static double step_ns(void)
{
	unsigned long long first = __rdtsc();
	double began = now_ns();

	while (now_ns() - began < 50e6)
		;
	return (now_ns() - began) / (double)(__rdtsc() - first);
}

int main(int argc, char **argv)
{
	double seconds = argc == 2 ? atof(argv[1]) : 0, ns = step_ns();
	unsigned long long shortest = SHORTEST_NS / ns, longest = LONGEST_NS / ns;
	unsigned long long first, last, now, stolen = 0;

	if (seconds <= 0) {
		fprintf(stderr, "usage: stolen SECONDS\n");
		return 2;
	}
	first = last = __rdtsc();
	do {
		now = __rdtsc();
		if (now - last > shortest && now - last < longest)
			stolen += now - last;
		last = now;
	} while ((double)(now - first) * ns < seconds * 1e9);
	printf("%.5f\n", 100.0 * (double)stolen / (double)(now - first));
	return 0;
}
