/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/cgroup.h"

#include <fts.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define MOUNTS "/proc/self/mounts"
/* PROC_CGROUP_INIT_INO, include/linux/proc_ns.h, 5.10 to 7.2. */
#define FIRST_NAMESPACE 0xeffffffb

/* How many directories PATH has below the root: "/" 0, "/a//b/" 2. */
static __u32 level_of(const char *path)
{
	__u32 level = 0;

	for (; *path; path++)
		level += *path != '/' && (path[1] == '/' || !path[1]);
	return level;
}

/* Where the hierarchy of version 2 is mounted. */
static int find_mount(char *dir, size_t len, struct err *e)
{
	FILE *f = setmntent(MOUNTS, "re");
	struct mntent *m;
	bool found = false;

	while (f && !found && (m = getmntent(f))) {
		found = !strcmp(m->mnt_type, "cgroup2") && strlen(m->mnt_dir) < len;
		if (found)
			snprintf(dir, len, "%s", m->mnt_dir);
	}
	if (f)
		endmntent(f);
	return found ? 0 : err_set_status(e, KVAS_EXIT_HOST, "--cgroup: no cgroup2 file system is mounted "
					  "(" MOUNTS "), and cgroups of version 1 are not followed");
}

static bool is_cgroup(const char *dir)
{
	struct statfs fs;

	return !statfs(dir, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* The directory of the cgroup ID below MOUNT. */
static int find_id(char dir[PATH_MAX], const char *mount, __u64 id, struct err *e)
{
	char *const roots[] = { (char *)mount, NULL };
	FTS *t = fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	bool found = false;
	FTSENT *at;

	while (t && !found && (at = fts_read(t)))
		if (at->fts_info == FTS_D && at->fts_statp->st_ino == id) {
			found = true;
			snprintf(dir, PATH_MAX, "%s", at->fts_path);
		}
	if (t)
		fts_close(t);
	return found ? 0 : err_set(e, "--cgroup: no cgroup below %s has the id %llu", mount, id);
}

/* The directory that a path stands for. */
static int find_path(char dir[PATH_MAX], const char *mount, const char *path, struct err *e)
{
	char below[2 * PATH_MAX];

	snprintf(below, sizeof(below), "%s/%s", mount, path);
	if (realpath(path, dir) && is_cgroup(dir))
		return 0;
	if (realpath(below, dir) && is_cgroup(dir))
		return 0;
	return err_set(e, "--cgroup: '%s' is neither a directory of a cgroup (version 2) nor one below %s", path,
		       mount);
}

int cgroup_find(struct cgroup *out, const char *what, struct err *e)
{
	char mount[PATH_MAX], dir[PATH_MAX];
	const char *below;
	char *end;
	__u64 id = strtoull(what, &end, 10);
	struct stat st;

	if (!stat("/proc/self/ns/cgroup", &st) && st.st_ino != FIRST_NAMESPACE)
		return err_set_status(e, KVAS_EXIT_HOST, "--cgroup: kvas runs in a cgroup namespace of its own, "
				      "where it is not told how deep a cgroup lies: run it in the first one");
	if (find_mount(mount, sizeof(mount), e))
		return -1;
	if (*what >= '0' && *what <= '9' && !*end ? find_id(dir, mount, id, e) : find_path(dir, mount, what, e))
		return -1;
	if (strncmp(dir, mount, strlen(mount)) || stat(dir, &st) || !S_ISDIR(st.st_mode))
		return err_set(e, "--cgroup: %s is no directory below %s", dir, mount);
	below = dir + strlen(mount);
	*out = (struct cgroup){ .id = st.st_ino, .level = level_of(below) };
	if (strlen(below) < sizeof(out->path))
		snprintf(out->path, sizeof(out->path), "%s", *below ? below : "/");
	else
		snprintf(out->path, sizeof(out->path), "...%s", below + strlen(below) - sizeof(out->path) + 4);
	return 0;
}
