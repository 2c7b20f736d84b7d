/* SPDX-License-Identifier: GPL-2.0 */
#include "event/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *open_why(int error)
{
	return error == ELOOP ? "it is a symbolic link, and kvas does not follow those of a recording" :
				strerror(error);
}

int input_open(int dirfd, const char *dir, const char *name, __u64 *size, struct err *e)
{
	/* Not to wait for the other end of a FIFO. */
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return err_set(e, "%s/%s cannot be read: %s", dir, name, open_why(errno));
	if (fstat(fd, &st)) {
		err_set(e, "%s/%s cannot be read: %s", dir, name, strerror(errno));
		close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, "%s/%s is no regular file: it is not kvas's", dir, name);
	}
	*size = st.st_size;
	return fd;
}

long input_read(int fd, void *buf, size_t len)
{
	long n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n;
}

char *input_read_whole(int fd, size_t size)
{
	char *text = malloc(size + 1);
	size_t at = 0;
	long n = 1;

	while (text && at < size && n > 0) {
		n = input_read(fd, text + at, size - at);
		at += n > 0 ? n : 0;
	}
	if (text && at == size)
		return text;
	free(text);
	if (!n)
		errno = ESTALE; /* made shorter meanwhile */
	return NULL;
}
