/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is told of code with interrupts off, against a made-up kernel whose functions are
 * assembled below: their accesses are counted by hand.
 */
#include <stdbool.h>
#include <unistd.h>

#include "test.h"
#include "access/irqoff.h"
#include "access/resolve.h"

#define BASE 0xffffffff81000000ULL
#define CODE_BYTES 16384

__asm__(".pushsection .rodata\n.balign 4096\nkernel_code:\n"
	/* Two pointers loaded, a push, a pop, per-CPU data: 9 instructions with STI. */
	"straight: endbr64; mov (%rdi),%rax; cli; mov 8(%rdi),%rax; mov (%rax),%rcx; push %rbx;\n"
	" mov %gs:0x28,%rdx; pop %rbx; mov %rcx,16(%rdi); nop; lea 8(%rcx),%rcx; sti\n"
	"straight_on: nop; ret\n"
	/* A load on one side of a branch, which is forward. */
	"branches: cli; test %rax,%rax; jne 1f; mov (%rdi),%rcx\n1: sti\nbranches_on: ret\n"
	/* Interrupts go off in the caller; a call is made on the way. */
	"outer: cli; mov (%rdi),%rax; call inner; ret\nouter_end:\n"
	"inner: mov (%rsi),%rax; call leaf; sti\ninner_on: nop; ret\n"
	"leaf: mov (%rdx),%rax; mov %rax,(%rdx); ret\n"
	/* The same by a jump: the return address is of the call of tail. */
	"tail_outer: cli; call tail\ntail_ret: ret\n"
	"tail: mov 8(%rsi),%rax; mov 16(%rsi),%rax; jmp tail_inner\n"
	"tail_inner: popf\ntail_on: ret\n"
	/* rbp is the frame pointer. */
	"framed: push %rbp; mov %rsp,%rbp; cli; mov -8(%rbp),%rax; mov 8(%rdi),%rcx; sti\n"
	"framed_on: pop %rbp; ret\n"
	/* A function that takes the lock with interrupts off; a call that only complains. */
	"locked: mov (%rdi),%rcx; call my_spin_lock_irq; mov (%rdi),%rax; test %eax,%eax; js 2f;\n"
	" mov %rax,%rcx; sti\nlocked_on: ret\n2: call my_warn_slowpath; sti; ret\n"
	"my_spin_lock_irq: cli; ret\nmy_warn_slowpath: mov (%rax),%rax; jmp my_warn_slowpath\n"
	/* One that would come back, after it printed for long. */
	"alarmed: cli; mov (%rdi),%rax; test %eax,%eax; js 6f\n5: sti\nalarmed_on: ret\n"
	"6: call my_warn_slowpath; jmp 5b\n"
	/* As __switch_to() has it: registers in use are saved out of line. */
	"saves: cli; test %rax,%rax; je 8f\n7: sti\nsaves_on: ret\n"
	"8: test %rcx,%rcx; jne 7b; call my_fpregs_to_fpstate; jmp 7b\n"
	"my_fpregs_to_fpstate: xsave64 (%rdi); ret\n"
	/* Twenty rounds or so of a loop that stores. */
	"loops: cli\n3: mov %rax,(%rdi); dec %rcx; jnz 3b; sti\nloops_on: ret\n"
	"waits: sti; hlt\nwaits_on: ret\n"
	"traced: cli; call __traceiter_event; sti\ntraced_on: ret\n"
	"__traceiter_event: call *%rax; ret\n"
	"big: .skip 6000, 0x90; cli; mov (%rdi),%rax; sti\nbig_on: ret\n"
	"program: push %rbp; mov %rsp,%rbp; mov %rdi,-8(%rbp); mov -8(%rbp),%rax; pop %rbp; ret\n"
	"kernel_code_end: .balign 4096\n.skip 4096\n.popsection\n");

extern const __u8 kernel_code[];

#define PLACES(X)                                                                              \
	X(straight) X(straight_on) X(branches) X(branches_on) X(outer) X(outer_end) X(inner)   \
	X(inner_on) X(leaf) X(tail_outer) X(tail_ret) X(tail) X(tail_inner) X(tail_on) X(framed) \
	X(framed_on) X(locked) X(locked_on) X(my_spin_lock_irq) X(my_warn_slowpath) X(loops)   \
	X(alarmed) X(alarmed_on) X(saves) X(saves_on) X(my_fpregs_to_fpstate)                  \
	X(loops_on) X(waits) X(waits_on) X(traced) X(traced_on) X(__traceiter_event) X(big)    \
	X(big_on) X(program) X(kernel_code_end)
#define DECLARE(name) extern const __u8 name[];
PLACES(DECLARE)

#define AT(name) (BASE + (name - kernel_code))

