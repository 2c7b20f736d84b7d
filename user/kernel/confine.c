/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/confine_calls.h"

/* The one of OF that this thread may have; -1 none. CAP_SYS_ADMIN stands for CAP_BPF. */
static int permitted(const unsigned int *of, int nr)
{
	for (int i = 0; i < nr; i++)
		if (capng_have_capability(CAPNG_PERMITTED, of[i]))
			return of[i];
	return -1;
}

int confine_capabilities(bool signals, struct err *e)
{
	static const unsigned int for_bpf[] = { CAP_BPF, CAP_SYS_ADMIN }, for_kill[] = { CAP_KILL };
	const capng_type_t both = CAPNG_EFFECTIVE | CAPNG_PERMITTED;
	int bpf, kill, failed;

	if (capng_get_caps_process())
		return err_set(e, "the capabilities of kvas cannot be read: %s", strerror(errno));
	bpf = permitted(for_bpf, 2);
	kill = signals ? permitted(for_kill, 1) : -1;
	capng_clear(CAPNG_SELECT_CAPS);
	if (kill >= 0)
		capng_update(CAPNG_ADD, both, kill);
	/* Not in effect, to see whether it is missed: no command is the kernel's EINVAL. */
	if (bpf >= 0)
		capng_update(CAPNG_ADD, CAPNG_PERMITTED, bpf);
	failed = capng_apply(CAPNG_SELECT_CAPS);
	if (!failed && bpf >= 0) {
		bool needed = syscall(SYS_bpf, -1, NULL, 0) < 0 && errno == EPERM;

		capng_update(needed ? CAPNG_ADD : CAPNG_DROP, both, bpf);
		failed = capng_apply(CAPNG_SELECT_CAPS);
	}
	if (failed || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_set(e, "kvas cannot give up its capabilities: %s", strerror(errno));
	return 0;
}

int confine(enum confine how, pid_t command, struct err *e)
{
	if (how >= CONFINE_RIGHTS && confine_capabilities(command != 0, e))
		return -1;
	return how >= CONFINE_CALLS ? confine_calls(command, e) : 0;
}
