/* SPDX-License-Identifier: GPL-2.0 */
/* A recording of page faults in a directory of its own, spoilt by a test and read back. */
#ifndef REPLAY_FIXTURE_H
#define REPLAY_FIXTURE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "test.h"
#include "counting_sink.h"
#include "fixture.h"

#define ROWS 200

static struct meta meta;
static char dir[64];
static struct err e;
static size_t events;

static struct meta got;

static inline int read_back(bool force)
{
	struct sink sink = counting_sink(&events);
	struct replay_opts opts = { force };

	memset(&e, 0, sizeof(e));
	return replay(dir, &opts, &got, &sink, &e);
}

static inline struct recording *start(void)
{
	union kvas_record rec;
	struct recording *r;

	fixture_dir(dir, sizeof(dir));
	fixture_meta(&meta);
	assert_int_equal(recording_create(&r, dir, &meta, &e), 0);
	for (__u64 n = 0; n < ROWS; n++) {
		fixture_record(&rec, KVAS_KIND_FAULT, n);
		recording_event(r, &rec);
	}
	assert_int_equal(recording_interval(r, 2000000000, &e), 0);
	return r;
}

static inline int setup(void **state)
{
	(void)state;
	return recording_finish(start(), &e);
}

static inline int teardown(void **state)
{
	(void)state;
	fixture_remove(dir);
	return 0;
}

/* Replace FROM, somewhere in FILE, by TO. */
static inline void edit(const char *file, const char *from, const char *to)
{
	char path[128], *text = malloc(1 << 20), *at;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, (1 << 20) - 1, f);
	text[n] = '\0';
	fclose(f);
	at = strstr(text, from);
	assert_non_null(at);
	f = fopen(path, "w");
	fwrite(text, 1, at - text, f);
	fputs(to, f);
	fputs(at + strlen(from), f);
	fclose(f);
	free(text);
}

static inline void cut(const char *file, off_t by)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - by), 0);
}

static inline void says(const char *words)
{
	assert_has(e.text, words);
}

static inline void is_refused_even_with_force(const char *words)
{
	assert_int_equal(read_back(true), -1);
	says(words);
}

static inline void remove_file(const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	assert_int_equal(unlink(path), 0);
}

#define TEST_ON_WHOLE(name) TEST_BETWEEN(name, setup, teardown)

#endif
