/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel work of one kind, for as many seconds as asked: access KIND SECONDS. The kinds
 * are paths, files, pipes, processes, loopback. Prints how many rounds it made, and where
 * the buffer lies that it reads and writes files and sockets with, and the CPU time of it
 * and all it made. The emulator's judge
 * counts from its marker fff0 to fff1. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[65536];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void paths(void)
{
	static const char *const names[] = { "/tmp/a/b/c/file", "/proc/self/stat", "/tmp/a/b/none",
					     "/usr/bin/env" };
	struct stat st;

	for (int i = 0; i < 100; i++)
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			stat(names[n], &st);
}

static void files(void)
{
	int fd = open("/tmp/a/file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		fail("/tmp/a/file");
	for (int i = 0; i < 64; i++)
		if (write(fd, buffer, 16384) != 16384)
			fail("write");
	lseek(fd, 0, SEEK_SET);
	for (int i = 0; i < 256; i++)
		if (read(fd, buffer, 4096) != 4096)
			fail("read");
	close(fd);
}

static int pair[2][2];

static void pipes(void)
{
	char c = 'x';

	for (int i = 0; i < 100; i++)
		if (write(pair[0][1], &c, 1) != 1 || read(pair[1][0], &c, 1) != 1)
			fail("pipe");
}

static pid_t echo(void)
{
	pid_t pid;
	char c;

	if (pipe(pair[0]) || pipe(pair[1]))
		fail("pipe");
	pid = fork();
	if (pid)
		return pid;
	close(pair[0][1]);
	while (read(pair[0][0], &c, 1) == 1 && write(pair[1][1], &c, 1) == 1)
		;
	_exit(0);
}

static void processes(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execl("build/workload/nothing", "nothing", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		fail("build/workload/nothing");
}

static int stream_fd;

static void loopback(void)
{
	for (int i = 0; i < 16; i++)
		if (write(stream_fd, buffer, sizeof(buffer)) != sizeof(buffer))
			fail("socket");
}

static pid_t sink(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&to, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&to, &len))
		fail("socket");
	pid = fork();
	if (!pid) {
		int fd = accept(listener, NULL, NULL);

		while (fd >= 0 && read(fd, buffer, sizeof(buffer)) > 0)
			;
		_exit(0);
	}
	stream_fd = socket(AF_INET, SOCK_STREAM, 0);
	if (stream_fd < 0 || connect(stream_fd, (struct sockaddr *)&to, len))
		fail("connect");
	close(listener);
	return pid;
}

static const struct kind {
	const char *name;
	void (*round)(void);
	pid_t (*peer)(void);
} kinds[] = {
	{ "paths", paths, NULL },	  { "files", files, NULL },	{ "pipes", pipes, echo },
	{ "processes", processes, NULL }, { "loopback", loopback, sink },
};

/* Seconds of CPU time. */
static double cpu(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const struct kind *k = NULL;
	unsigned long rounds = 0;
	pid_t peer = 0;
	double end;

	for (size_t i = 0; argc == 3 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			k = &kinds[i];
	if (!k) {
		fprintf(stderr, "access paths|files|pipes|processes|loopback SECONDS\n");
		return 2;
	}
	mkdir("/tmp/a", 0700);
	mkdir("/tmp/a/b", 0700);
	mkdir("/tmp/a/b/c", 0700);
	close(open("/tmp/a/b/c/file", O_CREAT | O_WRONLY, 0600));
	if (k->peer)
		peer = k->peer();
	if (peer < 0)
		fail("fork");
	k->round();
	end = now() + atof(argv[2]);
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xf0, 0xff, 0xad, 0xde" ::: "memory");
	while (now() < end) {
		k->round();
		rounds++;
	}
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0xf1, 0xff, 0xad, 0xde" ::: "memory");
	/* Both peers end with their input. */
	if (peer) {
		close(pair[0][1]);
		close(stream_fd);
		waitpid(peer, NULL, 0);
	}
	printf("rounds %lu\nbuffer %p %zu\ncpu %.6f\n", rounds, (void *)buffer, sizeof(buffer),
	       cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN));
	return 0;
}
