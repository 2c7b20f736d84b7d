/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/kallsyms, made up. */
#include <unistd.h>

#include "test.h"
#include "kernel/ksyms.h"
#include "kernel/symbol_name.h"
#include "kernel/symbols.h"

static char file[] = "/tmp/kvas-test-ksyms-XXXXXX";

static int write_file(void **state)
{
	static const char text[] = "0000000000012340 A per_cpu\n"
				   "ffffffffc0001000 t twice\t[mod]\n"
				   "ffffffff81000000 T _text\n"
				   "ffffffff81000100 t twice\n"
				   "ffffffff81000100 t its_alias\n"
				   "ffffffff81000200 t twice\n"
				   "ffffffffc0001100 t once\t[mod]\n"
				   "ffffffff81000300 t once\n"
				   "not a line\n"
				   "0000000000000000 T hidden\n"
				   "ffffffffbffff000 B last_of_the_image\n"
				   "ffffffffc0002000 t theirs\t[mod]\n"
				   "ffffffffc0200000 t bpf_prog_6deef7357e7b4530_kread\t[bpf]\n";
	int fd = mkstemp(file);

	(void)state;
	return fd < 0 || write(fd, text, sizeof(text) - 1) != sizeof(text) - 1 || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

TEST(symbols_of_the_kernel)
{
	struct ksym syms[] = { { "twice", 0 }, { "_text", 0 }, { "theirs", 0 }, { "hidden", 0 },
			       { "text", 0 } };

	assert_int_equal(ksyms_find(file, syms, 5), 2);
	assert_int_equal(syms[0].addr, 0xffffffff81000100);
	assert_int_equal(syms[1].addr, 0xffffffff81000000);
	assert_int_equal(syms[2].addr + syms[3].addr + syms[4].addr, 0);
	assert_int_equal(ksyms_find("/nowhere", syms, 5), -1);
}

/* TEXT is at NR places of the file; the one that is meant has the value WANT (0: none is). */
static void place(const char *text, size_t nr, __u64 want, __u64 offset)
{
	struct symbol_places p;
	struct symbol_name n;

	assert_true(symbol_name_parse(text, &n));
	assert_int_equal(symbol_places(file, &n, &p), 0);
	assert_int_equal(p.nr, nr);
	assert_int_equal(n.offset, offset);
	if (want)
		assert_int_equal(p.place[p.chosen].value, want);
	else
		assert_int_equal(p.chosen, -1);
}

TEST(symbols_as_people_name_them)
{
	place("theirs", 1, 0xffffffffc0002000, 0);
	place("mod:theirs+0x10", 1, 0xffffffffc0002000, 16);
	place("theirs+0x10/0x50 [mod]", 1, 0xffffffffc0002000, 16);
	place("bpf:bpf_prog_6deef7357e7b4530_kread", 1, 0xffffffffc0200000, 0);
	place("per_cpu", 1, 0x12340, 0);
	place("twice", 3, 0, 0); /* two of the kernel's own */
	place("twice#1", 3, 0xffffffffc0001000, 0);
	place("twice#3+8", 3, 0xffffffff81000200, 8);
	place("twice#4", 3, 0, 0);
	place("mod:twice", 1, 0xffffffffc0001000, 0);
	place("its_alias", 1, 0xffffffff81000100, 0);
	place("once", 2, 0xffffffff81000300, 0); /* the kernel's own, though a module's is first */
	place("line", 0, 0, 0);
	place("mod:_text", 0, 0, 0);
}

TEST(no_names_of_symbols)
{
	static const char *const bad[] = { "", ":x", "x#", "x#0", "x#-1", "x#1x", "x+", "x+y", "x+ 1",
					   "x+1/", "x [m", "x m", "m:x [m]", "m:", "x+0x1ffffffffffffffff",
					   "x#4294967296" };
	struct symbol_name n;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (symbol_name_parse(bad[i], &n))
			fail_msg("'%s' is taken", bad[i]);
}

TEST(the_symbol_before)
{
	struct ksym_near near[] = { { .addr = 0xffffffff81000150 }, { .addr = 0xffffffff81000000 },
				    { .addr = 0xffffffff80ffffff }, { .addr = 0xffffffffc0000800 },
				    { .addr = 0xffffffffc0200010 }, { .addr = 0xffffffffc0102000 },
				    { .addr = 0xffffffffc0101fff } };
	const struct layout l = { .levels = 4, .randomize_base = ANSWER_YES };
	struct region_map regions;

	region_map_make(&regions, &l);
	assert_int_equal(ksyms_nearest(file, near, 7), 0);
	assert_int_equal(near[0].start, 0xffffffff81000100);
	assert_string_equal(near[0].name, "twice"); /* the first of several */
	assert_string_equal(near[1].name, "_text");
	assert_int_equal(near[2].start, 0);
	assert_string_equal(near[3].name, "last_of_the_image");
	assert_string_equal(near[4].name, "bpf_prog_6deef7357e7b4530_kread");
	assert_true(ksym_reaches(&near[0], &regions) && ksym_reaches(&near[1], &regions));
	assert_false(ksym_reaches(&near[2], &regions)); /* none */
	assert_false(ksym_reaches(&near[3], &regions)); /* in the modules' room */
	assert_true(ksym_reaches(&near[4], &regions));
	assert_string_equal(near[5].name, "theirs");
	assert_false(ksym_reaches(&near[5], &regions)); /* 1 MiB before it */
	assert_true(ksym_reaches(&near[6], &regions));
	assert_int_equal(ksyms_nearest("/nowhere", near, 7), -1);
}

/* Found by the fuzzer: the last symbol is taken for 4096 bytes, and addresses end. */
TEST(a_symbol_at_the_highest_address)
{
	char path[] = "/tmp/kvas-symbols-XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	struct symbols *s;
	struct symbol sym;
	__u64 end = 0;

	assert_non_null(f);
	fputs("ffffffff81000000 T _text\nfffffffffffffff0 T last\n", f);
	fclose(f);
	s = symbols_read(path);
	remove(path);
	assert_non_null(s);
	assert_true(symbols_at(s, 0xfffffffffffffff8ULL, &sym, &end));
	assert_string_equal(sym.name, "last");
	assert_int_equal(end, ~0ULL);
	assert_true(symbols_at(s, 0xffffffff81000004ULL, &sym, &end));
	assert_int_equal(end, 0xfffffffffffffff0ULL);
	symbols_destroy(s);
}

TESTS_RUN(write_file, remove_file)
