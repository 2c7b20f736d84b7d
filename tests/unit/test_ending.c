/* SPDX-License-Identifier: GPL-2.0 */
/* How a process is told to end, tried on a child: its status tells what it did. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "trace/ending.h"

#define QUIET_MS 200 /* longer than what comes twice for one request */

/* The child: exit with how often it was asked, once ASKS have come, or 100 after half a second. */
static _Noreturn void count_asks(int obeyed, int asks, int ready)
{
	struct pollfd p;

	if (ending_begin(obeyed, NULL) || write(ready, "r", 1) != 1)
		_exit(99);
	p = (struct pollfd){ .fd = ending_fd(), .events = POLLIN };
	for (int i = 0; i < 20 && ending_asked() < asks; i++) {
		poll(&p, 1, QUIET_MS);
		ending_heard();
	}
	_exit(ending_asked() < asks ? 100 + ending_asked() : ending_asked() * 10 + (ending_signal() == SIGINT));
}

/* As waitpid() has it, of a child that got SIGNALS (ends with 0), QUIET_MS apart. */
static int status_after(int obeyed, int asks, const int *signals, int ignored)
{
	int ready[2], st;
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		if (ignored)
			signal(ignored, SIG_IGN);
		count_asks(obeyed, asks, ready[1]);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	for (; *signals; signals++) {
		kill(pid, *signals);
		if (signals[1])
			poll(NULL, 0, QUIET_MS);
	}
	assert_int_equal(waitpid(pid, &st, 0), pid);
	close(ready[0]);
	close(ready[1]);
	return st;
}

static const struct {
	int obeyed, asks, signals[4], ignored, exits, killed;
} rows[] = {
	{ 1, 1, { SIGINT }, 0, 11, 0 },
	{ 1, 1, { SIGTERM }, 0, 10, 0 },
	{ 1, 1, { SIGHUP }, 0, 10, 0 },
	{ 1, 1, { SIGQUIT }, 0, 10, 0 },
	/* a second one, whichever it is, ends at once */
	{ 1, 2, { SIGINT, SIGINT }, 0, 0, SIGINT },
	{ 1, 2, { SIGINT, SIGTERM }, 0, 0, SIGTERM },
	{ 2, 2, { SIGTERM, SIGINT }, 0, 20, 0 },
	{ 2, 3, { SIGTERM, SIGINT, SIGINT }, 0, 0, SIGINT },
	/* but for the second HUP of a terminal that closes */
	{ 1, 2, { SIGHUP, SIGHUP }, 0, 101, 0 },
	/* what was ignored stays so; a child and a pipe ask nothing */
	{ 1, 1, { SIGHUP }, SIGHUP, 100, 0 },
	{ 1, 1, { SIGINT, SIGTERM }, SIGINT, 10, 0 },
	{ 1, 1, { SIGCHLD, SIGPIPE }, 0, 100, 0 },
};

TEST(signals_ask_to_end)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int st = status_after(rows[i].obeyed, rows[i].asks, rows[i].signals, rows[i].ignored);

		if (rows[i].killed ? !WIFSIGNALED(st) || WTERMSIG(st) != rows[i].killed :
				     !WIFEXITED(st) || WEXITSTATUS(st) != rows[i].exits)
			fail_msg("row %zu: status %#x", i, st);
	}
}

/* Lines that are more than a pipe holds, to a reader that never reads. */
TEST(output_that_nobody_reads)
{
	int out[2], st;
	char buf[65536];
	ssize_t n, got = 0;
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		if (ending_begin(1, NULL) || ending_stdout(NULL))
			_exit(99);
		close(out[0]);
		for (int i = 0; i < 4000; i++)
			printf("line %d of many that fill the pipe and end whole\n", i);
		_exit(fflush(stdout) && errno == ETIMEDOUT ? 7 : 8);
	}
	close(out[1]);
	poll(NULL, 0, QUIET_MS);
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_true(WIFEXITED(st));
	assert_int_equal(WEXITSTATUS(st), 7);
	while ((n = read(out[0], buf + got, sizeof(buf) - got)) > 0)
		got += n;
	close(out[0]);
	assert_true(got > 4096);
	assert_int_equal(buf[got - 1], '\n');
}

TESTS_RUN(NULL, NULL)
