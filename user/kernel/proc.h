/* SPDX-License-Identifier: GPL-2.0 */
/* Files of /proc that describe the machine. */
#ifndef KVAS_PROC_H
#define KVAS_PROC_H

#include <linux/types.h>

#include "model/answer.h"

#define CPUINFO "/proc/cpuinfo"
#define IOMEM "/proc/iomem"

/* Is FLAG a word of the flags line of FILE (CPUINFO)? Unknown when it cannot be read. */
enum answer cpuinfo_flag(const char *file, const char *flag);
/* One past the highest byte of RAM in FILE (IOMEM); 0 when it hides addresses. */
__u64 iomem_end(const char *file);

#endif
