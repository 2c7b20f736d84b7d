/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a known number of things and writes down each one, so that a test can
 * compare. Usage: trace FILE. Lines of FILE, in no order:
 *   fork PARENT CHILD     exec PID     exit PID STATUS     page 0xADDRESS
 *   roundtrips PID PID N
 * The exec and the exit of the program itself are among them. Prime numbers, so
 * that no product of other figures looks right by chance.
 */
#include <err.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXECS 31
#define PLAIN_FORKS 5 /* with the execs and the pipe partner: 37 forks */
#define PAGES 1009
#define ROUND_TRIPS 211

static FILE *out;

static pid_t child(int (*run)(int), int arg)
{
	pid_t pid = fork();
	int st;

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(run(arg));
	if (waitpid(pid, &st, 0) != pid || !WIFEXITED(st))
		err(1, "child %d", pid);
	fprintf(out, "fork %d %d\nexit %d %d\n", getpid(), pid, pid, WEXITSTATUS(st));
	return pid;
}

static int run_exec(int status)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", status);
	execl("/proc/self/exe", "trace", "--leaf", text, (char *)NULL);
	return 99;
}

static int run_plain(int status)
{
	return status;
}

static void touch_pages(void)
{
	size_t size = PAGES * 4096;
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap");
	if (madvise((void *)p, size, MADV_NOHUGEPAGE) && PAGES > 0)
		warn("madvise");
	for (int i = 0; i < PAGES; i++) {
		p[(size_t)i * 4096 + i % 4096] = 1;
		fprintf(out, "page 0x%lx\n", (unsigned long)(uintptr_t)&p[(size_t)i * 4096]);
	}
}

static void transfer(int in, int outfd, int first)
{
	char c = 'x';

	for (int i = 0; i < ROUND_TRIPS; i++) {
		if (first && write(outfd, &c, 1) != 1)
			err(1, "write");
		if (read(in, &c, 1) != 1)
			err(1, "read");
		if (!first && write(outfd, &c, 1) != 1)
			err(1, "write");
	}
}

/* Both on one CPU: each read then has to switch to the other. */
static void round_trips(void)
{
	cpu_set_t one;
	int to[2], from[2], st;
	pid_t pid;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) || pipe(to) || pipe(from))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		transfer(to[0], from[1], 0);
		_exit(0);
	}
	transfer(from[0], to[1], 1);
	waitpid(pid, &st, 0);
	fprintf(out, "fork %d %d\nexit %d %d\nroundtrips %d %d %d\n", getpid(), pid, pid,
		WEXITSTATUS(st), getpid(), pid, ROUND_TRIPS);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--leaf"))
		return atoi(argv[2]);
	if (argc != 2)
		errx(2, "usage: trace FILE");
	out = fopen(argv[1], "we");
	if (!out)
		err(1, "%s", argv[1]);
	/* A buffer of its own before the first fork: no child may flush it. */
	setvbuf(out, NULL, _IOFBF, 1 << 20);
	fprintf(out, "exec %d\nexit %d 0\n", getpid(), getpid());
	for (int i = 0; i < EXECS; i++)
		fprintf(out, "exec %d\n", child(run_exec, i % 7));
	for (int i = 0; i < PLAIN_FORKS; i++)
		child(run_plain, 40 + i);
	touch_pages();
	round_trips();
	return fclose(out) ? 1 : 0;
}
