/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Any bytes as a table of a recording. The first byte chooses the table, whether its header is
 * written before the bytes, and whether the recording is redacted or complete.
 */
#include "fuzz.h"

#include <fcntl.h>

#include "event/recording.h"
#include "fixture.h"
#include "model/words.h"

enum { INTERVAL = KVAS_KIND_END, LOSS, TABLES };

struct place {
	char dir[64];
	char file[128]; /* the table */
	char header[4096];
	size_t len;
};

static const char *word_of(unsigned int table)
{
	return table == INTERVAL ? "interval" : table == LOSS ? "loss" : word_kind_name(table);
}

static void keep_header(struct place *p)
{
	FILE *f = fopen(p->file, "r");

	assert(f);
	while (p->len < sizeof(p->header) && (p->header[p->len] = fgetc(f)) != '\n')
		p->len++;
	p->header[p->len++] = '\n';
	fclose(f);
}

/* A recording of TABLE alone, without a row. */
static void make(struct place *p, unsigned int table, bool redacted, bool complete)
{
	struct recording *r;
	struct meta meta;
	struct err e;

	fixture_dir(p->dir, sizeof(p->dir));
	fixture_meta(&meta);
	meta.redacted = redacted;
	meta.emit = table < INTERVAL ? 1u << table : 0;
	assert(!recording_create(&r, p->dir, &meta, &e));
	meta.start_ns++; /* known only now */
	assert(!recording_interval(r, 2000000000, &e));
	if (complete || table == LOSS)
		assert(!recording_finish(r, &e));
	else
		recording_destroy(r);
	snprintf(p->file, sizeof(p->file), "%s/%s.csv", p->dir, word_of(table));
	keep_header(p);
}

static struct place places[TABLES][2][2];

static void remove_places(void)
{
	for (int i = 0; i < TABLES * 4; i++) {
		struct place *p = &places[i / 4][i / 2 % 2][i % 2];

		if (p->dir[0])
			fixture_remove(p->dir);
	}
}

static struct place *place_of(unsigned int choice)
{
	static bool at_exit;
	unsigned int table = 1 + choice % (TABLES - 1), redacted = choice >> 5 & 1, complete = choice >> 6 & 1;
	struct place *p = &places[table][redacted][complete];

	if (!at_exit)
		at_exit = !atexit(remove_places);
	if (!p->dir[0])
		make(p, table, redacted, complete);
	return p;
}

static void write_table(const struct place *p, bool header, const __u8 *data, size_t size)
{
	int fd = open(p->file, O_WRONLY | O_TRUNC);

	assert(fd >= 0);
	if (header)
		assert(write(fd, p->header, p->len) == (ssize_t)p->len);
	assert(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	const struct replay_opts opts = { .force = true };
	static struct meta meta;
	struct err e = { 0 };
	struct place *p;
	struct sink sink;
	struct agg *a;
	int whole;

	if (!size)
		return 0;
	p = place_of(data[0] & 0x1f | data[0] & 0x60);
	write_table(p, data[0] >> 7, data + 1, size - 1);
	a = agg_create(&meta);
	assert(a);
	sink = agg_sink(a);
	whole = replay(p->dir, &opts, &meta, &sink, &e);
	assert(!whole || e.text[0]);
	if (whole >= 0 && size % 8 == 0) /* they are slow */
		fuzz_views(a);
	agg_destroy(a);
	return 0;
}
