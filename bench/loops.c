/* SPDX-License-Identifier: GPL-2.0 */
/* Two loads to measure tracing by. Prints nanoseconds per operation.
 *   loops fork N     N times fork, exec of a program that returns, wait
 *   loops fault N    N first touches of fresh anonymous pages */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_PAGES 2048

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void forks(long n)
{
	while (n-- > 0) {
		pid_t pid = fork();

		if (!pid) {
			execl("/proc/self/exe", "loops", (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			die("fork");
	}
}

static void faults(long n)
{
	size_t size = CHUNK_PAGES * 4096;

	for (; n > 0; n -= CHUNK_PAGES) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			die("mmap");
		madvise(p, size, MADV_NOHUGEPAGE);
		for (int i = 0; i < CHUNK_PAGES; i++)
			p[(size_t)i * 4096] = 1;
		munmap(p, size);
	}
}

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;
	double t;

	if (argc == 1)
		return 0;
	if (n <= 0) {
		fprintf(stderr, "usage: loops fork|fault N\n");
		return 2;
	}
	t = now_ns();
	if (!strcmp(argv[1], "fork"))
		forks(n);
	else
		faults(n);
	printf("%.1f\n", (now_ns() - t) / n);
	return 0;
}
