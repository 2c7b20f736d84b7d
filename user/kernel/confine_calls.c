/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/confine_calls.h"

#include <asm/termbits.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * What a run that streams needs from the moment when all is attached, by what it is needed for, and
 * what the C library puts in its place. Files are made and renamed in a directory that is open. No
 * program is run, no process or thread made, no socket opened.
 */
static const int calls[] = {
	/* tables and meta.json of a recording, --csv: made, written, a torn row cut off, renamed */
	SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
	SCMP_SYS(lseek), SCMP_SYS(fcntl), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate), SCMP_SYS(fchmod), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(rename), SCMP_SYS(unlinkat), SCMP_SYS(flock),
	/* /proc and /sys, the time zone's file, task rows of the iterator, FIFOs of --control */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(fstat), SCMP_SYS(stat),
	SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat),
	/* the allocator; what is given back when the run ends */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* the thread that reads the kernel's symbols: it goes on, ends and is waited for */
	SCMP_SYS(futex), SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(sched_yield),
	SCMP_SYS(exit),
	/* to be on each CPU once, also on those that come and go */
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(getcpu),
	/* clocks, where the vDSO has none that can be read */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* to wait: for records, a signal, the reader of standard output, a PGD's end */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall),
	/* signals that end the run: taken, given their own way again, and raised */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(exit_group),
	/* the command: is it in the group that a terminal's ^C reached, has it ended */
	SCMP_SYS(getpgid), SCMP_SYS(getpgrp), SCMP_SYS(wait4), SCMP_SYS(waitid),
	/* about oneself: what kvas costs, and how much memory qsort() may take */
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
	SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getrusage), SCMP_SYS(times), SCMP_SYS(uname),
	SCMP_SYS(sysinfo), SCMP_SYS(getrandom),
};

/* Of bpf(2): maps that are open are read and written, the task iterator and the kernel's reader run,
 * a program's missed runs are asked, links come off; nothing is loaded or attached. */
static const int bpf_commands[] = {
	BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,  BPF_MAP_DELETE_ELEM,    BPF_MAP_GET_NEXT_KEY,
	BPF_MAP_LOOKUP_BATCH, BPF_PROG_TEST_RUN,    BPF_OBJ_GET_INFO_BY_FD, BPF_ITER_CREATE,
	BPF_LINK_DETACH,
};

/* Is it a terminal, and how wide; perf events that are open, also of a CPU that is off. */
static const unsigned long ioctls[] = {
	TCGETS, TIOCGWINSZ, PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE, PERF_EVENT_IOC_PERIOD,
};

static void tell(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return; /* nobody hears it */
}

/*
 * The call is refused with EPERM, which its caller reports, and is named here, once for each: a
 * refusal that nobody noticed would look like a fault of the host. SIGSYS comes at the call itself
 * and the allocator makes none that is refused, so what allocates may be called.
 */
static void on_refused(int signal, siginfo_t *info, void *context)
{
	static unsigned char told[1024 / 8];
	unsigned int nr = info->si_syscall, at = nr % 1024;
	ucontext_t *u = context;
	char text[160], *name;

	u->uc_mcontext.gregs[REG_RAX] = -EPERM;
	if (told[at / 8] & (1u << at % 8))
		return;
	told[at / 8] |= 1u << at % 8;
	name = seccomp_syscall_resolve_num_arch(info->si_arch, nr);
	snprintf(text, sizeof(text), "kvas: its own seccomp filter refused the system call %s (%u, first "
		 "argument %lld): please report it\n", name ? name : "of number", nr,
		 (long long)u->uc_mcontext.gregs[REG_RDI]);
	free(name);
	tell(text);
}

static int allow_all(scmp_filter_ctx f)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !r; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);
	for (size_t i = 0; i < sizeof(bpf_commands) / sizeof(bpf_commands[0]) && !r; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1,
				     SCMP_A0(SCMP_CMP_EQ, bpf_commands[i]));
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]) && !r; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				     SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
	return r;
}

/* No memory becomes code; signals go to the command and to kvas; limits are only read. */
static int allow_some(scmp_filter_ctx f, pid_t command)
{
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code);

	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				     SCMP_A0(SCMP_CMP_EQ, getpid()));
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
				     SCMP_A0(SCMP_CMP_EQ, getpid()));
	if (!r && command)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
				     SCMP_A0(SCMP_CMP_EQ, command));
	if (!r)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
				     SCMP_A2(SCMP_CMP_EQ, 0));
	return r;
}

int confine_calls(pid_t command, struct err *e)
{
	struct sigaction sa = { .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO };
	scmp_filter_ctx f;
	int r;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		return 0; /* a kernel without it */
	f = seccomp_init(SCMP_ACT_TRAP);
	r = f ? seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM;
	if (!r)
		r = allow_all(f);
	if (!r)
		r = allow_some(f, command);
	if (!r && sigaction(SIGSYS, &sa, NULL))
		r = -errno;
	if (!r)
		r = seccomp_load(f);
	seccomp_release(f);
	return r ? err_set(e, "kvas cannot install its seccomp filter: %s", strerror(-r)) : 0;
}
