/* SPDX-License-Identifier: GPL-2.0 */
/* The PMU's events that tell the address of the data: Intel's PEBS, AMD's IBS. */
#ifndef KVAS_PMU_H
#define KVAS_PMU_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define PMU_SYSFS "/sys/bus/event_source/devices"
#define PMU_EVENTS 6

struct pmu_config {
	__u64 config[3]; /* perf_event_attr's config, config1, config2 */
};

struct pmu_event {
	char name[48]; /* as perf writes it: "cpu/mem-loads/" */
	__u32 type; /* perf_event_attr's */
	__u32 by; /* enum kvas_sample_by: what it samples */
	struct pmu_config config;
	bool aux; /* leads a group: the kernel wants mem-loads-aux before mem-loads there */
	struct pmu_config aux_config;
};

/* Those that the directory SYSFS (PMU_SYSFS) lists, at most PMU_EVENTS, into OUT; 0 none. */
size_t pmu_memory_events(const char *sysfs, struct pmu_event *out);

/* Open E, not counting yet, at HZ samples a second, of kernel mode where the PMU can tell, on
 * CPU. *LEADER is the leader of its group or -1, and as much
 * to be closed. The descriptor, or -errno. */
int pmu_open(const struct pmu_event *e, __u32 hz, int cpu, int *leader);

#endif
