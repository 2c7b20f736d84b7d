/* SPDX-License-Identifier: GPL-2.0 */
/* The PMU's events with addresses, from directories as sysfs has them; what is expected was
 * put together by hand. */
#include <sys/stat.h>

#include "test.h"
#include "kernel/pmu.h"
#include "kvas/sample.h"

static char root[] = "/tmp/kvas-pmu-XXXXXX";

static void put(const char *path, const char *text)
{
	char full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + sizeof(root); (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

static int begin(void **state)
{
	(void)state;
	strcpy(root, "/tmp/kvas-pmu-XXXXXX");
	return !mkdtemp(root);
}

static int end(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

static void core(const char *pmu, const char *type)
{
	const char *const files[][2] = {
		{ "type", type }, { "format/event", "config:0-7" },
		{ "format/umask", "config:8-15" }, { "format/ldlat", "config1:0-15" },
		{ "events/mem-loads", "event=0xcd,umask=0x1,ldlat=3" },
		{ "events/mem-stores", "event=0xd0,umask=0x82" },
	};
	char path[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", pmu, files[i][0]);
		put(path, files[i][1]);
	}
}

TEST_BETWEEN(skylake, begin, end)
{
	struct pmu_event e[PMU_EVENTS];

	core("cpu", "4");
	assert_int_equal(pmu_memory_events(root, e), 2);
	assert_string_equal(e[0].name, "cpu/mem-loads/");
	assert_int_equal(e[0].type, 4);
	assert_int_equal(e[0].by, KVAS_BY_LOADS);
	assert_int_equal(e[0].config.config[0], 0x1cd);
	assert_int_equal(e[0].config.config[1], 3);
	assert_false(e[0].aux);
	assert_string_equal(e[1].name, "cpu/mem-stores/");
	assert_int_equal(e[1].by, KVAS_BY_STORES);
	assert_int_equal(e[1].config.config[0], 0x82d0);
	assert_int_equal(e[1].config.config[1], 0);
}

TEST_BETWEEN(a_hybrid_wants_a_leader, begin, end)
{
	struct pmu_event e[PMU_EVENTS];

	core("cpu_core", "10");
	put("cpu_core/events/mem-loads-aux", "event=0x3,umask=0x82");
	assert_int_equal(pmu_memory_events(root, e), 2);
	assert_string_equal(e[0].name, "cpu_core/mem-loads/");
	assert_int_equal(e[0].type, 10);
	assert_true(e[0].aux);
	assert_int_equal(e[0].aux_config.config[0], 0x8203);
	assert_false(e[1].aux);
}

TEST_BETWEEN(amd, begin, end)
{
	struct pmu_event e[PMU_EVENTS];

	put("cpu/type", "4");
	put("cpu/format/event", "config:0-7,32-35");
	put("ibs_op/type", "9");
	assert_int_equal(pmu_memory_events(root, e), 1);
	assert_string_equal(e[0].name, "ibs_op//");
	assert_int_equal(e[0].type, 9);
	assert_int_equal(e[0].by, KVAS_BY_EITHER);
}

/* A format of several ranges; what does not fit, or names no format, is no event. */
TEST_BETWEEN(formats, begin, end)
{
	struct pmu_event e[PMU_EVENTS];

	core("cpu", "4");
	put("cpu/format/event", "config:0-3,32-35");
	put("cpu/format/umask", "config2:18");
	put("cpu/events/mem-stores", "event=0xd2,umask");
	assert_int_equal(pmu_memory_events(root, e), 2);
	assert_int_equal(e[1].config.config[0], 0xd00000002);
	assert_int_equal(e[1].config.config[2], 1 << 18);
	put("cpu/events/mem-stores", "event=0x1d2,umask");
	assert_int_equal(pmu_memory_events(root, e), 1);
	put("cpu/events/mem-stores", "event=0x12,nothing=1");
	assert_int_equal(pmu_memory_events(root, e), 1);
	put("cpu/format/ldlat", "config9:0");
	assert_int_equal(pmu_memory_events(root, e), 0);
}

TEST_BETWEEN(none, begin, end)
{
	struct pmu_event e[PMU_EVENTS];

	put("software/type", "1");
	assert_int_equal(pmu_memory_events(root, e), 0);
	assert_int_equal(pmu_memory_events("/nowhere", e), 0);
}

TESTS_RUN(NULL, NULL)
