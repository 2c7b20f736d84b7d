/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one x86-64 instruction does to memory: which bytes it loads and stores, and
 * where, given the registers it is about to run with. Zydis decodes; what is not an
 * access although it looks like one (LEA, NOP, prefetch, cache control), and what is
 * one although it does not (PUSH, CALL, string instructions), is decided here. No I/O.
 */
#ifndef KVAS_INSN_H
#define KVAS_INSN_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"

#define INSN_MAX_BYTES 15
#define INSN_MAX_ACCESSES 4

/* In the order instructions number them: rax rcx rdx rbx rsp rbp rsi rdi r8 ... r15. */
struct insn_regs {
	__u64 gpr[16];
	__u64 percpu; /* base of gs in the kernel; 0 not known */
};
enum { INSN_RSP = 4, INSN_RBP = 5 };

struct insn_access {
	__u64 address; /* 0 unless why is KVAS_WHY_KNOWN */
	__u16 bytes;
	__u8 times; /* of it, one after the other: 5 for IRET, 64 for FXSAVE */
	bool load, store;
	bool frame; /* the address is made from rbp */
	__u8 base; /* enum kvas_access_base: tells the place without the registers */
	__u8 why; /* enum kvas_access_why: there is no address */
};

enum insn_flow {
	INSN_NEXT = 0, /* goes on behind itself */
	INSN_JUMP = 1,
	INSN_BRANCH = 2, /* conditional */
	INSN_CALL = 3,
	INSN_RETURN = 4,
	INSN_STOP = 5, /* UD2, INT3, HLT: not on a straight path */
};

enum insn_irq { INSN_IRQ_NONE = 0, INSN_IRQ_OFF = 1, INSN_IRQ_ON = 2, INSN_IRQ_POPF = 3 };

struct insn {
	__u8 length;
	__u8 nr; /* accesses */
	__u8 flow; /* enum insn_flow */
	__u8 irq; /* enum insn_irq: what it does to the interrupt flag */
	bool nop;
	bool waits; /* HLT, MWAIT: time spent in it is idle */
	__u64 target; /* of a direct jump, branch or call; 0 indirect */
	struct insn_access access[INSN_MAX_ACCESSES];
};

/* How an access's address is made from registers. */
struct insn_operand {
	__u64 disp; /* rip and the length added where it is relative to them */
	__s8 base, index; /* numbers of general registers; -1 none */
	__u8 scale;
	__u8 pushed; /* bytes: rsp is lowered by them first */
	__u8 bit_bytes; /* BT and its like: the unit that bits are counted in; 0 none */
	__s8 bit_reg;
	bool low; /* 32-bit addresses */
	bool gs, adds_al;
	__u8 why; /* enum kvas_access_why: it has none */
};

/* An instruction decoded, without registers: good for all samples of its place. */
struct insn_form {
	struct insn in; /* its accesses have no address yet */
	struct insn_operand op[INSN_MAX_ACCESSES];
	bool repeats; /* as often as rcx says, and that may be 0 */
};

/* Decode the instruction in the LEN bytes at CODE, which lies at IP. A repeated string
 * instruction is one element: what it does before it can be interrupted again. 0, or -1:
 * no instruction, or one cut short. */
int insn_parse(struct insn_form *out, const __u8 *code, size_t len, __u64 ip);
/* What F does when it is about to run with REGS. */
void insn_apply(const struct insn_form *f, const struct insn_regs *regs, struct insn *out);

#endif
