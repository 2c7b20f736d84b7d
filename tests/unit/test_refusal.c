/* SPDX-License-Identifier: GPL-2.0 */
/* One message for each set of facts, and what the facts are read from. */
#include <errno.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include "test.h"
#include "kernel/kernel_btf.h"
#include "kernel/refusal.h"

#define ALL_CAPS ((1ULL << (CAP_LAST_CAP + 1)) - 1)

/* Root on a host that forbids nothing. */
static struct rights root(void)
{
	return (struct rights){
		.caps = ALL_CAPS, .inner_user_ns = ANSWER_NO, .bpf_call = EINVAL,
		.lockdown = LOCKDOWN_NONE, .lockdown_boot = ANSWER_NO, .reads_kernel = ANSWER_YES,
		.charges_memlock = ANSWER_NO, .modules = "capability,yama,selinux",
		.memlock = ~0ULL, .files = 1024,
	};
}

static const char *reason(const struct rights *r, int error)
{
	static char text[320];

	refusal_reason(r, error, text, sizeof(text));
	return text;
}

static struct rights with_caps(__u64 caps)
{
	struct rights r = root();

	r.uid = 1000;
	r.caps = caps;
	r.bpf_call = EPERM; /* as kernels before 5.19 answer who has no CAP_BPF */
	r.reads_kernel = ANSWER_UNKNOWN;
	return r;
}

TEST(missing_capabilities_are_named)
{
	struct rights r = with_caps(0);

	assert_has(reason(&r, EPERM), "uid 1000 has no CAP_BPF and CAP_PERFMON");
	r = with_caps(1ULL << CAP_PERFMON);
	assert_has(reason(&r, EPERM), "has no CAP_BPF here");
	r = with_caps(1ULL << CAP_BPF);
	assert_has(reason(&r, EPERM), "has no CAP_PERFMON here");
	r.uid = 0;
	assert_has(reason(&r, EPERM), "root has no CAP_PERFMON", "bounding set");
	assert_has_not(reason(&r, EPERM), "seccomp", "lockdown");
}

TEST(cap_sys_admin_stands_for_both)
{
	struct rights r = with_caps(1ULL << CAP_SYS_ADMIN);

	r.bpf_call = EINVAL;
	r.reads_kernel = ANSWER_YES;
	assert_has_not(reason(&r, EPERM), "has no CAP");
}

TEST(a_user_namespace_comes_before_its_capabilities)
{
	struct rights r = root();

	r.inner_user_ns = ANSWER_YES;
	assert_has(reason(&r, EPERM), "user namespace of its own");
	r.caps = 0;
	assert_has(reason(&r, EPERM), "user namespace of its own");
	assert_has_not(reason(&r, EPERM), "has no CAP");
}

TEST(seccomp_is_named_when_it_is_what_answers)
{
	struct rights r = root();

	r.seccomp = 2;
	r.bpf_call = EPERM;
	assert_has(reason(&r, EPERM), "a seccomp filter refuses bpf(2)");
	r.bpf_call = ENOSYS;
	assert_has(reason(&r, ENOSYS), "a seccomp filter refuses bpf(2)");
	r.seccomp = 0;
	assert_has(reason(&r, ENOSYS), "CONFIG_BPF_SYSCALL");
	/* A filter that lets bpf(2) pass is not to blame for lockdown. */
	r.seccomp = 2;
	r.bpf_call = EINVAL;
	r.lockdown = LOCKDOWN_CONFIDENTIALITY;
	r.reads_kernel = ANSWER_NO;
	assert_has_not(reason(&r, EINVAL), "seccomp");
}

TEST(lockdown_with_its_level_and_its_place)
{
	struct rights r = root();

	r.lockdown = LOCKDOWN_CONFIDENTIALITY;
	r.reads_kernel = ANSWER_NO;
	assert_has(reason(&r, EINVAL), "lockdown is at 'confidentiality'",
		   "/sys/kernel/security/lockdown");
	r.lockdown_boot = ANSWER_YES;
	assert_has(reason(&r, EINVAL), "on the kernel's command line");
	assert_has_not(reason(&r, EINVAL), "/sys/kernel/security/lockdown");
	assert_has(reason(&r, EPERM), "lockdown is at 'confidentiality'");
	r.lockdown = LOCKDOWN_UNKNOWN;
	assert_has(reason(&r, EINVAL), "/sys/kernel/security", "not mounted");
	r.lockdown = LOCKDOWN_INTEGRITY;
	assert_has(reason(&r, EINVAL), "not by kernel lockdown", "selinux");
	/* Where programs may read the kernel, EINVAL is something else. */
	r = root();
	assert_has_not(reason(&r, EINVAL), "lockdown");
}

TEST(locked_memory_is_named_only_where_it_counts)
{
	struct rights r = root();

	r.memlock = 65536;
	r.caps = 1ULL << CAP_BPF | 1ULL << CAP_PERFMON;
	assert_has_not(reason(&r, EPERM), "locked");
	r.charges_memlock = ANSWER_YES;
	assert_has(reason(&r, EPERM), "64 KiB", "CAP_SYS_RESOURCE");
	r.caps |= 1ULL << CAP_SYS_RESOURCE;
	assert_has_not(reason(&r, EPERM), "CAP_SYS_RESOURCE");
}

