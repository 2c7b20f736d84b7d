/* SPDX-License-Identifier: GPL-2.0 */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outfile_guard_std(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int outfile_dir_check(int fd, const char *name, bool in_sticky, struct err *e)
{
	struct stat s;

	if (fstat(fd, &s))
		return err_set(e, "directory '%s' cannot be looked at: %s", name, strerror(errno));
	if (s.st_uid && s.st_uid != geteuid())
		return err_set(e, "directory '%s' belongs to user %u, who could swap the files in "
				  "it: name a directory of your own or of root's", name, s.st_uid);
	if (s.st_mode & 022 && !(in_sticky && s.st_mode & S_ISVTX))
		return err_set(e, "directory '%s' of user %u may be written by others (mode %04o), "
				  "who could swap the files in it: chmod go-w it, or name another",
			       name, s.st_uid, s.st_mode & 07777);
	return 0;
}

int outfile_new(int dirfd, const char *name)
{
	return openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

size_t outfile_write(int fd, const void *buf, size_t len, int *error)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = write(fd, (const char *)buf + at, len - at);

		if (n > 0) {
			at += n;
		} else if (n == 0 || errno != EINTR) {
			/* 0 is no progress: another try might never end. */
			*error = n ? errno : ENOSPC;
			break;
		}
	}
	return at;
}

/* Open what is there: a regular file must be the user's own, under this name alone. */
static int open_existing(int dirfd, const char *base, const char *path, const char *option,
			 struct err *e)
{
	int fd = openat(dirfd, base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat s;

	if (fd < 0 && errno == ELOOP)
		return err_set(e, "'%s' (%s) is a symbolic link: name the file itself", path,
			       option);
	if (fd < 0)
		return err_set(e, "'%s' (%s) cannot be written: %s", path, option, strerror(errno));
	if (fstat(fd, &s)) {
		err_set(e, "'%s' (%s) cannot be looked at: %s", path, option, strerror(errno));
	} else if (!S_ISREG(s.st_mode)) {
		if (!fcntl(fd, F_SETFL, O_WRONLY))
			return fd;
		err_set(e, "'%s' (%s) cannot be written: %s", path, option, strerror(errno));
	} else if (s.st_uid != geteuid() || s.st_nlink != 1) {
		err_set(e, "'%s' (%s) is there, belongs to user %u and has %lu names: kvas writes "
			   "over a file of your own with one name alone; remove it or name another",
			path, option, s.st_uid, (unsigned long)s.st_nlink);
	} else if (fchmod(fd, 0600) || ftruncate(fd, 0)) {
		err_set(e, "'%s' (%s) cannot be emptied: %s", path, option, strerror(errno));
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

static bool is_device_path(const char *path)
{
	struct stat s;

	return !stat(path, &s) && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode);
}

/* What is no regular file cannot be overwritten: /dev/stdout and pipes are links. */
static int open_device(const char *path, const char *option, struct err *e)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	struct stat s;

	if (fd >= 0 && !fstat(fd, &s) && !S_ISREG(s.st_mode))
		return fd;
	err_set(e, "'%s' (%s) cannot be written: %s", path, option,
		fd < 0 ? strerror(errno) : "it was replaced by a file meanwhile");
	if (fd >= 0)
		close(fd);
	return -1;
}

int outfile_open_path(const char *path, const char *option, struct err *e)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *dir = slash ? strndup(path, slash == path ? 1 : slash - path) : strdup(".");
	int dirfd, fd = -1;

	if (is_device_path(path)) {
		free(dir);
		return open_device(path, option, e);
	}
	dirfd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (dirfd < 0) {
		err_set(e, "'%s' (%s) cannot be created: %s", path, option, strerror(errno));
	} else if (!outfile_dir_check(dirfd, dir, true, e)) {
		fd = outfile_new(dirfd, base);
		if (fd < 0 && errno == EEXIST)
			fd = open_existing(dirfd, base, path, option, e);
		else if (fd < 0)
			err_set(e, "'%s' (%s) cannot be created: %s", path, option,
				strerror(errno));
	}
	if (dirfd >= 0)
		close(dirfd);
	free(dir);
	return fd;
}
