/* SPDX-License-Identifier: GPL-2.0 */
/*
 * areas CHILDREN KEPT LEFT: each child makes a BPF array map too large for kmalloc, for which
 * the kernel takes a vmalloc area (bpf_map_area_alloc() in kernel/bpf/syscall.c), and ends,
 * which frees it after a grace period. KEPT of as many more live until standard input ends,
 * the first of them in a second thread: its leader ends at once;
 * LEFT more end at once, but their map stays: this process has taken it over. Prints what it
 * did once all frees are done:
 *   areas N BYTES     so many, each of BYTES, its guard page included
 *   live N
 *   left N
 *   ready
 */
#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* struct bpf_array and its values: less than a page more than these. */
#define PAGE 4096
#define VALUES 1023
#define BYTES ((VALUES + 2) * PAGE)

static int make_map(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attr;
	int fd;

	setrlimit(RLIMIT_MEMLOCK, &all); /* counts maps before 5.11 */
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = PAGE;
	attr.max_entries = VALUES;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		err(1, "bpf");
	return fd;
}

static void *live_on(void *in)
{
	char c;

	_exit(read(*(int *)in, &c, 1) < 0);
}

/* A child that makes a map, tells its descriptor and lives until IN ends. */
static pid_t child(int out, int in, bool leader_ends)
{
	pthread_t thread;

	pid_t pid = fork();
	int fd;
	char c;

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = make_map();
	if (leader_ends && pthread_create(&thread, NULL, live_on, &in))
		errx(1, "no thread");
	if (write(out, &fd, sizeof(fd)) != sizeof(fd))
		err(1, "pipe");
	if (leader_ends)
		syscall(SYS_exit, 0);
	if (read(in, &c, 1) < 0)
		err(1, "pipe");
	_exit(0);
}

static void take_over(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0 || syscall(SYS_pidfd_getfd, pidfd, fd, 0) < 0)
		err(1, "pidfd_getfd");
	close(pidfd);
}

/* The child that makes a map and ends; with TAKE its map stays. */
static void one(bool take)
{
	int up[2], down[2], fd, status;
	pid_t pid;

	if (pipe2(up, O_CLOEXEC) || pipe2(down, O_CLOEXEC))
		err(1, "pipe");
	pid = child(up[1], down[0], false);
	if (read(up[0], &fd, sizeof(fd)) != sizeof(fd))
		err(1, "pipe");
	if (take)
		take_over(pid, fd);
	if (write(down[1], "", 1) != 1 || waitpid(pid, &status, 0) < 0 || status)
		errx(1, "a child failed");
	close(up[0]);
	close(up[1]);
	close(down[0]);
	close(down[1]);
}

int main(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 0, kept = argc > 2 ? atoi(argv[2]) : 0;
	int left = argc > 3 ? atoi(argv[3]) : 0, up[2], down[2], fd;
	char c;

	if (pipe(up) || pipe(down))
		err(1, "pipe");
	for (int i = 0; i < children; i++)
		one(false);
	for (int i = 0; i < left; i++)
		one(true);
	for (int i = 0; i < kept; i++)
		child(up[1], down[0], i == 0);
	for (int i = 0; i < kept; i++)
		if (read(up[0], &fd, sizeof(fd)) != sizeof(fd))
			err(1, "pipe");
	usleep(500000); /* grace periods and work queues */
	printf("areas %d %d\nlive %d\nleft %d\nready\n", children + kept + left, BYTES, kept, left);
	fflush(stdout);
	if (kept + left && read(0, &c, 1) < 0)
		err(1, "standard input");
	for (int i = 0; i < kept; i++)
		if (write(down[1], "", 1) != 1)
			err(1, "pipe");
	while (wait(NULL) > 0)
		;
	return 0;
}
