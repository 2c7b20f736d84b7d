/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process called "leader" with two threads of other names, which do all the work: named CALLS.
 * Prints "threads TID TID" and awaits a line; then each thread makes CALLS system calls, and all end.
 */
#include <err.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 2

static long calls;
static int gate[2];

struct thread {
	pthread_t id;
	const char *name;
	int told[2]; /* its thread ID goes through it */
};

static void *work(void *arg)
{
	struct thread *t = arg;
	long tid = syscall(SYS_gettid);
	char c;

	if (prctl(PR_SET_NAME, t->name) || write(t->told[1], &tid, sizeof(tid)) != sizeof(tid) ||
	    read(gate[0], &c, 1) != 0)
		err(1, "thread");
	for (long i = 0; i < calls; i++)
		syscall(SYS_getppid);
	return NULL;
}

int main(int argc, char **argv)
{
	struct thread threads[THREADS] = { { .name = "GC Thread#0" }, { .name = "C2 CompilerThre" } };
	long tid[THREADS];

	if (argc != 2)
		errx(2, "use: named CALLS");
	calls = atol(argv[1]);
	if (prctl(PR_SET_NAME, "leader") || pipe(gate))
		err(1, "pipe");
	for (int i = 0; i < THREADS; i++)
		if (pipe(threads[i].told) || pthread_create(&threads[i].id, NULL, work, &threads[i]) ||
		    read(threads[i].told[0], &tid[i], sizeof(tid[i])) != sizeof(tid[i]))
			err(1, "pthread_create");
	printf("threads %ld %ld\n", tid[0], tid[1]);
	fflush(stdout);
	getchar();
	close(gate[1]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i].id, NULL);
	return 0;
}
