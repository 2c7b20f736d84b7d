/* SPDX-License-Identifier: GPL-2.0 */
/*
 * orphans N: a child makes N processes and ends; they live until standard input ends.
 *   child PID         for each, in hexadecimal
 *   ready
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Until the other end of the pipe is shut. */
static void live_on(int in, int other)
{
	char c;

	close(other);
	_exit(read(in, &c, 1) < 0);
}

static void parent(int n, int in, int other)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid)
			live_on(in, other);
		printf("child %x\n", pid);
	}
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0, p[2], status;
	pid_t pid;
	char c;

	if (pipe(p))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid)
		parent(n, p[0], p[1]);
	if (waitpid(pid, &status, 0) < 0 || status)
		errx(1, "the child failed");
	printf("ready\n");
	fflush(stdout);
	return read(0, &c, 1) < 0;
}
