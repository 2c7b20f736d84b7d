/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/marked.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define PATIENCE_MS 5000

/* The child: it makes its bytes itself, so that only its own page can tell them. */
static void child(int from, int to)
{
	unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				   -1, 0);
	__u64 va = (__u64)page;
	char end;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (page == MAP_FAILED)
		_exit(errno);
	errno = 0; /* fewer bytes than asked for are no error, and leave it as it is */
	if (getrandom(page, PAGE, 0) != PAGE)
		_exit(errno ? errno : EIO);
	/* Not needed, as the page was just written; it may be refused (RLIMIT_MEMLOCK). */
	mlock(page, PAGE);
	if (write(from, &va, sizeof(va)) != sizeof(va))
		_exit(errno ? errno : EIO);
	while (read(to, &end, 1) > 0)
		;
	_exit(write(from, page, PAGE) != PAGE);
}

static int read_patiently(int fd, void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t got = 0;

	while (got < len) {
		ssize_t n;

		if (poll(&p, 1, PATIENCE_MS) != 1)
			return -1;
		n = read(fd, (char *)buf + got, len - got);
		if (!n || (n < 0 && errno != EINTR))
			return -1;
		got += n > 0 ? n : 0;
	}
	return 0;
}

/* Why the child told no address. It is ended. */
static void explain(struct marked *m)
{
	int status = 0;

	kill(m->pid, SIGKILL);
	if (waitpid(m->pid, &status, 0) == m->pid && WIFEXITED(status))
		snprintf(m->why, sizeof(m->why), "kvas's child has no page: %s",
			 strerror(WEXITSTATUS(status)));
	else
		snprintf(m->why, sizeof(m->why), "kvas's child told no address of its page");
	m->pid = 0;
}

void marked_start(struct marked *m)
{
	int out[2], in[2];

	memset(m, 0, sizeof(*m));
	m->from = m->to = -1;
	if (pipe(out)) {
		snprintf(m->why, sizeof(m->why), "no pipe to a child: %s", strerror(errno));
		return;
	}
	if (pipe(in)) {
		snprintf(m->why, sizeof(m->why), "no pipe to a child: %s", strerror(errno));
		close(out[0]);
		close(out[1]);
		return;
	}
	m->pid = fork();
	if (!m->pid) {
		close(out[0]);
		close(in[1]);
		child(out[1], in[0]);
	}
	if (m->pid < 0)
		snprintf(m->why, sizeof(m->why), "kvas cannot start a child: %s", strerror(errno));
	close(out[1]);
	close(in[0]);
	m->from = out[0];
	m->to = in[1];
	if (m->pid > 0 && read_patiently(m->from, &m->va, sizeof(m->va)))
		explain(m);
}

void marked_find(struct marked *m, const struct space *s, struct marked_page *out)
{
	const struct kvas_reader_task *t = m->why[0] ? NULL : space_task(s, m->pid, NULL);
	const struct layout *l = &s->host.layout;
	unsigned char page[PAGE], told[PAGE];
	struct walk w;

	*out = (struct marked_page){ .pid = m->pid, .user_va = m->va, .bytes = PAGE };
	snprintf(out->why, sizeof(out->why), "%s", m->why);
	if (s->inner_pid_ns && !m->why[0])
		snprintf(out->why, sizeof(out->why), "kvas runs in a PID namespace of its own, and "
			 "does not know its child's number in the first one");
	if (out->why[0])
		return;
	if (t && t->pgd &&
	    walk_steady(reader_read, s->reader, t->pgd, paging_of(l->levels), l->page_offset, m->va, &w) ==
		    WALK_DONE && w.leaf_level) {
		out->pa = w.pa;
		out->alias = l->page_offset + w.pa;
		out->found = !reader_read(s->reader, out->alias, page, sizeof(page));
	}
	close(m->to);
	m->to = -1;
	out->told = !read_patiently(m->from, told, sizeof(told));
	out->same = out->found && out->told && !memcmp(page, told, sizeof(page));
}

void marked_end(struct marked *m)
{
	if (m->to >= 0)
		close(m->to);
	if (m->from >= 0)
		close(m->from);
	if (m->pid > 0) {
		kill(m->pid, SIGKILL);
		waitpid(m->pid, NULL, 0);
	}
	m->pid = 0;
	m->from = m->to = -1;
}
