/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/pmu.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kvas/sample.h"

/* The first line of DIR/A/B into BUF; false when there is none. */
static bool line(const char *dir, const char *a, const char *b, char *buf, int len)
{
	char path[256];
	bool got;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, a, b);
	f = fopen(path, "re");
	if (!f)
		return false;
	got = fgets(buf, len, f);
	fclose(f);
	buf[got ? strcspn(buf, "\n") : 0] = '\0';
	return got;
}

/* Put VALUE where FORMAT says: "config1:0-15", "config:0-7,32-35", "config:18"; the lowest
 * bits go to the first range. */
static bool place(const char *format, __u64 value, struct pmu_config *out)
{
	int which = 0, n = 0;
	const char *p;

	if (strncmp(format, "config", 6))
		return false;
	p = format + 6;
	if (*p == '1' || *p == '2')
		which = *p++ - '0';
	while (*p == ':' || *p == ',') {
		unsigned int low, high;

		p++;
		if (sscanf(p, "%u%n", &low, &n) != 1)
			return false;
		p += n;
		high = low;
		if (*p == '-' && sscanf(p, "-%u%n", &high, &n) == 1)
			p += n;
		if (high < low || high > 63)
			return false;
		for (unsigned int bit = low; bit <= high; bit++, value >>= 1)
			out->config[which] |= (value & 1) << bit;
	}
	return !*p && !value;
}

/* "event=0xcd,umask=0x1,ldlat=3", each word placed by the PMU's format/WORD; a word without
 * a value is 1. */
static bool parse(const char *sysfs, const char *pmu, char *terms, struct pmu_config *out)
{
	char dir[192], format[64], *save, *t;

	memset(out, 0, sizeof(*out));
	snprintf(dir, sizeof(dir), "%s/%s", sysfs, pmu);
	for (t = strtok_r(terms, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
		char *value = strchr(t, '=');

		if (value)
			*value++ = '\0';
		if (!line(dir, "format", t, format, sizeof(format)) ||
		    !place(format, value ? strtoull(value, NULL, 0) : 1, out))
			return false;
	}
	return true;
}

static bool named(const char *sysfs, const char *pmu, const char *event, struct pmu_config *out)
{
	char dir[192], terms[128];

	snprintf(dir, sizeof(dir), "%s/%s", sysfs, pmu);
	return line(dir, "events", event, terms, sizeof(terms)) && parse(sysfs, pmu, terms, out);
}

static bool type_of(const char *sysfs, const char *pmu, __u32 *type)
{
	char buf[32];

	if (!line(sysfs, pmu, "type", buf, sizeof(buf)))
		return false;
	*type = strtoul(buf, NULL, 10);
	return true;
}

/* Intel: mem-loads samples by latency (ldlat), from 3 cycles on as the kernel lists it, which
 * every load takes; mem-stores any store. */
static size_t pebs(const char *sysfs, const char *pmu, struct pmu_event *out)
{
	static const char *const names[] = { "mem-loads", "mem-stores" };
	size_t nr = 0;

	for (int i = 0; i < 2; i++) {
		struct pmu_event *e = &out[nr];

		memset(e, 0, sizeof(*e));
		if (!type_of(sysfs, pmu, &e->type) || !named(sysfs, pmu, names[i], &e->config))
			continue;
		snprintf(e->name, sizeof(e->name), "%s/%s/", pmu, names[i]);
		e->by = i ? KVAS_BY_STORES : KVAS_BY_LOADS;
		e->aux = !i && named(sysfs, pmu, "mem-loads-aux", &e->aux_config);
		nr++;
	}
	return nr;
}

size_t pmu_memory_events(const char *sysfs, struct pmu_event *out)
{
	static const char *const pmus[] = { "cpu", "cpu_core" }; /* all cores alike; hybrid */
	size_t nr = 0;

	for (int i = 0; i < 2; i++)
		nr += pebs(sysfs, pmus[i], &out[nr]);
	memset(&out[nr], 0, sizeof(out[nr]));
	if (type_of(sysfs, "ibs_op", &out[nr].type)) {
		snprintf(out[nr].name, sizeof(out[nr].name), "ibs_op//");
		out[nr].by = KVAS_BY_EITHER;
		nr++;
	}
	return nr;
}

static int open_one(const struct pmu_event *e, const struct pmu_config *c,
		    struct perf_event_attr *attr, int cpu, int group)
{
	int fd;

	attr->size = sizeof(*attr);
	attr->type = e->type;
	attr->config = c->config[0];
	attr->config1 = c->config[1];
	attr->config2 = c->config[2];
	attr->exclude_user = e->by != KVAS_BY_EITHER; /* IBS knows no modes */
	fd = syscall(SYS_perf_event_open, attr, -1, cpu, group, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int pmu_open(const struct pmu_event *e, __u32 hz, int cpu, int *leader)
{
	struct perf_event_attr attr = { 0 }, aux = { 0 };
	int fd = -EINVAL;

	*leader = -1;
	if (e->aux) {
		*leader = open_one(e, &e->aux_config, &aux, cpu, -1);
		if (*leader < 0)
			return *leader;
	}
	attr.freq = 1;
	attr.sample_freq = hz;
	attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_ADDR;
	attr.disabled = !e->aux; /* a member goes with its leader */
	/* The address of the very instruction, where the PMU can. */
	for (int precise = 3; precise >= 0 && fd < 0; precise--) {
		if (e->by != KVAS_BY_EITHER && precise < 2)
			break; /* without PEBS there is no address of data */
		attr.precise_ip = precise;
		fd = open_one(e, &e->config, &attr, cpu, *leader);
	}
	if (fd < 0 && *leader >= 0)
		close(*leader);
	return fd;
}
