/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A storm of short processes on one CPU: storm CPU MILLISECONDS PROGRAM. Four children at a
 * time, each of which executes PROGRAM, which ends at once. Prints how many ended: "storm COUNT".
 */
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AT_A_TIME 4

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void start_child(const char *program)
{
	pid_t pid = vfork();

	if (pid < 0)
		err(1, "vfork");
	if (!pid) {
		execl(program, program, (char *)NULL);
		_exit(1);
	}
}

static void wait_child(void)
{
	int status;

	if (wait(&status) < 0 || status)
		errx(1, "a child ended with status %d", status);
}

int main(int argc, char **argv)
{
	long long end;
	long count = 0;
	cpu_set_t one;

	if (argc != 4)
		errx(2, "use: storm CPU MILLISECONDS PROGRAM");
	CPU_ZERO(&one);
	CPU_SET(atoi(argv[1]), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(1, "sched_setaffinity");
	end = now_ms() + atoll(argv[2]);
	for (int i = 0; i < AT_A_TIME; i++)
		start_child(argv[3]);
	for (; now_ms() < end; count++) {
		wait_child();
		start_child(argv[3]);
	}
	for (int i = 0; i < AT_A_TIME; i++, count++)
		wait_child();
	printf("storm %ld\n", count);
	return 0;
}
