/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/self.h"

#include <sys/resource.h>
#include <unistd.h>

#include "kernel/space.h"

static __u64 timeval_ns(struct timeval t)
{
	return t.tv_sec * 1000000000ULL + t.tv_usec * 1000ULL;
}

static struct rusage usage(void)
{
	struct rusage u = { 0 };

	getrusage(RUSAGE_SELF, &u);
	return u;
}

void self_begin(struct self *s, struct self_info *out)
{
	struct rusage u = usage();

	s->cpu_start_ns = timeval_ns(u.ru_utime) + timeval_ns(u.ru_stime);
	/* Tasks are counted by their numbers in the first PID namespace. */
	out->pid = space_inner_pid_ns() ? 0 : getpid();
}

void self_read(const struct self *s, struct self_info *out)
{
	struct rusage u = usage();

	out->cpu_ns = timeval_ns(u.ru_utime) + timeval_ns(u.ru_stime) - s->cpu_start_ns;
	out->max_rss_bytes = u.ru_maxrss * 1024ULL;
}
