/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decoder against the processor: instructions are run whose operand lies in a page
 * that may not be touched. What the fault reports, its address and whether it was a
 * write, is what the decoder must say of the instruction and the registers it faulted
 * with. What cannot fault is checked against the manual's words.
 */
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "test.h"
#include "access/insn.h"

#define GUARD_BYTES 65536
#define ARCH_SET_GS 0x1001
#define ARCH_GET_GS 0x1004

static char *guard; /* no access; below 4 GiB, so that 32-bit addresses reach it */
static char fine[4096] __attribute__((aligned(64)));
static char alternate[65536];
static sigjmp_buf back;
static struct seen {
	struct insn_regs regs;
	__u8 code[INSN_MAX_BYTES];
	__u64 ip, address;
	bool store;
} seen;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	static const int order[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				       REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
				       REG_R12, REG_R13, REG_R14, REG_R15 };
	const greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)sig;
	for (int i = 0; i < 16; i++)
		seen.regs.gpr[i] = g[order[i]];
	seen.ip = g[REG_RIP];
	memcpy(seen.code, (void *)g[REG_RIP], sizeof(seen.code));
	seen.address = (uintptr_t)info->si_addr;
	seen.store = g[REG_ERR] & 2;
	siglongjmp(back, 1);
}

/* Each is called with rdi in the guard, rsi in memory that is fine, rdx 3, rcx 5; r8 is a
 * stack to come back on, rax the guard's middle. One of its instructions faults. */
#define CASE(name, text) \
	__asm__(".pushsection .text\n" #name ":\n" text "\n ud2\n .popsection\n"); \
	void name(void)

CASE(load, "mov 8(%rdi,%rdx,4), %rax");
CASE(store, "mov %eax, 8(%rdi,%rcx,8)");
CASE(store_byte, "movb $1, (%rdi)");
CASE(negative, "mov $-2, %rdx; mov 0x40(%rdi,%rdx,8), %rbx");
CASE(widen, "movzbl 7(%rdi), %eax");
CASE(compare, "cmpq $0, 16(%rdi)");
CASE(add_to, "addl $1, 4(%rdi)");
CASE(locked, "lock incl (%rdi)");
CASE(exchange, "xchg %rax, (%rdi)");
CASE(compare_exchange, "lock cmpxchg %rcx, 24(%rdi)");
CASE(compare_exchange_16, "lock cmpxchg16b (%rdi)");
CASE(add_exchange, "lock xadd %eax, (%rdi)");
CASE(vector_load, "movdqu 3(%rdi), %xmm0");
CASE(vector_store, "movaps %xmm0, 32(%rdi)");
CASE(low_address, "mov (%edi), %eax");
CASE(wraps_low, "movabs $0x7fffffff00000000, %r9; add %rdi, %r9; mov 4(%r9d), %eax");
CASE(push, "mov %rdi, %rsp; push %rax");
CASE(push_memory, "push 16(%rdi)");
CASE(push_flags, "mov %rdi, %rsp; pushf");
CASE(pop, "lea 64(%rdi), %rsp; pop %rax");
CASE(pop_to_memory, "pop 8(%rdi)");
CASE(call_pushes, "mov %rdi, %rsp; call *%rsi");
CASE(call_through, "call *8(%rdi)");
CASE(jump_through, "jmp *(%rdi,%rdx,8)");
CASE(returns, "mov %rdi, %rsp; ret");
CASE(leaves, "mov %rdi, %rbp; leave");
CASE(string_load, "xchg %rsi, %rdi; movsb");
CASE(string_store, "movsb");
CASE(strings, "rep movsq");
CASE(strings_back, "std; rep stosl");
CASE(fill, "rep stosb");
CASE(scan, "repne scasb");
CASE(take, "mov %rdi, %rsi; lodsq");
CASE(strings_compared, "repe cmpsb");
CASE(bit_near, "mov $77, %rax; bt %rax, (%rdi)");
CASE(bit_behind, "mov $-1000, %rax; lea 1024(%rdi), %rdi; bts %rax, (%rdi)");
CASE(bit_32, "mov $-70, %eax; lea 1024(%rdi), %rdi; btr %eax, (%rdi)");
CASE(bit_number, "btsl $9, (%rdi)");
CASE(save_area, "and $-64, %rdi; fxsave (%rdi)");
CASE(restore_area, "and $-64, %rdi; fxrstor (%rdi)");
CASE(translate, "mov %rdi, %rbx; mov $9, %al; xlat");
CASE(set_if, "test %eax, %eax; setne (%rdi)");
CASE(move_if, "cmovne (%rdi), %rax");
CASE(nothing_at_line, "clflush (%rdi)");

/* cmocka has handlers of its own in each test. */
static bool faults(void (*instructions)(void))
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaction(SIGSEGV, &act, NULL);
	if (sigsetjmp(back, 1))
		return true;
	__asm__ volatile("mov %0, %%rbx; mov %1, %%rdi; mov %2, %%rsi; mov $3, %%edx;"
			 "mov $5, %%ecx; mov %%rdi, %%rax; jmp *%%rbx"
			 :
			 : "r"(instructions), "r"(guard + GUARD_BYTES / 2), "r"(fine + 2048)
			 : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "rbp", "memory");
	return false;
}

