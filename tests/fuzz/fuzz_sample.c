/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random samples through all that decodes them: registers, code, stack and the kernel's
 * text are the fuzzer's bytes. Nothing may crash, hang or leave a field undefined.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access/resolve.h"
#include "agg/accesses.h"
#include "event/event.h"

#define BASE 0xffffffff81000000ULL
#define TEXT_BYTES 4096

static __u8 code[TEXT_BYTES];
static unsigned long met[KVAS_ACCESS_END], expected; /* by mode; something expected */

static int read_code(void *ctx, __u64 va, void *buf, size_t len)
{
	(void)ctx;
	assert(len && va / 4096 == (va + len - 1) / 4096);
	if (va < BASE || va + len > BASE + TEXT_BYTES)
		return -1;
	memcpy(buf, code + (va - BASE), len);
	return 0;
}

/* Functions every 256 bytes, of names that mean something to the estimator. */
static struct symbols *make_symbols(void)
{
	static const char *const names[] = { "entry_SYSCALL_64", "a_lock_irqsave", "__schedule",
					     "bpf_trace_run2", "__traceiter_x", "f.isra.0",
					     "_printk", "native_sched_clock", "__wake_up_common",
					     "__x86_indirect_thunk_rax", "autoremove_wake_function",
					     "enqueue_task_fair", "bpf_prog_x", "g", "h", "i" };
	char path[] = "/tmp/kvas-fuzz-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct symbols *s;

	assert(f);
	for (int i = 0; i < 16; i++)
		fprintf(f, "%llx t %s\n", BASE + i * 256, names[i]);
	fclose(f);
	s = symbols_read(path);
	unlink(path);
	assert(s);
	return s;
}

static void judge(const struct kvas_rec_access *r)
{
	struct accesses *a = accesses_create();
	struct access_summary s;
	union kvas_record out;

	/* What leaves here is a whole record: words for all, nothing cut off. */
	assert(!event_decode(r, sizeof(*r), &out));
	assert(memchr(r->function, '\0', sizeof(r->function)));
	for (int b = 0; b < KVAS_BASE_END; b++)
		assert(r->expect_load[b] <= 72000000 && r->expect_store[b] <= 72000000);
	assert(a);
	accesses_add(a, r);
	accesses_summary(a, &s);
	/* One of the PMU's is in none of the estimator's figures, and in one of its own. */
	if (r->mode == KVAS_ACCESS_PRECISE) {
		assert(!s.samples && s.load == 0 && s.store == 0);
		assert(s.precise_unknown + s.precise_load + s.precise_store >= 1);
	} else {
		assert(s.samples == 1 && s.load >= 0 && s.store >= 0);
		assert(!s.precise_unknown && !s.precise_load && !s.precise_store);
	}
	accesses_destroy(a);
}

/* Every other sample stands where interrupts come on, at an instruction of its function. */
static void end_of_region(struct kvas_sample *s)
{
	__u64 at = s->ip - BASE;

	if (at >= TEXT_BYTES)
		return;
	if (s->time_ns % 2 && at > 1) {
		/* From the function's start on: NOPs, so that the place is met in step. */
		memset(code + at / 256 * 256, 0x90, at % 256 > 64 ? at % 256 - 64 : 0);
		code[at - 1] = s->time_ns % 4 == 1 ? 0x9d : 0xfb; /* popf, sti */
		if (s->time_ns % 8 > 3 && at % 256 > 2)
			code[at / 256 * 256] = 0xfa; /* cli */
	}
	for (size_t i = 0; i < sizeof(s->code); i++)
		if (at + i < TEXT_BYTES)
			s->code[i] = code[at + i];
	for (size_t i = 0; i < sizeof(s->before); i++)
		if (at + i >= sizeof(s->before))
			s->before[i] = code[at + i - sizeof(s->before)];
}

/* A run that comes to its end must have met all there is. */
static void at_end(void)
{
	if (!getenv("KVAS_FUZZ_REACHES"))
		return;
	fprintf(stderr, "kernel %lu, irqs_off %lu, with something expected %lu, precise %lu, user %lu, "
			"unknown %lu\n", met[KVAS_ACCESS_KERNEL], met[KVAS_ACCESS_IRQS_OFF], expected,
		met[KVAS_ACCESS_PRECISE], met[KVAS_ACCESS_USER], met[KVAS_ACCESS_UNKNOWN]);
	if (met[KVAS_ACCESS_KERNEL] < 1000 || met[KVAS_ACCESS_IRQS_OFF] < 1000 || expected < 500 ||
	    !met[KVAS_ACCESS_PRECISE] || !met[KVAS_ACCESS_USER] || !met[KVAS_ACCESS_UNKNOWN])
		_exit(3);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static const struct layout layout = { .levels = 4, .page_offset = 0xffff888000000000,
					      .direct_map_end = 0xffff888640000000,
					      .vmalloc_base = 0xffffc90000000000,
					      .vmemmap_base = 0xffffea0000000000 };
	static struct symbols *symbols;
	struct program programs[] = { { "x", BASE + 0xc00 } };
	struct kvas_sample s = {};
	struct kvas_rec_access out;
	struct resolver r = { .thread_size = 16384 };

	if (!symbols) {
		symbols = make_symbols();
		atexit(at_end);
	}
	memcpy(&s, data, size < sizeof(s) ? size : sizeof(s));
	memset(code, 0xcc, sizeof(code));
	if (size > sizeof(s))
		memcpy(code, data + sizeof(s),
		       size - sizeof(s) < TEXT_BYTES ? size - sizeof(s) : TEXT_BYTES);
	/* As the BPF program makes them, most by the clock and in the kernel. */
	s.user = s.user % 16 == 15;
	s.by = s.by % 8 < 5 ? KVAS_BY_CLOCK : s.by % 4;
	s.code_bytes = s.code_bytes % 2 ? 16 : 0;
	s.before_bytes = s.before_bytes % 2 ? 16 : 0;
	s.stack_words = s.stack_words % 2 ? KVAS_SAMPLE_STACK : 0;
	s.comm[KVAS_COMM_LEN - 1] = '\0';
	if (s.ip % 4)
		s.ip = BASE + s.ip % TEXT_BYTES;
	end_of_region(&s);
	for (int i = 0; i < KVAS_SAMPLE_STACK; i++)
		if (s.stack[i] % 4)
			s.stack[i] = BASE + s.stack[i] % TEXT_BYTES;
	region_map_make(&r.map, &layout);
	r.symbols = symbols;
	r.text = text_create(symbols, read_code, NULL);
	r.irqoff = r.text ? irqoff_create(r.text, programs, 1) : NULL;
	assert(r.irqoff);
	memset(&out, 0xa5, sizeof(out));
	if (resolve_sample(&r, &s, &out))
		resolve_expected(&r, &s, &out);
	met[out.mode]++;
	for (int b = 0, any = 0; b < KVAS_BASE_END && !any; b++)
		expected += any = out.expect_load[b] || out.expect_store[b];
	judge(&out);
	irqoff_destroy(r.irqoff);
	text_destroy(r.text);
	return 0;
}
