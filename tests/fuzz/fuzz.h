/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzers share: the bytes at hand as a file, a run as a reader sees it. */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agg/summary.h"
#include "view/view.h"

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

/* Memory that was freed is given back sooner: aggregators are large. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8:malloc_context_size=4";
}

/* A path under which readers find the SIZE bytes of DATA, until the next call. */
static inline const char *fuzz_file(const __u8 *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		assert(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	assert(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}

/* Where views write; nobody reads it. */
static inline FILE *fuzz_null(void)
{
	static FILE *f;

	if (!f)
		f = fopen("/dev/null", "w");
	assert(f);
	return f;
}

/* A as report would show it. */
static inline void fuzz_views(struct agg *a)
{
	const struct view_opts o = { .top = 10, .verbose = true };
	struct summary s;

	agg_summary(a, &s);
	view_summary(view_of(FORMAT_TEXT), fuzz_null(), &s, &o);
	view_summary(view_of(FORMAT_JSON), fuzz_null(), &s, &o);
}

#endif
