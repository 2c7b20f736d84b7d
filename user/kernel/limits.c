/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/limits.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void limits_raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

__u32 limits_online(__u32 possible)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 || n > possible ? possible : n;
}

/* The number in FILE of DIR; ~0 when there is none ("max"), or no file. */
static __u64 number(const char *dir, const char *file)
{
	unsigned long long v = ~0ULL;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	if (!f)
		return ~0ULL;
	if (fscanf(f, "%llu", &v) != 1)
		v = ~0ULL;
	fclose(f);
	return v;
}

__u32 limits_sample_rate(void)
{
	__u64 v = number("/proc/sys/kernel", "perf_event_max_sample_rate");

	return v > ~0U ? ~0U : v;
}

/* Bytes of memory.stat that the kernel takes back before anybody is killed. */
static __u64 reclaimable(const char *dir)
{
	char path[PATH_MAX], line[128];
	unsigned long long v, sum = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/memory.stat", dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "active_file %llu", &v) == 1 ||
		    sscanf(line, "inactive_file %llu", &v) == 1 ||
		    sscanf(line, "slab_reclaimable %llu", &v) == 1)
			sum += v;
	if (f)
		fclose(f);
	return sum;
}

static void consider(const char *dir, const char *max, const char *used, struct memory_limit *out)
{
	struct memory_limit l = { .max = number(dir, max), .used = number(dir, used) };
	__u64 back = reclaimable(dir);

	if (l.max >> 60 || l.used >> 60) /* version 1 says "none" by a large number */
		return;
	l.used -= back < l.used ? back : l.used;
	if (out->group[0] && (__s64)(out->max - out->used) <= (__s64)(l.max - l.used))
		return;
	snprintf(l.group, sizeof(l.group), "%.150s/%s", dir, max);
	*out = l;
}

/* From the group up to the mount's root at BASE, which is LEN bytes of PATH. */
static void consider_all(char *path, size_t len, const char *max, const char *used,
			 struct memory_limit *out)
{
	for (;;) {
		char *slash = strrchr(path, '/');

		consider(path, max, used, out);
		if (strlen(path) <= len || !slash)
			return;
		*slash = '\0';
	}
}

void memory_limit_read(const char *root, struct memory_limit *out)
{
	char path[PATH_MAX], line[1024];
	FILE *f;

	memset(out, 0, sizeof(*out));
	snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *group = strchr(line, ':'), *controllers = group ? group + 1 : NULL;
		int len;

		group = controllers ? strchr(controllers, ':') : NULL;
		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		if (!strcmp(group, "/"))
			group = "";
		if (!controllers[0]) { /* version 2 */
			len = snprintf(path, sizeof(path), "%s/sys/fs/cgroup", root);
			snprintf(path + len, sizeof(path) - len, "%s", group);
			consider_all(path, len, "memory.max", "memory.current", out);
		} else if (!strcmp(controllers, "memory")) {
			len = snprintf(path, sizeof(path), "%s/sys/fs/cgroup/memory", root);
			snprintf(path + len, sizeof(path) - len, "%s", group);
			consider_all(path, len, "memory.limit_in_bytes", "memory.usage_in_bytes",
				     out);
		}
	}
	if (f)
		fclose(f);
}
