/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the kernel's types are told. The BPF objects are opened with this file named: libbpf 1.1
 * otherwise looks for a type that is not in it (struct ptdesc before 6.6) in the BTF of every
 * module, which needs CAP_SYS_ADMIN, and gives up without.
 */
#ifndef KVAS_KERNEL_BTF_H
#define KVAS_KERNEL_BTF_H

#include "err.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

/* Does FILE begin as BTF does? 0, or -1 with E, status KVAS_EXIT_HOST: it is not there, cannot
 * be read, or holds something else. */
int kernel_btf_check(const char *file, struct err *e);

#endif
