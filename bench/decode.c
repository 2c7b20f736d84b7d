/* SPDX-License-Identifier: GPL-2.0 */
/* How fast samples are decoded: those of a kernel at work, here, taken before. Prints
 * millions of samples a second, the first time over and when all code is known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "access/resolve.h"
#include "kernel/host.h"
#include "kernel/reader.h"

#define SAMPLES 8192
#define ROUNDS 20

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* At instructions of functions from all over the kernel, a few thousand different ones as
 * a busy machine's samples are; pointers into the direct map, the stack in vmalloc. */
static void make(struct kvas_sample *s, size_t nr, struct text *text, struct reader *reader,
		 const struct layout *l)
{
	for (size_t i = 0; i < nr;) {
		struct function *f = text_function(text, text_spread(text, i * 7919 % 1000, 1000));

		memset(&s[i], 0, sizeof(*s));
		if (f)
			s[i].ip = f->start + f->insn[i * 31 % f->nr].at;
		for (int g = 0; g < 16; g++)
			s[i].gpr[g] = l->page_offset + 4096 * (i * 16 + g);
		s[i].gpr[INSN_RSP] = l->vmalloc_base + 0x3f00;
		if (!f || reader_read(reader, s[i].ip, s[i].code, 16))
			s[i].ip = 0xffffffff81000000 + i * 64;
		else if (!reader_read(reader, s[i].ip - 16, s[i].before, 16))
			s[i].before_bytes = 16;
		s[i].code_bytes = 16;
		i++;
	}
}

int main(void)
{
	static struct kvas_sample sample[SAMPLES];
	static struct kvas_rec_access out;
	struct resolver r = {};
	struct host_info host;
	struct reader *reader;
	struct reader_self self;
	struct symbols *symbols = symbols_read("/proc/kallsyms");
	struct err e;
	double began, first;

	if (!symbols || host_read(&host, &e) || reader_create(&reader, &e) ||
	    reader_self(reader, &self)) {
		fprintf(stderr, "decode: needs root and /proc/kallsyms\n");
		return 1;
	}
	region_map_make(&r.map, &host.layout);
	r.thread_size = host.thread_size;
	r.symbols = symbols;
	r.site = calloc(RESOLVER_SITES, sizeof(*r.site));
	r.text = text_create(symbols, reader_read, reader);
	make(sample, SAMPLES, r.text, reader, &host.layout);
	r.irqoff = irqoff_create(r.text, NULL, 0);
	r.leaf = leaf_cache_create(reader_read, reader, self.pgd, paging_of(host.layout.levels),
				   host.layout.page_offset);
	began = now();
	for (size_t i = 0; i < SAMPLES; i++)
		resolve_sample(&r, &sample[i], &out);
	first = now() - began;
	began = now();
	for (size_t i = 0; i < SAMPLES * ROUNDS; i++)
		resolve_sample(&r, &sample[i % SAMPLES], &out);
	printf("%.2f %.2f\n", SAMPLES / first / 1e6, SAMPLES * ROUNDS / (now() - began) / 1e6);
	free(r.site);
	irqoff_destroy(r.irqoff);
	leaf_cache_destroy(r.leaf);
	text_destroy(r.text);
	reader_destroy(reader);
	symbols_destroy(symbols);
	return 0;
}
