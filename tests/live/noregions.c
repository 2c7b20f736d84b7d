/* SPDX-License-Identifier: GPL-2.0 */
/*
 * noregions N: sums of memory use by programs that were not told where the regions are, while
 * N pages of a file in memory are written, and as many objects of kmalloc come. Prints
 *   USE REGION COUNT     for each
 *   done
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/words.h"
#include "kernel/host.h"
#include "model/hooks.h"
#include "trace/memory.h"
#include "kernel/features.h"
#include "trace/session.h"

static struct err e;

static void fail(const char *what)
{
	fprintf(stderr, "noregions: %s: %s\n", what, e.text[0] ? e.text : strerror(errno));
	exit(1);
}

static void use_memory(int n)
{
	static char page[4096];
	int fd = memfd_create("pages", 0), pair[2];

	if (fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		fail("files");
	for (int i = 0; i < n; i++)
		if (write(fd, page, sizeof(page)) != sizeof(page) ||
		    send(pair[0], page, 100, 0) != 100 || recv(pair[1], page, 100, 0) != 100)
			fail("write");
}

static void sum(void *ctx, const union kvas_record *r)
{
	__u64 (*by)[KVAS_REGION_COUNT] = ctx;

	by[r->memory.use][r->memory.region] += r->memory.count;
}

int main(int argc, char **argv)
{
	struct session_opts o = { .emit = 1u << KVAS_KIND_MEMORY };
	static __u64 by[KVAS_MEMORY_END][KVAS_REGION_COUNT];
	static struct meta meta;
	static struct plan plan;
	struct session *s;
	struct features *f;
	struct memory_sums *m;
	int sums, stacks;

	if (features_create(&f, &e) || host_read(&meta.host, &e) ||
	    plan_make(hook_table, HOOK_COUNT, o.emit, features_attempt, f, &plan, &e))
		fail("plan");
	meta.host.layout = (struct layout){ .levels = meta.host.layout.levels };
	if (session_create(&s, &o, &plan, &meta, &e) || session_start(s, &meta, false, &e))
		fail("session");
	use_memory(argc > 1 ? atoi(argv[1]) : 1);
	session_stop(s, &meta);
	if (!session_memory(s, &sums, &stacks))
		fail("maps");
	m = memory_sums_create(sums, stacks, session_cpus(s));
	if (!m || memory_sums_flush(m, NULL, 0, sum, by, &e))
		fail("sums");
	for (int use = 1; use < KVAS_MEMORY_VMALLOC; use++)
		for (int r = 0; r < KVAS_REGION_COUNT; r++)
			if (by[use][r])
				printf("%s %s %llu\n", word_memory_use_name(use), region_name(r),
				       by[use][r]);
	printf("done\n");
	memory_sums_destroy(m);
	session_destroy(s);
	features_destroy(f);
	return 0;
}
