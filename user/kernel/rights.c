/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/rights.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/kernel_btf.h"

/* PROC_USER_INIT_INO, include/linux/proc_ns.h, 3.8 to 7.2. */
#define FIRST_USER_NS 0xeffffffdUL

static const char *const level_word[] = {
	[LOCKDOWN_NONE] = "none",
	[LOCKDOWN_INTEGRITY] = "integrity",
	[LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
};

/* The first line of FILE; "" when it cannot be read. */
static void first_line(const char *file, char *buf, int len)
{
	FILE *f = fopen(file, "re");

	buf[0] = '\0';
	if (!f)
		return;
	if (!fgets(buf, len, f))
		buf[0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	fclose(f);
}

static __u64 effective_caps(void)
{
	__u64 caps = 0;

	if (capng_get_caps_process())
		return 0;
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		if (capng_have_capability(CAPNG_EFFECTIVE, i))
			caps |= 1ULL << i;
	return caps;
}

static enum answer inner_user_ns(void)
{
	struct stat st;

	if (stat("/proc/self/ns/user", &st))
		return ANSWER_UNKNOWN;
	return st.st_ino == FIRST_USER_NS ? ANSWER_NO : ANSWER_YES;
}

/* A program that calls bpf_probe_read_kernel() and nothing else. */
static enum answer reads_kernel(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 1, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "kvas_try", "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0 ? ANSWER_YES : errno == EINVAL ? ANSWER_NO : ANSWER_UNKNOWN;
}

enum lockdown_level rights_lockdown_level(const char *line)
{
	const char *from = strchr(line, '[');

	for (int l = LOCKDOWN_NONE; from && l <= LOCKDOWN_CONFIDENTIALITY; l++) {
		size_t len = strlen(level_word[l]);

		if (!strncmp(from + 1, level_word[l], len) && from[1 + len] == ']')
			return l;
	}
	return LOCKDOWN_UNKNOWN;
}

static void learn_lockdown(struct rights *r)
{
	char line[4096], wanted[64];

	first_line("/sys/kernel/security/lockdown", line, sizeof(line));
	r->lockdown = rights_lockdown_level(line);
	first_line("/sys/kernel/security/lsm", line, sizeof(line));
	snprintf(r->modules, sizeof(r->modules), "%.159s", line);
	first_line("/proc/cmdline", line, sizeof(line));
	if (!line[0] || r->lockdown == LOCKDOWN_UNKNOWN)
		return;
	snprintf(wanted, sizeof(wanted), "lockdown=%s", level_word[r->lockdown]);
	r->lockdown_boot = strstr(line, wanted) ? ANSWER_YES : ANSWER_NO;
}

/* struct bpf_map_memory holds the charge; 5.11 has none. Trying to load a program would not tell: it
 * is refused alike when the limit is reached. */
static enum answer charges_memlock(void)
{
	struct btf *btf = btf__parse(KERNEL_BTF, NULL);
	enum answer a = ANSWER_UNKNOWN;

	if (btf)
		a = btf__find_by_name_kind(btf, "bpf_map_memory", BTF_KIND_STRUCT) > 0 ? ANSWER_YES :
											 ANSWER_NO;
	btf__free(btf);
	return a;
}

void rights_learn(struct rights *out)
{
	struct rlimit limit;

	memset(out, 0, sizeof(*out));
	out->uid = geteuid();
	out->caps = effective_caps();
	out->inner_user_ns = inner_user_ns();
	out->seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
	out->bpf_call = syscall(SYS_bpf, -1, NULL, 0) < 0 ? errno : 0;
	learn_lockdown(out);
	out->reads_kernel = reads_kernel();
	out->charges_memlock = charges_memlock();
	out->memlock = getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY ?
			       ~0ULL : limit.rlim_cur;
	out->files = getrlimit(RLIMIT_NOFILE, &limit) ? ~0ULL : limit.rlim_cur;
	memory_limit_read("", &out->memory);
}
