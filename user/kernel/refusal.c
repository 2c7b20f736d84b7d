/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/refusal.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BIT(cap) (1ULL << (cap))

static bool has(const struct rights *r, unsigned int cap)
{
	return r->caps & BIT(cap);
}

/* What the kernel asks for is CAP_SYS_ADMIN or the one of 5.8. */
static bool may(const struct rights *r, unsigned int cap)
{
	return has(r, cap) || has(r, CAP_SYS_ADMIN);
}

static void missing_capability(const struct rights *r, char *buf, size_t len)
{
	bool bpf = !may(r, CAP_BPF), perfmon = !may(r, CAP_PERFMON);
	const char *names = bpf && perfmon ? "CAP_BPF and CAP_PERFMON" :
			    bpf		   ? "CAP_BPF" : "CAP_PERFMON";

	if (r->uid)
		snprintf(buf, len, "uid %u has no %s here: run kvas as root, or give it CAP_BPF and "
			 "CAP_PERFMON", r->uid, names);
	else
		snprintf(buf, len, "root has no %s here, as in a container or under a bounding set: "
			 "add %s", names, bpf && perfmon ? "these capabilities" : "this capability");
}

static void locked_down(const struct rights *r, char *buf, size_t len)
{
	if (r->lockdown == LOCKDOWN_CONFIDENTIALITY)
		snprintf(buf, len, "kernel lockdown is at 'confidentiality' (%s), where no BPF program "
			 "may read kernel memory: boot with lockdown=integrity or without",
			 r->lockdown_boot == ANSWER_YES ?
				 "lockdown=confidentiality on the kernel's command line" :
				 "set by the kernel's configuration, by Secure Boot or in "
				 "/sys/kernel/security/lockdown");
	else if (r->lockdown == LOCKDOWN_UNKNOWN)
		snprintf(buf, len, "no BPF program may read kernel memory here: kernel lockdown at "
			 "'confidentiality' has this effect, and /sys/kernel/security, which would "
			 "tell its level, is not mounted");
	else
		snprintf(buf, len, "no BPF program may read kernel memory here, and not by kernel "
			 "lockdown: a security module forbids it (%s)", r->modules);
}

/* Of EPERM, EACCES and what a seccomp filter may answer instead: false none of these. */
static bool no_right(const struct rights *r, int error, char *buf, size_t len)
{
	if (r->inner_user_ns == ANSWER_YES)
		snprintf(buf, len, "kvas runs in a user namespace of its own (a rootless container, "
			 "unshare -U), where capabilities do not count for BPF: run it in the first one");
	else if (!may(r, CAP_BPF) || !may(r, CAP_PERFMON))
		missing_capability(r, buf, len);
	else if (r->bpf_call != EINVAL && r->seccomp > 0)
		snprintf(buf, len, "a seccomp filter refuses bpf(2) (%s): a container needs a seccomp "
			 "profile that allows it", strerror(r->bpf_call));
	else if (r->reads_kernel == ANSWER_NO)
		locked_down(r, buf, len);
	else if (error == EPERM && r->charges_memlock == ANSWER_YES && r->memlock != ~0ULL &&
		 !has(r, CAP_SYS_RESOURCE))
		snprintf(buf, len, "this kernel counts BPF memory as locked, %llu KiB of it may be "
			 "locked, and CAP_SYS_RESOURCE, which raises that, is missing: add it, or "
			 "raise the limit (ulimit -l unlimited)", r->memlock >> 10);
	else
		return false;
	return true;
}

static void no_memory(const struct rights *r, char *buf, size_t len)
{
	if (!r->memory.group[0])
		snprintf(buf, len, "the kernel has no memory for it");
	else
		snprintf(buf, len, "no memory for it: %s is %llu MiB, %llu of them in use",
			 r->memory.group, r->memory.max >> 20, r->memory.used >> 20);
}

void refusal_reason(const struct rights *r, int error, char *buf, size_t len)
{
	bool permission = error == EPERM || error == EACCES;

	if (error == EMFILE)
		snprintf(buf, len, "this process may hold %llu files open and kvas needs about %u, and "
			 "%u more for each CPU: raise the hard limit (ulimit -Hn; LimitNOFILE= of a "
			 "service)", r->files, LIMITS_FILES, LIMITS_FILES_CPU);
	else if (error == ENFILE)
		snprintf(buf, len, "the host has as many files open as it may (fs.file-max)");
	else if (error == ENOMEM)
		no_memory(r, buf, len);
	else if (error == ENOSYS && r->seccomp == 0)
		snprintf(buf, len, "this kernel has no bpf(2) (CONFIG_BPF_SYSCALL)");
	else if (error == EINVAL && r->reads_kernel == ANSWER_NO)
		locked_down(r, buf, len);
	else if ((permission || r->bpf_call == error) && no_right(r, error, buf, len))
		return;
	else if (permission && r->seccomp)
		snprintf(buf, len, "a seccomp filter or a security module refuses it (%s): nothing else "
			 "is missing here", strerror(error));
	else if (permission)
		snprintf(buf, len, "a security module refuses it (active: %s), no capability is missing: "
			 "its log says more", r->modules[0] ? r->modules : "not told");
	else
		snprintf(buf, len, "%s", strerror(error));
}

int refusal(struct err *e, int error, const char *what, ...)
{
	char text[160], reason[320];
	struct rights r;
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	rights_learn(&r);
	refusal_reason(&r, error, reason, sizeof(reason));
	return err_set_status(e, KVAS_EXIT_HOST, "%s: %s", text, reason);
}