static int decode(struct insn *out, const __u8 *code, size_t len, __u64 ip,
		  const struct insn_regs *regs)
{
	struct insn_form form;

	if (insn_parse(&form, code, len, ip))
		return -1;
	insn_apply(&form, regs, out);
	return 0;
}

/* One access that says what the processor says. */
static void agrees(const char *name)
{
	struct insn in;
	bool met = false;

	assert_int_equal(decode(&in, seen.code, sizeof(seen.code), seen.ip, &seen.regs), 0);
	for (int i = 0; i < in.nr; i++) {
		const struct insn_access *a = &in.access[i];

		/* An area's access is told as its words, each from the start. */
		if (a->why == KVAS_WHY_KNOWN && seen.address - a->address < (__u64)a->bytes * a->times &&
		    (seen.store ? a->store : a->load))
			met = true;
	}
	if (!met)
		fail_msg("%s: the processor %s %llx; of the decoder's %d the first is %llx%s%s", name,
			 seen.store ? "stores to" : "loads from", seen.address, in.nr,
			 in.access[0].address, in.access[0].load ? " load" : "",
			 in.access[0].store ? " store" : "");
}

TEST(the_processor_agrees)
{
#define T(name) { name, #name }
	static const struct { void (*run)(void); const char *name; } cases[] = {
		T(load), T(store), T(store_byte), T(negative), T(widen), T(compare), T(add_to),
		T(locked), T(exchange), T(compare_exchange), T(compare_exchange_16),
		T(add_exchange), T(vector_load), T(vector_store), T(low_address), T(wraps_low),
		T(push), T(push_memory), T(push_flags), T(pop), T(pop_to_memory), T(call_pushes),
		T(call_through), T(jump_through), T(returns), T(leaves), T(string_load),
		T(string_store), T(strings), T(strings_back), T(fill), T(scan), T(take),
		T(strings_compared), T(bit_near), T(bit_behind), T(bit_32), T(bit_number),
		T(save_area), T(restore_area), T(translate), T(set_if), T(move_if),
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(faults(cases[i].run));
		agrees(cases[i].name);
	}
}

/* Flushing a line is checked as a load is, but loads nothing. */
TEST(cache_control_is_no_access)
{
	struct insn in;

	assert_true(faults(nothing_at_line));
	assert_int_equal(decode(&in, seen.code, sizeof(seen.code), seen.ip, &seen.regs), 0);
	assert_int_equal(in.nr, 0);
}

/* gs as the kernel has it, at the guard. */
CASE(by_gs, "mov %gs:0x28, %rax");
CASE(by_gs_register, "mov %gs:(%rdx), %rax");

TEST(gs_is_per_cpu)
{
	void (*const cases[])(void) = { by_gs, by_gs_register };
	unsigned long before;

	assert_int_equal(syscall(SYS_arch_prctl, ARCH_GET_GS, &before), 0);
	for (int i = 0; i < 2; i++) {
		struct insn in;

		assert_int_equal(syscall(SYS_arch_prctl, ARCH_SET_GS, guard), 0);
		assert_true(faults(cases[i]));
		assert_int_equal(syscall(SYS_arch_prctl, ARCH_SET_GS, before), 0);
		seen.regs.percpu = (uintptr_t)guard;
		agrees("gs");
		decode(&in, seen.code, sizeof(seen.code), seen.ip, &seen.regs);
		assert_int_equal(in.access[0].base, KVAS_BASE_PERCPU);
		seen.regs.percpu = 0;
		decode(&in, seen.code, sizeof(seen.code), seen.ip, &seen.regs);
		assert_int_equal(in.access[0].why, KVAS_WHY_PERCPU_BASE);
		assert_int_equal(in.access[0].address, 0);
	}
}

static struct insn decoded(const char *bytes, size_t len)
{
	struct insn_regs regs = {};
	struct insn in;

	assert_int_equal(decode(&in, (const __u8 *)bytes, len, 0x1000, &regs), 0);
	assert_int_equal(in.length, len);
	return in;
}
#define DECODED(s) decoded(s, sizeof(s) - 1)

