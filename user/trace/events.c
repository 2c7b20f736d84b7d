/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CLOCK_TRIES 10
#define CLOCK_TRY_US 2000

static int grow(struct events *s)
{
	__u32 room = s->room ? s->room * 2 : 16;
	void *link = realloc(s->link, room * sizeof(*s->link)), *fd, *leader;

	if (link)
		s->link = link;
	fd = realloc(s->fd, room * sizeof(*s->fd));
	if (fd)
		s->fd = fd;
	leader = realloc(s->leader, room * sizeof(*s->leader));
	if (leader)
		s->leader = leader;
	if (!link || !fd || !leader)
		return -1;
	s->room = room;
	return 0;
}

int events_add(struct events *s, int fd, int leader, struct bpf_program *prog, struct err *e)
{
	struct bpf_link *link = NULL;
	int failed = 0;

	if (s->nr == s->room && grow(s))
		failed = err_set(e, "out of memory");
	if (!failed && !(link = bpf_program__attach_perf_event(prog, fd)))
		failed = err_set(e, "the sampler's program cannot be attached: %s", strerror(errno));
	if (failed) {
		close(fd);
		if (leader >= 0)
			close(leader);
		return -1;
	}
	/* Attaching switches it on. */
	if (leader < 0)
		ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	s->link[s->nr] = link;
	s->fd[s->nr] = fd;
	s->leader[s->nr++] = leader;
	return 0;
}

void events_switch(struct events *s, unsigned long request)
{
	for (__u32 i = 0; i < s->nr; i++)
		ioctl(s->leader[i] < 0 ? s->fd[i] : s->leader[i], request, 0);
}

void events_period(struct events *s, __u64 ns)
{
	for (__u32 i = 0; i < s->nr; i++)
		ioctl(s->fd[i], PERF_EVENT_IOC_PERIOD, &ns);
}

/* ns that an event was on; 0 for one that the kernel has given up. */
static __u64 time_on(int fd)
{
	__u64 value[2];

	return read(fd, value, sizeof(value)) == sizeof(value) ? value[1] : 0;
}

/* Its time goes on while it is on, by a clock that may move once in some ms only. */
static bool is_on(int fd)
{
	__u64 before = time_on(fd);

	for (int i = 0; i < CLOCK_TRIES; i++) {
		if (time_on(fd) > before)
			return true;
		usleep(CLOCK_TRY_US);
	}
	return false;
}

__u32 events_dead(const struct events *s)
{
	__u32 nr = 0;

	for (__u32 i = 0; i < s->nr; i++)
		nr += !is_on(s->fd[i]);
	return nr;
}

void events_close(struct events *s)
{
	for (__u32 i = 0; i < s->nr; i++) {
		bpf_link__destroy(s->link[i]); /* closes the event */
		if (s->leader[i] >= 0)
			close(s->leader[i]);
	}
	free(s->link);
	free(s->fd);
	free(s->leader);
	*s = (struct events){ 0 };
}
