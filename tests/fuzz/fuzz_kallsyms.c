/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as /proc/kallsyms. */
#include "fuzz.h"

#include "kernel/ksyms.h"
#include "kernel/symbol_name.h"
#include "kernel/symbols.h"

static void look_up(struct symbols *s)
{
	struct symbol sym;
	__u64 end, last = 0;

	for (size_t i = 0; i < symbols_count(s); i++) {
		__u64 start = symbols_nth(s, i);

		assert(start >= last);
		last = start;
		assert(symbols_at(s, start, &sym, &end) && sym.start == start && end >= start);
		assert(strlen(sym.name) < 4096);
	}
	symbols_at(s, 0, &sym, &end);
	symbols_at(s, ~0ULL, &sym, &end);
	symbols_find(s, "_text");
}

static void places(const char *file)
{
	const struct symbol_name n = { .name = "_text" };
	struct symbol_places p;

	assert(!symbol_places(file, &n, &p));
	assert(p.chosen < (int)p.nr && p.chosen < SYMBOL_PLACES);
	for (size_t i = 0; i < p.nr && i < SYMBOL_PLACES; i++)
		assert(memchr(p.place[i].module, 0, sizeof(p.place[i].module)));
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct ksym syms[] = { { "_text", 0 }, { "page_offset_base", 0 } };
	struct ksym_near near[2] = { { .addr = 0xffffffff81000123ULL }, { .addr = ~0ULL } };
	const char *file = fuzz_file(data, size);
	struct symbols *s = symbols_read(file);

	if (s)
		look_up(s);
	symbols_destroy(s);
	ksyms_find(file, syms, 2);
	places(file);
	ksyms_nearest(file, near, 2);
	for (int i = 0; i < 2; i++)
		assert(near[i].start <= near[i].addr && memchr(near[i].name, 0, sizeof(near[i].name)));
	return 0;
}
