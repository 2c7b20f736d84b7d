/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/kernel_btf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <string.h>
#include <unistd.h>

#include "kernel/refusal.h"

int kernel_btf_check(const char *file, struct err *e)
{
	struct btf_header head = { 0 };
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0 && errno == ENOENT)
		return err_set_status(e, KVAS_EXIT_HOST,
				      "there is no %s: kvas needs a kernel with BTF "
				      "(CONFIG_DEBUG_INFO_BTF=y), 5.10 or newer, and /sys mounted", file);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return refusal(e, errno, "the kernel's BTF (%s) cannot be opened", file);
	if (fd < 0)
		return err_set_status(e, KVAS_EXIT_HOST, "the kernel's BTF (%s) cannot be opened: %s",
				      file, strerror(errno));
	got = read(fd, &head, sizeof(head));
	close(fd);
	if (got == sizeof(head) && head.magic == BTF_MAGIC)
		return 0;
	return err_set_status(e, KVAS_EXIT_HOST,
			      "%s is %s: kvas reads the kernel's types there; something else may be "
			      "mounted over it", file, got ? "no BTF" : "empty");
}
