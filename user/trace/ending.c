/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/ending.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "kernel/refusal.h"

/* timeout(1) signals its child, and then the group that the child is in. */
#define SAME_NS 50000000ULL
#define SLICE_MS 100 /* a signal may come just before poll() */
#define BUFFER 65536

static struct {
	int fd;
	int obeyed;
	volatile sig_atomic_t asked, first, terminal;
	int last_signal, last_pid;
	__u64 last_ns;
	volatile __u64 first_ns;
} ending = { .fd = -1 };

/* Is it the request before once more? */
static bool same_request(int sig, const siginfo_t *si, __u64 now)
{
	if (!ending.asked)
		return false;
	/* A shell passes HUP on, and the kernel sends another when the shell is gone. */
	if (sig == SIGHUP)
		return true;
	return sig == ending.last_signal && si->si_pid == ending.last_pid &&
	       now - ending.last_ns < SAME_NS;
}

static void ask(int sig, const siginfo_t *si)
{
	__u64 now = clock_monotonic_ns();

	if (same_request(sig, si, now))
		return;
	if (ending.asked == ending.obeyed) {
		/* It is delivered when this handler returns. */
		signal(sig, SIG_DFL);
		raise(sig);
		return;
	}
	if (!ending.asked) {
		ending.first = sig;
		ending.terminal = si->si_code == SI_KERNEL;
		ending.first_ns = now;
	}
	ending.last_signal = sig;
	ending.last_pid = si->si_pid;
	ending.last_ns = now;
	ending.asked++;
}

static void on_signal(int sig, siginfo_t *si, void *context)
{
	const uint64_t one = 1;
	int error = errno;

	(void)context;
	if (sig != SIGCHLD)
		ask(sig, si);
	if (write(ending.fd, &one, sizeof(one)) < 0) /* it is readable already */
		errno = 0;
	errno = error;
}

int ending_begin(int obeyed, struct err *e)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD };
	struct sigaction a = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction before;

	ending.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ending.fd < 0)
		return refusal(e, errno, "no eventfd can be made");
	ending.obeyed = obeyed;
	sigfillset(&a.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &before) &&
		    (signals[i] == SIGCHLD || before.sa_handler != SIG_IGN))
			sigaction(signals[i], &a, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int ending_fd(void)
{
	return ending.fd;
}

void ending_heard(void)
{
	uint64_t n;

	if (read(ending.fd, &n, sizeof(n)) < 0)
		return; /* nothing has come */
}

int ending_asked(void)
{
	return ending.asked;
}

int ending_signal(void)
{
	return ending.first;
}

bool ending_from_terminal(void)
{
	return ending.terminal;
}

/* Until FD takes a write; -1 with errno. */
static int wait_reader(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	for (;;) {
		if (poll(&p, 1, SLICE_MS) > 0)
			return 0;
		if (ending.asked &&
		    clock_monotonic_ns() - ending.first_ns > ENDING_PATIENCE_S * NS_PER_S) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

/* Of LEN bytes at BUF what one write takes: a pipe that poll() says has room takes PIPE_BUF
 * bytes at once. They end with a line. */
static size_t portion(const char *buf, size_t len)
{
	const char *end;

	if (len <= PIPE_BUF)
		return len;
	end = memrchr(buf, '\n', PIPE_BUF);
	return end ? (size_t)(end - buf) + 1 : PIPE_BUF;
}

static ssize_t put(void *cookie, const char *buf, size_t len)
{
	size_t done = 0;

	(void)cookie;
	while (done < len) {
		ssize_t n;

		if (wait_reader(STDOUT_FILENO))
			break;
		n = write(STDOUT_FILENO, buf + done, portion(buf + done, len - done));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (!n)
			errno = EIO;
		if (n <= 0)
			break;
		done += n;
	}
	return done;
}

int ending_stdout(struct err *e)
{
	FILE *f = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = put });

	if (!f)
		return err_set(e, "out of memory");
	setvbuf(f, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFFER);
	fflush(stdout);
	stdout = f;
	return 0;
}
