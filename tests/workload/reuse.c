/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two processes, one after the other, with the same PID: "first" makes 7003 system calls of one
 * kind, "second" 3003. Prints "reuse PID"; "reuse 0" when the PID could not be had again. Root
 * says which PID is next (/proc/sys/kernel/ns_last_pid).
 */
#include <err.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRIES 500

/* The new process's PID. It calls unless another PID than WANTED (0: any) is its own. */
static pid_t run(const char *name, int calls, pid_t wanted)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		if (wanted && getpid() != wanted)
			_exit(0);
		prctl(PR_SET_NAME, name);
		for (int i = 0; i < calls; i++)
			syscall(SYS_getppid);
		_exit(0);
	}
	if (waitpid(pid, NULL, 0) != pid)
		err(1, "waitpid");
	return pid;
}

static void next_is(pid_t pid)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (!f || fprintf(f, "%d", pid - 1) < 0 || fclose(f))
		err(1, "ns_last_pid");
}

int main(void)
{
	pid_t first = run("first", 7003, 0);

	for (int i = 0; i < TRIES; i++) {
		next_is(first);
		if (run("second", 3003, first) == first) {
			printf("reuse %d\n", first);
			return 0;
		}
	}
	puts("reuse 0");
	return 0;
}
