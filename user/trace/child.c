/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/fd.h"

static bool runnable(const char *path)
{
	struct stat st;

	return !access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode);
}

/* What execvp would run, into PATH_MAX bytes at PATH. -1 when there is nothing, with FOUND
 * when there is a file of that name that cannot be run. */
static int search(const char *name, char *path, bool *found)
{
	const char *dirs = getenv("PATH"), *end;

	*found = false;
	if (strchr(name, '/')) {
		*found = !access(name, F_OK);
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && runnable(path) ? 0 : -1;
	}
	if (!dirs)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	for (; *dirs; dirs = *end ? end + 1 : end) {
		end = strchrnul(dirs, ':');
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)(end - dirs), dirs,
			     end > dirs ? "/" : "./", name) >= PATH_MAX)
			continue;
		if (runnable(path))
			return 0;
		*found |= !access(path, F_OK);
	}
	return -1;
}

static _Noreturn void become(const char *path, char **argv, int go_fd, int error_fd)
{
	int error;
	char c;

	if (read(go_fd, &c, 1) != 1)
		_exit(0);
	signal(SIGXFSZ, SIG_DFL); /* main() ignores it */
	execv(path, argv);
	error = errno;
	if (write(error_fd, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(126);
}

int child_start(struct child *c, char **argv, struct err *e)
{
	char path[PATH_MAX];
	int go[2], error[2];
	bool found;

	*c = (struct child){ .go_fd = -1, .error_fd = -1 };
	if (search(argv[0], path, &found))
		return err_set_status(e, found ? KVAS_EXIT_CANNOT_RUN : KVAS_EXIT_NOT_FOUND,
				      found ? "'%s' cannot be run: it is a directory, or not executable "
					      "for this user" :
				      strchr(argv[0], '/') ? "'%s' is not there to be run" :
							     "'%s' is in no directory of PATH", argv[0]);
	if (pipe2(go, O_CLOEXEC))
		return err_set(e, "no pipe: %s", strerror(errno));
	if (pipe2(error, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return err_set(e, "no pipe: %s", strerror(errno));
	}
	c->pid = fork();
	if (!c->pid) {
		close(go[1]);
		become(path, argv, go[0], error[1]);
	}
	close(go[0]);
	close(error[1]);
	c->go_fd = go[1];
	c->error_fd = error[0];
	if (c->pid < 0) {
		c->pid = 0;
		return err_set(e, "'%s' cannot be forked: %s", argv[0], strerror(errno));
	}
	return 0;
}

int child_release(struct child *c, struct err *e)
{
	int error = 0;

	if (write(c->go_fd, "g", 1) != 1)
		return err_set(e, "the command is gone before it began: %s", strerror(errno));
	fd_close(&c->go_fd);
	/* Closed by a successful exec: nothing to read. */
	if (read(c->error_fd, &error, sizeof(error)) == sizeof(error))
		return err_set_status(e, KVAS_EXIT_CANNOT_RUN, "the program cannot be run: %s",
				      strerror(error));
	return 0;
}

bool child_poll(struct child *c)
{
	int st;

	if (!c->pid || c->ended)
		return c->ended;
	if (waitpid(c->pid, &st, WNOHANG) != c->pid)
		return false;
	c->ended = true;
	c->status = WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
	return true;
}

void child_pass(const struct child *c, int sig, bool to_group)
{
	if (c->pid && !c->ended && !(to_group && getpgid(c->pid) == getpgrp()))
		kill(c->pid, sig);
}

void child_end(struct child *c)
{
	bool held = c->go_fd >= 0;

	fd_close(&c->go_fd);
	fd_close(&c->error_fd);
	if (c->pid && held && !child_poll(c))
		waitpid(c->pid, NULL, 0); /* the closed pipe ends it */
}
