/* SPDX-License-Identifier: GPL-2.0 */
/* The filter of system calls, in a child each: it cannot be taken off again. */
#include <errno.h>
#include <linux/bpf.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "kernel/confine_calls.h"

/* What DO_IT, filtered, returned, and what was said on standard error meanwhile. */
static int filtered(int (*do_it)(void), char *said, size_t len)
{
	int out[2], status, at = 0, got;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (!pid) {
		struct err e;

		dup2(out[1], STDERR_FILENO);
		close(out[0]);
		close(out[1]);
		_exit(confine_calls(0, &e) ? 99 : do_it());
	}
	close(out[1]);
	while ((got = read(out[0], said + at, len - 1 - at)) > 0)
		at += got;
	said[at] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int needed(void)
{
	struct timespec t;

	return getppid() <= 0 || clock_gettime(CLOCK_MONOTONIC, &t) || write(2, "", 0) ||
	       (syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, NULL, 0), errno == EPERM && !geteuid()) ||
	       mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

TEST(what_is_needed_passes_in_silence)
{
	char said[1024];

	assert_int_equal(filtered(needed, said, sizeof(said)), 0);
	assert_string_equal(said, "");
}

static int refused(void)
{
	errno = 0;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 1;
	errno = 0;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM;
}

TEST(a_refused_call_fails_and_is_named_once)
{
	char said[1024];
	const char *first;

	assert_int_equal(filtered(refused, said, sizeof(said)), 0);
	assert_has(said, "kvas: its own seccomp filter refused the system call socket (41,");
	first = strchr(said, '\n');
	assert_non_null(first);
	assert_string_equal(first, "\n");
}

static int some_arguments(void)
{
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 1;
	if (!kill(getppid(), 0) || errno != EPERM)
		return 2;
	if (kill(getpid(), 0))
		return 3;
	if (syscall(SYS_bpf, BPF_PROG_LOAD, NULL, 0) != -1 || errno != EPERM)
		return 4;
	if (fork() >= 0)
		return 5;
	execl("/bin/true", "true", NULL);
	return errno == EPERM ? 0 : 6;
}

TEST(arguments_decide)
{
	char said[2048];

	assert_int_equal(filtered(some_arguments, said, sizeof(said)), 0);
	assert_has(said, "call mmap (", "call kill (", "call bpf (321, first argument 5)",
		   "call clone (", "call execve (");
}

TESTS_RUN(NULL, NULL)