TEST(what_looks_like_one)
{
	assert_int_equal(DECODED("\x48\x8d\x04\x17").nr, 0); /* lea */
	assert_int_equal(DECODED("\x0f\x1f\x44\x00\x00").nr, 0); /* nopl 0(%rax,%rax) */
	assert_int_equal(DECODED("\x0f\x18\x08").nr, 0); /* prefetcht0 (%rax) */
	assert_int_equal(DECODED("\x0f\x0d\x08").nr, 0); /* prefetchw (%rax) */
	assert_int_equal(DECODED("\xf3\x0f\x1e\xfa").nr, 0); /* endbr64 */
	assert_int_equal(DECODED("\x48\x89\xc8").nr, 0); /* mov %rcx,%rax */
	assert_int_equal(DECODED("\x0f\x01\x38").nr, 0); /* invlpg (%rax) */
	/* Nothing left to do: rcx is 0. */
	assert_int_equal(DECODED("\xf3\xa4").nr, 0); /* rep movsb */
}

TEST(two_operands)
{
	struct insn in = DECODED("\xa4"); /* movsb */

	assert_int_equal(in.nr, 2);
	assert_int_equal(in.access[0].load + in.access[1].load, 1);
	assert_int_equal(in.access[0].store + in.access[1].store, 1);
	in = DECODED("\xff\x30"); /* push (%rax): loads, and stores below rsp */
	assert_int_equal(in.nr, 2);
	assert_int_equal(in.access[0].base == KVAS_BASE_STACK, in.access[0].store);
	assert_int_equal(in.access[1].base == KVAS_BASE_STACK, in.access[1].store);
	assert_true(in.access[0].store != in.access[1].store);
}

TEST(what_it_is_made_from)
{
	assert_int_equal(DECODED("\x48\x8b\x07").access[0].base, KVAS_BASE_POINTER);
	assert_int_equal(DECODED("\x48\x8b\x44\x24\x08").access[0].base, KVAS_BASE_STACK);
	assert_int_equal(DECODED("\x48\x8b\x05\x10\x00\x00\x00").access[0].base, KVAS_BASE_STATIC);
	assert_int_equal(DECODED("\x48\x8b\x05\x10\x00\x00\x00").access[0].address, 0x1017);
	/* mov -0x7e000000(,%rax,8),%rax */
	assert_int_equal(DECODED("\x48\x8b\x04\xc5\x00\x00\x00\x82").access[0].base,
			 KVAS_BASE_STATIC);
	assert_int_equal(DECODED("\x48\xab").access[0].base, KVAS_BASE_STRING); /* stosq */
	assert_true(DECODED("\x48\x8b\x45\xf8").access[0].frame); /* mov -8(%rbp),%rax */
	assert_int_equal(DECODED("\x64\x48\x8b\x07").access[0].why, KVAS_WHY_FS); /* %fs: */
}

TEST(where_it_goes_on)
{
	assert_int_equal(DECODED("\xe8\x10\x00\x00\x00").flow, INSN_CALL);
	assert_int_equal(DECODED("\xe8\x10\x00\x00\x00").target, 0x1015);
	assert_int_equal(DECODED("\xeb\xfe").target, 0x1000);
	assert_int_equal(DECODED("\x74\x02").flow, INSN_BRANCH);
	assert_int_equal(DECODED("\xff\xe0").flow, INSN_JUMP);
	assert_int_equal(DECODED("\xff\xe0").target, 0);
	assert_int_equal(DECODED("\xc3").flow, INSN_RETURN);
	assert_int_equal(DECODED("\x0f\x0b").flow, INSN_STOP);
	assert_int_equal(DECODED("\xfa").irq, INSN_IRQ_OFF);
	assert_int_equal(DECODED("\xfb").irq, INSN_IRQ_ON);
	assert_int_equal(DECODED("\x9d").irq, INSN_IRQ_POPF);
	assert_true(DECODED("\xf4").waits);
}

TEST(no_instruction)
{
	struct insn_form f;

	assert_int_equal(insn_parse(&f, (const __u8 *)"\x06", 1, 0), -1);
	assert_int_equal(insn_parse(&f, (const __u8 *)"\x48\x8b", 2, 0), -1);
	assert_int_equal(insn_parse(&f, (const __u8 *)"", 0, 0), -1);
}

static int set_up(void **state)
{
	stack_t other = { .ss_sp = alternate, .ss_size = sizeof(alternate) };

	(void)state;
	guard = mmap(NULL, GUARD_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	return guard == MAP_FAILED || sigaltstack(&other, NULL);
}

TESTS_RUN(set_up, NULL)