TEST(what_remains_is_a_security_module)
{
	struct rights r = root();

	assert_has(reason(&r, EACCES), "a security module", "capability,yama,selinux");
	r.seccomp = 2;
	assert_has(reason(&r, EPERM), "a seccomp filter or a security module");
}

TEST(limits_have_their_numbers)
{
	struct rights r = root();

	r.files = 80;
	assert_has(reason(&r, EMFILE), "80 files", "about 120, and 5 more for each CPU", "ulimit -Hn");
	assert_has(reason(&r, ENFILE), "fs.file-max");
	assert_has(reason(&r, ENOMEM), "no memory");
	r.memory = (struct memory_limit){ "/sys/fs/cgroup/a/memory.max", 40 << 20, 30 << 20 };
	assert_has(reason(&r, ENOMEM), "/sys/fs/cgroup/a/memory.max is 40 MiB, 30 of them");
	assert_string_equal(reason(&r, E2BIG), strerror(E2BIG));
}

TEST(lockdown_levels_as_the_kernel_writes_them)
{
	assert_int_equal(rights_lockdown_level("[none] integrity confidentiality"), LOCKDOWN_NONE);
	assert_int_equal(rights_lockdown_level("none [integrity] confidentiality"), LOCKDOWN_INTEGRITY);
	assert_int_equal(rights_lockdown_level("none integrity [confidentiality]"),
			 LOCKDOWN_CONFIDENTIALITY);
	assert_int_equal(rights_lockdown_level(""), LOCKDOWN_UNKNOWN);
	assert_int_equal(rights_lockdown_level("none [integr"), LOCKDOWN_UNKNOWN);
}

static char dir[] = "/tmp/kvas-refusal-XXXXXX";

static void put(const char *path, const char *text, size_t len)
{
	char full[160];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	for (char *p = full + sizeof(dir); (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

TEST_FIXTURE(make_dir, assert_non_null(mkdtemp(dir)))

static int remove_dir(void **state)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	strcpy(dir, "/tmp/kvas-refusal-XXXXXX");
	return system(command);
}

TEST_BETWEEN(the_tightest_group_limits, make_dir, remove_dir)
{
	struct memory_limit l;

	memory_limit_read(dir, &l);
	assert_string_equal(l.group, "");
	put_text("proc/self/cgroup", "3:cpu:/x\n0::/a/b\n");
	put_text("sys/fs/cgroup/a/b/memory.max", "max\n");
	put_text("sys/fs/cgroup/a/b/memory.current", "1000\n");
	memory_limit_read(dir, &l);
	assert_string_equal(l.group, "");
	put_text("sys/fs/cgroup/a/memory.max", "41943040\n");
	put_text("sys/fs/cgroup/a/memory.current", "31457280\n");
	put_text("sys/fs/cgroup/a/memory.stat",
		 "anon 5\ninactive_file 1048576\nactive_file 1048576\nslab_reclaimable 8\n");
	memory_limit_read(dir, &l);
	assert_has(l.group, "/sys/fs/cgroup/a/memory.max");
	assert_int_equal(l.max, 40 << 20);
	assert_int_equal(l.used, (28 << 20) - 8);
	/* One that is closer has more room, then less. */
	put_text("sys/fs/cgroup/a/b/memory.max", "50000000\n");
	memory_limit_read(dir, &l);
	assert_has(l.group, "/a/memory.max");
	put_text("sys/fs/cgroup/a/b/memory.max", "2000\n");
	memory_limit_read(dir, &l);
	assert_has(l.group, "/a/b/memory.max");
}

TEST_BETWEEN(groups_of_version_1, make_dir, remove_dir)
{
	struct memory_limit l;

	put_text("proc/self/cgroup", "5:memory:/c\n0::/\n");
	put_text("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put_text("sys/fs/cgroup/memory/memory.usage_in_bytes", "5\n");
	put_text("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "41943040\n");
	put_text("sys/fs/cgroup/memory/c/memory.usage_in_bytes", "0\n");
	memory_limit_read(dir, &l);
	assert_has(l.group, "/c/memory.limit_in_bytes");
	assert_int_equal(l.max, 40 << 20);
}

TEST_BETWEEN(what_is_no_btf_is_said, make_dir, remove_dir)
{
	char path[80];
	struct err e;

	snprintf(path, sizeof(path), "%s/btf", dir);
	assert_int_equal(kernel_btf_check(path, &e), -1);
	assert_has(e.text, "there is no", "CONFIG_DEBUG_INFO_BTF");
	put_text("btf", "");
	assert_int_equal(kernel_btf_check(path, &e), -1);
	assert_has(e.text, "is empty");
	put_text("btf", "this is a text of more bytes than a header");
	assert_int_equal(kernel_btf_check(path, &e), -1);
	assert_int_equal(e.status, KVAS_EXIT_HOST);
	assert_has(e.text, "is no BTF");
	put("btf", "\x9f\xeb\x01\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
	assert_int_equal(kernel_btf_check(path, &e), 0);
}

TESTS_RUN(NULL, NULL)
