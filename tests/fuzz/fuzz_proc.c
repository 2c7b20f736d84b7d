/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as files of /proc and /sys. Those of a PMU stand in a directory of their own: the
 * bytes are theirs in turn, a line each. */
#include "fuzz.h"

#include <sys/stat.h>

#include "kernel/interrupts.h"
#include "kernel/meminfo.h"
#include "kernel/pmu.h"
#include "kernel/proc.h"
#include "kernel/vmaps.h"

static const char *const pmu_files[] = {
	"cpu/type", "cpu/events/mem-loads", "cpu/events/mem-stores", "cpu/events/mem-loads-aux",
	"cpu/format/event", "cpu/format/umask", "cpu/format/ldlat", "ibs_op/type", "ibs_op/format/cnt_ctl",
};

static const char *make_pmu(void)
{
	static const char *const dirs[] = { "cpu", "cpu/events", "cpu/format", "ibs_op", "ibs_op/format" };
	static char dir[] = "/tmp/kvas-fuzz-XXXXXX";
	char path[128];

	assert(mkdtemp(dir));
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, dirs[i]);
		assert(!mkdir(path, 0700));
	}
	return dir;
}

static void fuzz_pmu(const __u8 *data, size_t size)
{
	static const char *dir;
	struct pmu_event events[PMU_EVENTS];
	char path[128];

	dir = dir ? dir : make_pmu();
	for (size_t i = 0; i < sizeof(pmu_files) / sizeof(pmu_files[0]); i++) {
		const __u8 *end = memchr(data, '\n', size);
		size_t len = end ? (size_t)(end - data) : size;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, pmu_files[i]);
		f = fopen(path, "w");
		assert(f);
		fwrite(data, 1, len, f);
		fclose(f);
		data += end ? len + 1 : size;
		size -= end ? len + 1 : size;
	}
	assert(pmu_memory_events(dir, events) <= PMU_EVENTS);
}

static void fuzz_areas(const char *file)
{
	struct vmaps v = { 0 };
	__u64 kb, at;

	meminfo_kb(file, "VmallocUsed", &kb);
	assert(!vmaps_read_file(&v, file, false, NULL));
	vmaps_sort(&v);
	for (size_t i = 0; i < v.nr; i++)
		assert(v.row[i].type && v.row[i].type < KVAS_AREA_END &&
		       strnlen(v.row[i].caller, sizeof(v.row[i].caller)) < sizeof(v.row[i].caller));
	assert(vmaps_gap(&v, 1ULL << 63, ~0ULL, &at) < 1ULL << 63);
	vmaps_free(&v);
}

static void fuzz_interrupts(const char *file)
{
	static struct interrupt_row row[INTERRUPTS_MAX], again[INTERRUPTS_MAX];
	int nr = interrupts_read(file, row);
	char why[40];

	assert(nr >= 0 && nr <= INTERRUPTS_MAX && interrupts_read(file, again) == nr);
	for (int i = 0; i < nr; i++)
		assert(*row[i].name && strnlen(row[i].what, sizeof(row[i].what)) < sizeof(row[i].what));
	interrupts_since(row, nr, again, nr);
	interrupts_untraced(file, why, sizeof(why));
	assert(strnlen(why, sizeof(why)) < sizeof(why));
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct meminfo m;
	const char *file;

	if (!size)
		return 0;
	if (data[0] == '!') {
		fuzz_pmu(data + 1, size - 1);
		return 0;
	}
	file = fuzz_file(data, size);
	assert(!meminfo_read(file, &m));
	cpuinfo_flag(file, "pti");
	iomem_end(file);
	fuzz_areas(file);
	fuzz_interrupts(file);
	return 0;
}
