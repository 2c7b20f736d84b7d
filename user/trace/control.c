/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/control.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/fd.h"

/* For reading and writing: it then opens without a peer and never ends. */
static int open_fifo(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_set(e, "'%s' (--control) cannot be opened: %s; make it with mkfifo", path,
			       strerror(errno));
	if (fstat(fd, &st) || !S_ISFIFO(st.st_mode)) {
		close(fd);
		return err_set(e, "'%s' (--control) is no FIFO: make one with mkfifo", path);
	}
	return fd;
}

int control_open(struct control *c, const char *spec, struct err *e)
{
	const char *comma = strchr(spec, ',');
	char path[PATH_MAX];

	*c = (struct control){ .in = -1, .ack = -1 };
	snprintf(path, sizeof(path), "%.*s", (int)(comma ? comma - spec : (long)strlen(spec)), spec);
	c->in = open_fifo(path, e);
	if (c->in < 0)
		return -1;
	if (!comma)
		return 0;
	c->ack = open_fifo(comma + 1, e);
	if (c->ack >= 0)
		return 0;
	control_close(c);
	return -1;
}

void control_close(struct control *c)
{
	fd_close(&c->in);
	fd_close(&c->ack);
}

static int word(const char *line, struct err *e)
{
	if (!strcmp(line, "enable"))
		return CONTROL_ENABLE;
	if (!strcmp(line, "disable"))
		return CONTROL_DISABLE;
	return err_set(e, "--control: '%.32s' is neither 'enable' nor 'disable'", line);
}

int control_next(struct control *c, struct err *e)
{
	char line[sizeof(c->buf)], *end = memchr(c->buf, '\n', c->used);
	ssize_t n;

	if (c->in < 0)
		return CONTROL_NONE;
	if (!end) {
		n = read(c->in, c->buf + c->used, sizeof(c->buf) - c->used);
		if (n > 0)
			c->used += n;
		end = memchr(c->buf, '\n', c->used);
	}
	if (!end && c->used == sizeof(c->buf))
		return err_set(e, "--control: a line of more than %zu bytes is neither 'enable' nor "
				  "'disable'", sizeof(c->buf));
	if (!end)
		return CONTROL_NONE;
	n = end - c->buf;
	memcpy(line, c->buf, n);
	line[n] = '\0';
	c->used -= n + 1;
	memmove(c->buf, end + 1, c->used);
	return word(line, e);
}

void control_ack(struct control *c)
{
	if (c->ack >= 0 && write(c->ack, "ack\n", 4) != 4)
		return;
}
