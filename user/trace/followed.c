/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/followed.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/reader.h"
#include "kernel/space.h"
#include "kvas/reader.h"

/* The name of process PID, its first thread's; "" not listed. */
static const char *name_of(__u32 pid, const struct kvas_reader_task *tasks, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (tasks[i].tid == pid)
			return tasks[i].comm;
	return "";
}

/* What the kernel's programs see, they can follow. */
static int is_process(__u32 pid, const struct kvas_reader_task *tasks, size_t nr, struct err *e)
{
	const struct kvas_reader_task *thread = NULL;

	for (size_t i = 0; i < nr; i++) {
		if (tasks[i].pid == pid)
			return 0;
		if (tasks[i].tid == pid)
			thread = &tasks[i];
	}
	if (thread)
		return err_set(e, "%u (-p) is a thread of process %u (%.*s): name the process",
			       pid, thread->pid, (int)sizeof(thread->comm),
			       name_of(thread->pid, tasks, nr));
	return err_set(e, "process %u (-p) cannot be followed: this kernel does not list it to BPF "
			  "programs", pid);
}

int followed_open(struct followed *f, int pid, struct err *e)
{
	struct kvas_reader_task *tasks;
	size_t nr;
	int ret;

	if (space_followable(pid, e) || reader_tasks(&tasks, &nr, e))
		return -1;
	ret = is_process(pid, tasks, nr, e);
	free(tasks);
	if (ret)
		return -1;
	/* pidfd_open(2) is in 5.3 and later. */
	f->fd = syscall(SYS_pidfd_open, pid, 0);
	if (f->fd < 0)
		return err_set(e, "process %d (-p) cannot be waited for: %s", pid, strerror(errno));
	return 0;
}

void followed_close(struct followed *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

bool followed_ended(struct followed *f)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	if (f->fd >= 0 && !f->ended)
		f->ended = poll(&p, 1, 0) == 1;
	return f->ended;
}