static struct symbols *symbols;
static struct text *text;
static struct irqoff *irqoff;
static unsigned int asked_too_much;

static int read_code(void *ctx, __u64 va, void *buf, size_t len)
{
	(void)ctx;
	asked_too_much += len > 4096 || va / 4096 != (va + len - 1) / 4096;
	if (va < BASE || va + len > BASE + CODE_BYTES)
		return -1;
	memcpy(buf, kernel_code + (va - BASE), len);
	return 0;
}

static int set_up(void **state)
{
	static const struct program programs[] = { { "event", BASE }, { "other", BASE } };
	static struct program mine[2];
	char path[] = "/tmp/kvas-symbols-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	(void)state;
	if (!f)
		return -1;
#define SYMBOL(name)                                                                           \
	if (!strstr(#name, "_on") && !strstr(#name, "_ret"))                                   \
		fprintf(f, "%016llx %c %s%s\n", AT(name), 't', #name,                           \
			strcmp(#name, "leaf") ? "" : "\t[module]");
	PLACES(SYMBOL)
	fprintf(f, "%016llx D data\n0000000000000000 A nothing\n", AT(leaf) + 1);
	fclose(f);
	symbols = symbols_read(path);
	unlink(path);
	if (!symbols)
		return -1;
	memcpy(mine, programs, sizeof(mine));
	mine[0].start = AT(program);
	mine[1].start = AT(loops);
	text = text_create(symbols, read_code, NULL);
	irqoff = irqoff_create(text, mine, 2);
	return !text || !irqoff;
}

static int tear_down(void **state)
{
	(void)state;
	irqoff_destroy(irqoff);
	text_destroy(text);
	symbols_destroy(symbols);
	return 0;
}

static struct mix before(__u64 ip, __u64 returns)
{
	const __u64 stack[] = { 0x1234, 0xffff888000001000ULL, returns, AT(outer_end) };
	struct mix m;

	assert_true(irqoff_ends_at(irqoff, ip));
	assert_true(irqoff_before(irqoff, ip, stack, 4, &m));
	return m;
}

static void near(double got, double want)
{
	if (got < want - 1e-6 || got > want + 1e-6)
		fail_msg("%g, not %g", got, want);
}

TEST(a_straight_region)
{
	struct mix m = before(AT(straight_on), 0);

	near(m.insns, 9);
	near(m.load[KVAS_BASE_POINTER], 2);
	near(m.load[KVAS_BASE_STACK], 1);
	near(m.load[KVAS_BASE_PERCPU], 1);
	near(m.store[KVAS_BASE_STACK], 1);
	near(m.store[KVAS_BASE_POINTER], 1);
	/* STI holds interrupts off for one instruction more. */
	m = before(AT(straight_on) + 1, 0);
	near(m.insns, 9);
}

TEST(not_with_interrupts_on)
{
	assert_false(irqoff_ends_at(irqoff, AT(straight)));
	assert_false(irqoff_ends_at(irqoff, AT(straight) + 4));
	assert_false(irqoff_ends_at(irqoff, AT(straight) + 5)); /* in an instruction */
	assert_false(irqoff_ends_at(irqoff, AT(leaf)));
	assert_false(irqoff_ends_at(irqoff, 0x1000));
}

/* What falls through is the likelier, and both ways make up one. */
TEST(a_branch)
{
	struct mix m = before(AT(branches_on), 0);

	assert_true(m.load[KVAS_BASE_POINTER] > 0.5 && m.load[KVAS_BASE_POINTER] < 1);
	near(m.insns, 3 + m.load[KVAS_BASE_POINTER]);
}

TEST(callers_and_callees)
{
	struct mix m = before(AT(inner_on), AT(outer_end) - 1);

	near(m.load[KVAS_BASE_POINTER], 3); /* outer, inner, leaf */
	near(m.store[KVAS_BASE_POINTER], 1);
	near(m.store[KVAS_BASE_STACK], 2); /* two calls */
	near(m.load[KVAS_BASE_STACK], 1); /* leaf's return */
}

TEST(a_tail_call)
{
	struct mix m = before(AT(tail_on), AT(tail_ret));

	near(m.load[KVAS_BASE_POINTER], 2);
	near(m.load[KVAS_BASE_STACK], 1); /* POPF */
	near(m.store[KVAS_BASE_STACK], 1);
}

/* Whose caller cannot be found is not told. */
TEST(a_lost_caller)
{
	const __u64 stack[] = { AT(straight_on), 5, BASE + 3 };
	struct mix m;

	assert_true(irqoff_ends_at(irqoff, AT(inner_on)));
	assert_false(irqoff_before(irqoff, AT(inner_on), stack, 3, &m));
	assert_false(irqoff_before(irqoff, AT(inner_on), NULL, 0, &m));
}

TEST(frame_pointers_are_stack)
{
	struct mix m = before(AT(framed_on), 0);

	near(m.load[KVAS_BASE_STACK], 1);
	near(m.load[KVAS_BASE_POINTER], 1);
}

TEST(a_lock_and_an_alarm)
{
	struct mix m = before(AT(locked_on), 0);

	near(m.load[KVAS_BASE_POINTER], 1);
	near(m.load[KVAS_BASE_STACK], 0);
}

TEST(what_an_alarm_does_counts_nothing)
{
	struct mix m = before(AT(alarmed_on), 0);

	near(m.load[KVAS_BASE_POINTER], 1);
	assert_true(m.insns < 5);
}

/* 416 bytes of x87 and SSE, 256 of AVX and a word. */
TEST(registers_are_saved_as_a_rule)
{
	struct mix m = before(AT(saves_on), 0);

	assert_true(m.store[KVAS_BASE_POINTER] > 0.75 * 85 && m.store[KVAS_BASE_POINTER] < 85);
}

TEST(a_loop)
{
	struct mix m = before(AT(loops_on), 0);

	assert_true(m.store[KVAS_BASE_POINTER] > 2 && m.store[KVAS_BASE_POINTER] < 20);
}

/* The program at that tracepoint, not what lies at the other, nor the typical function. */
TEST(programs_at_tracepoints)
{
	struct mix m = before(AT(traced_on), 0);

	near(m.store[KVAS_BASE_POINTER], 0);
	near(m.load[KVAS_BASE_POINTER], 0);
	/* Two calls and the program's push and local; it and the returns load. */
	near(m.store[KVAS_BASE_STACK], 4);
	near(m.load[KVAS_BASE_STACK], 4);
}

TEST(functions_over_a_page)
{
	near(before(AT(big_on), 0).load[KVAS_BASE_POINTER], 1);
	assert_int_equal(asked_too_much, 0);
}

/* Samples as the kernel hands them on. */
static struct kvas_rec_access resolved(const struct kvas_sample *s, bool *expects)
{
	struct resolver r = { .symbols = symbols, .text = text, .irqoff = irqoff,
			      .thread_size = 16384 };
	const struct layout layout = { .levels = 4, .page_offset = 0xffff888000000000,
				       .direct_map_end = 0xffff888640000000,
				       .vmalloc_base = 0xffffc90000000000,
				       .vmemmap_base = 0xffffea0000000000 };
	struct kvas_rec_access out;

	region_map_make(&r.map, &layout);
	*expects = resolve_sample(&r, s, &out);
	if (*expects)
		resolve_expected(&r, s, &out);
	return out;
}

static struct kvas_sample sample_at(__u64 ip)
{
	struct kvas_sample s = { .time_ns = 5, .ip = ip, .pid = 7, .code_bytes = 16 };

	s.gpr[INSN_RSP] = 0xffffc90000007f00;
	if (ip >= BASE)
		memcpy(s.code, kernel_code + (ip - BASE), 16);
	return s;
}

TEST(samples_of_each_mode)
{
	struct kvas_sample s = sample_at(AT(leaf) + 3); /* mov %rax,(%rdx) */
	struct kvas_rec_access r;
	bool expects;

	s.gpr[2] = 0xffff888000001000;
	r = resolved(&s, &expects);
	assert_int_equal(r.mode, KVAS_ACCESS_KERNEL);
	assert_string_equal(r.function, "leaf");
	assert_int_equal(r.store.region, KVAS_REGION_DIRECT_MAP);
	assert_int_equal(r.store.address, 0xffff888000001000);
	assert_int_equal(r.store.bytes, 8);
	assert_int_equal(r.load.from, KVAS_BASE_NONE);
	assert_int_equal(r.load.region, KVAS_REGION_COUNT);
	s.gpr[2] = s.gpr[INSN_RSP] + 64; /* a pointer into its own stack */
	assert_int_equal(resolved(&s, &expects).store.from, KVAS_BASE_STACK);
	s = sample_at(AT(straight_on));
	r = resolved(&s, &expects);
	assert_true(expects);
	assert_int_equal(r.mode, KVAS_ACCESS_IRQS_OFF);
	assert_int_equal(r.expect_load[KVAS_BASE_POINTER], 222222); /* 2 of 9 */
	assert_int_equal(r.stack_region, KVAS_REGION_VMALLOC);
	s = sample_at(AT(waits_on));
	assert_int_equal(resolved(&s, &expects).mode, KVAS_ACCESS_IDLE);
	s = sample_at(AT(leaf));
	s.code_bytes = 0;
	assert_int_equal(resolved(&s, &expects).mode, KVAS_ACCESS_UNREADABLE);
	memcpy(s.code, "\x06\x06\x06", 3); /* no instruction of 64-bit mode */
	s.code_bytes = 16;
	assert_int_equal(resolved(&s, &expects).mode, KVAS_ACCESS_UNKNOWN);
	s = (struct kvas_sample){ .user = 1, .ip = 0x401002, .code = "\x0f\x05", .code_bytes = 2 };
	assert_int_equal(resolved(&s, &expects).mode, KVAS_ACCESS_RETURN);
	s.code_bytes = 0;
	r = resolved(&s, &expects);
	assert_int_equal(r.mode, KVAS_ACCESS_USER);
	assert_int_equal(r.stack_region, KVAS_REGION_COUNT); /* no stack was taken */
}

/* Where kallsyms hides addresses nothing tells what code with interrupts off is. */
TEST(without_symbols)
{
	struct resolver r = { .thread_size = 16384 };
	struct kvas_sample s = sample_at(AT(leaf) + 3);
	struct kvas_rec_access out;

	assert_false(resolve_sample(&r, &s, &out));
	assert_int_equal(out.mode, KVAS_ACCESS_NO_SYMBOLS);
	assert_int_equal(out.store.from, KVAS_BASE_NONE);
}

/* The bytes before a place save reading the function, and change nothing. */
TEST(bytes_before_tell_the_same)
{
	int modes[KVAS_ACCESS_END] = {};
	bool expects, expects_without;

	for (__u64 ip = BASE + 16; ip < AT(kernel_code_end); ip++) {
		struct kvas_sample s = sample_at(ip);
		unsigned int mode = resolved(&s, &expects_without).mode;

		memcpy(s.before, kernel_code + (ip - BASE) - 16, 16);
		s.before_bytes = 16;
		assert_int_equal(resolved(&s, &expects).mode, mode);
		assert_int_equal(expects, expects_without);
		modes[mode]++;
	}
	assert_true(modes[KVAS_ACCESS_KERNEL] > 100);
	assert_true(modes[KVAS_ACCESS_IRQS_OFF] > 10);
	assert_true(modes[KVAS_ACCESS_IDLE] > 0);
}

static struct kvas_rec_access of_pmu(unsigned int by, const char *code, size_t len, __u64 address)
{
	struct kvas_sample s = { .ip = AT(leaf), .by = by, .code_bytes = 16, .address = address };
	struct kvas_rec_access r;
	bool expects;

	memcpy(s.code, code, len);
	r = resolved(&s, &expects);
	assert_false(expects);
	assert_int_equal(r.mode, KVAS_ACCESS_PRECISE);
	return r;
}
#define OF_PMU(by, code, address) of_pmu(KVAS_BY_##by, code, sizeof(code) - 1, address)

TEST(samples_of_the_pmu)
{
	const __u64 at = 0xffff888000001000, stack = 0xffffc90000007f00;
	struct kvas_rec_access r;

	r = OF_PMU(LOADS, "\x48\x8b\x07", at); /* mov (%rdi),%rax */
	assert_string_equal(r.function, "leaf");
	assert_int_equal(r.load.address, at);
	assert_int_equal(r.load.region, KVAS_REGION_DIRECT_MAP);
	assert_int_equal(r.load.bytes, 8);
	assert_int_equal(r.store.from, KVAS_BASE_NONE);
	r = OF_PMU(STORES, "\x66\x89\x07", stack); /* mov %ax,(%rdi) */
	assert_int_equal(r.store.region, KVAS_REGION_VMALLOC);
	assert_int_equal(r.store.bytes, 2);
	assert_int_equal(r.load.from, KVAS_BASE_NONE);
	/* gs: per-CPU data, wherever it lies. */
	r = OF_PMU(LOADS, "\x65\x48\x8b\x07", at);
	assert_int_equal(r.load.region, KVAS_REGION_PERCPU);
	assert_int_equal(r.load.address, at);
	/* The instruction must tell what the address is of. */
	r = OF_PMU(EITHER, "\xf0\xff\x07", at); /* lock incl (%rdi) */
	assert_int_equal(r.load.bytes, 4);
	assert_int_equal(r.store.bytes, 4);
	r = OF_PMU(EITHER, "\x48\xa5", at); /* movsq: two addresses */
	assert_int_equal(r.load.from + r.store.from, 0);
	r = OF_PMU(EITHER, "\x48\x8d\x07", at); /* lea */
	assert_int_equal(r.load.from + r.store.from, 0);
	r = OF_PMU(EITHER, "\x48\x8b\x07", 0);
	assert_int_equal(r.load.from + r.store.from, 0);
	/* That it was a load is known also where the instruction is not. */
	r = OF_PMU(LOADS, "\x06\x06\x06", at);
	assert_int_equal(r.load.region, KVAS_REGION_DIRECT_MAP);
	assert_int_equal(r.load.bytes, 0);
}

TESTS_RUN(set_up, tear_down)
