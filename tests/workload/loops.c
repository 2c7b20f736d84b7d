/* SPDX-License-Identifier: GPL-2.0 */
/* Loads of one kind, to measure tracing by and to count. Prints nanoseconds per operation.
 *   loops fork N     N times fork, exec of a program that returns, wait
 *   loops fault N    N first touches of fresh anonymous pages
 *   loops turn N     N round trips of a byte between two processes
 *   loops map N      N times mmap of 16 pages, a touch of one, munmap */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK_PAGES 2048
#define MAP_BYTES (16 * 4096)

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

static void turns(long n)
{
	int there[2], back[2];
	char c = 'x';
	pid_t pid;

	if (pipe(there) || pipe(back))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(there[1]);
		while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1)
			;
		_exit(0);
	}
	while (n-- > 0)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			die("pipe");
	close(there[1]);
	waitpid(pid, NULL, 0);
}

static void maps(long n)
{
	while (n-- > 0) {
		char *p = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			die("mmap");
		p[0] = 1;
		munmap(p, MAP_BYTES);
	}
}

static const struct load {
	const char *name;
	void (*run)(long n);
} loads[] = { { "fork", forks }, { "fault", faults }, { "turn", turns }, { "map", maps } };

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;
	double t;

	if (argc == 1)
		return 0;
	for (size_t i = 0; n > 0 && i < sizeof(loads) / sizeof(loads[0]); i++)
		if (!strcmp(argv[1], loads[i].name)) {
			t = now_ns();
			loads[i].run(n);
			printf("%.1f\n", (now_ns() - t) / n);
			return 0;
		}
	fprintf(stderr, "usage: loops fork|fault|turn|map N\n");
	return 2;
}
