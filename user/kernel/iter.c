/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/iter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel hands out a few pages at a time; less room than this costs a call more. */
#define ROOM_LEFT 65536

int iter_read(struct bpf_link *link, void **buf, size_t *room, size_t *got, struct err *e)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	ssize_t n;

	if (fd < 0)
		return err_set(e, "the iterator cannot be opened: %s", strerror(errno));
	*got = 0;
	for (;;) {
		if (*room - *got < ROOM_LEFT) {
			void *more = realloc(*buf, *room + 2 * ROOM_LEFT);

			if (!more) {
				close(fd);
				return err_set(e, "out of memory for %zu bytes from an iterator", *room);
			}
			*buf = more;
			*room += 2 * ROOM_LEFT;
		}
		n = read(fd, (char *)*buf + *got, *room - *got);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			break;
		*got += n;
	}
	if (n < 0)
		err_set(e, "the iterator cannot be read: %s", strerror(errno));
	close(fd);
	return n < 0 ? -1 : 0;
}
