/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of kinds that change the kernel's tables, held until the input ends:
 *   secret N      N pages that the kernel takes out of its direct map (memfd_secret)
 *   hold MB       MB of pages of the kernel's own, which cannot move: full pipes
 *   ldt           a local descriptor table (modify_ldt)
 *   shared        a process that has the same memory (CLONE_VM) and sleeps
 *   leaderless    the first thread has exited, another holds a page
 * Prints "page ADDRESS" of each page, "child PID" (hexadecimal) and "ready", or "none" where the kernel does
 * not have such memory. */
#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096L
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

#define PIPE_BYTES (1 << 20)

static int hold(long megabytes)
{
	static char bytes[PIPE_BYTES];
	int fd[2];

	for (long i = 0; i < megabytes; i++)
		if (pipe(fd) || fcntl(fd[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
		    write(fd[1], bytes, PIPE_BYTES) != PIPE_BYTES)
			exit(1);
	return 0;
}

static int secret(long pages)
{
	int fd = syscall(SYS_memfd_secret, 0);
	char *p;

	if (fd < 0 && errno == ENOSYS)
		return -1;
	if (fd < 0 || ftruncate(fd, pages * PAGE))
		exit(1);
	p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		exit(1);
	for (long i = 0; i < pages; i++) {
		p[i * PAGE] = 1;
		printf("page %lx\n", (unsigned long)(p + i * PAGE));
	}
	return 0;
}

static int ldt(void)
{
	struct user_desc d = { .base_addr = 0x1000, .limit = 0xff, .seg_32bit = 1, .useable = 1 };

	if (!syscall(SYS_modify_ldt, 1, &d, sizeof(d)))
		return 0;
	return errno == ENOSYS ? -1 : (exit(1), 0);
}

static void *remain(void *unused)
{
	static volatile char page[PAGE] __attribute__((aligned(PAGE)));
	char c;

	page[0] = 1;
	printf("page %lx\nready\n", (unsigned long)page);
	fflush(stdout);
	_exit(read(0, &c, 1) != 0);
	return unused;
}

static int sleeps(void *unused)
{
	(void)unused;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pause();
}

static int shared(void)
{
	static char stack[16 * PAGE] __attribute__((aligned(16)));
	int pid = clone(sleeps, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	if (pid < 0)
		exit(1);
	printf("child %x\n", pid);
	return 0;
}

static void leaderless(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, remain, NULL))
		exit(1);
	pthread_exit(NULL);
}

int main(int argc, char **argv)
{
	int r = 0;
	char c;

	if (argc == 3 && !strcmp(argv[1], "secret"))
		r = secret(atol(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "hold"))
		r = hold(atol(argv[2]));
	else if (argc == 2 && !strcmp(argv[1], "ldt"))
		r = ldt();
	else if (argc == 2 && !strcmp(argv[1], "shared"))
		r = shared();
	else if (argc == 2 && !strcmp(argv[1], "leaderless"))
		leaderless();
	else
		return 2;

	printf("%s\n", r ? "none" : "ready");
	fflush(stdout);
	return read(0, &c, 1) != 0;
}
