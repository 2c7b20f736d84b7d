/* SPDX-License-Identifier: GPL-2.0 */
#include "access/insn.h"

#include <Zydis/Zydis.h>
#include <pthread.h>
#include <string.h>

/* The widest vector register, bytes: what moves more is an area, word after word. */
#define WIDEST 64

static ZydisDecoder decoder;
static pthread_once_t decoder_made = PTHREAD_ONCE_INIT;

static void make_decoder(void)
{
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
}

/* Hints and cache control name memory and neither load nor store it. */
static bool touches_nothing(const ZydisDecodedInstruction *in)
{
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_CLFLUSH:
	case ZYDIS_MNEMONIC_CLFLUSHOPT:
	case ZYDIS_MNEMONIC_CLWB:
	case ZYDIS_MNEMONIC_CLDEMOTE:
	case ZYDIS_MNEMONIC_INVLPG:
		return true;
	default:
		return in->meta.category == ZYDIS_CATEGORY_NOP ||
		       in->meta.category == ZYDIS_CATEGORY_WIDENOP ||
		       in->meta.category == ZYDIS_CATEGORY_PREFETCH ||
		       in->meta.category == ZYDIS_CATEGORY_PREFETCHWT1;
	}
}

static int number_of(ZydisRegister r)
{
	ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);

	return full >= ZYDIS_REGISTER_RAX && full <= ZYDIS_REGISTER_R15 ?
		       (int)(full - ZYDIS_REGISTER_RAX) : -1;
}

/* Value of R as the address needs it: an address-size prefix makes it 32 bits. */
static __u64 value_of(const struct insn_regs *regs, ZydisRegister r)
{
	int n = number_of(r);
	__u64 v = n < 0 ? 0 : regs->gpr[n];

	return ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, r) == 32 ? (__u32)v : v;
}

static enum kvas_access_base base_of(const ZydisDecodedInstruction *in,
				     const ZydisDecodedOperandMem *m)
{
	if (m->segment == ZYDIS_REGISTER_GS)
		return KVAS_BASE_PERCPU;
	if (in->meta.category == ZYDIS_CATEGORY_STRINGOP ||
	    in->meta.category == ZYDIS_CATEGORY_IOSTRINGOP)
		return KVAS_BASE_STRING;
	if (number_of(m->base) == INSN_RSP)
		return KVAS_BASE_STACK;
	if (m->base == ZYDIS_REGISTER_RIP)
		return KVAS_BASE_STATIC;
	/* A table in the image: disp32(,%index,8), sign-extended. */
	if (m->base == ZYDIS_REGISTER_NONE && m->disp.value < 0)
		return KVAS_BASE_STATIC;
	return KVAS_BASE_POINTER;
}

/* PUSH, CALL and what else stores below rsp: rsp is lowered first. */
static bool pushes(const ZydisDecodedOperand *op)
{
	return op->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
	       number_of(op->mem.base) == INSN_RSP && (op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE);
}

static bool is_bit_string(ZydisMnemonic m)
{
	return m == ZYDIS_MNEMONIC_BT || m == ZYDIS_MNEMONIC_BTS || m == ZYDIS_MNEMONIC_BTR ||
	       m == ZYDIS_MNEMONIC_BTC;
}

/* BT and its like with a register count bits from the operand on, in either direction. */
static __u64 bit_string_offset(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *ops,
			       const struct insn_regs *regs)
{
	int n;
	__s64 bit;

	if (!is_bit_string(in->mnemonic) || ops[1].type != ZYDIS_OPERAND_TYPE_REGISTER)
		return 0;
	n = number_of(ops[1].reg.value);
	if (n < 0)
		return 0;
	bit = (__s64)regs->gpr[n];
	if (ops[0].size == 32)
		bit = (__s32)bit;
	else if (ops[0].size == 16)
		bit = (__s16)bit;
	return (__u64)((bit >> (ops[0].size == 64 ? 6 : ops[0].size == 32 ? 5 : 4)) * (ops[0].size / 8));
}

static void resolve(struct insn_access *a, const ZydisDecodedInstruction *in,
		    const ZydisDecodedOperand *ops, const ZydisDecodedOperand *op, __u64 ip,
		    const struct insn_regs *regs)
{
	const ZydisDecodedOperandMem *m = &op->mem;
	__u64 at;

	if (m->type == ZYDIS_MEMOP_TYPE_VSIB) {
		a->why = INSN_WHY_VECTOR;
		return;
	}
	if (m->segment == ZYDIS_REGISTER_FS) {
		a->why = INSN_WHY_SEGMENT;
		return;
	}
	if (m->base == ZYDIS_REGISTER_RIP)
		at = ip + in->length;
	else
		at = m->base == ZYDIS_REGISTER_NONE ? 0 : value_of(regs, m->base);
	if (m->index != ZYDIS_REGISTER_NONE)
		at += value_of(regs, m->index) * m->scale;
	if (m->disp.has_displacement)
		at += m->disp.value;
	if (in->address_width == 32)
		at = (__u32)at;
	at += bit_string_offset(in, ops, regs);
	if (in->mnemonic == ZYDIS_MNEMONIC_XLAT)
		at += (__u8)regs->gpr[0]; /* al, which is no operand of Zydis's */
	if (pushes(op))
		at -= op->size / 8;
	if (m->segment == ZYDIS_REGISTER_GS) {
		if (!regs->percpu) {
			a->why = INSN_WHY_PERCPU;
			return;
		}
		at += regs->percpu;
	}
	a->address = at;
}

static void in_words(struct insn_access *a, unsigned int words)
{
	a->times = words;
	a->bytes = 8;
}

/* XSAVE stores an area and loads of it only the word that says what is in use. */
static void split_area(struct insn *out, struct insn_access *area)
{
	struct insn_access *word = &out->access[out->nr];

	if (out->nr == INSN_MAX_ACCESSES)
		return;
	*word = *area;
	word->times = 1;
	word->store = false;
	area->load = false;
	out->nr++;
}

static void add_access(struct insn *out, const ZydisDecodedInstruction *in,
		       const ZydisDecodedOperand *ops, const ZydisDecodedOperand *op, __u64 ip,
		       const struct insn_regs *regs)
{
	struct insn_access *a;

	if (op->type != ZYDIS_OPERAND_TYPE_MEMORY || out->nr == INSN_MAX_ACCESSES ||
	    op->mem.type == ZYDIS_MEMOP_TYPE_AGEN)
		return;
	a = &out->access[out->nr];
	a->load = op->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
	a->store = op->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
	if (!a->load && !a->store)
		return;
	a->bytes = op->size / 8;
	a->times = 1;
	a->base = base_of(in, &op->mem);
	a->frame = a->base == KVAS_BASE_POINTER && number_of(op->mem.base) == INSN_RBP;
	if (in->mnemonic == ZYDIS_MNEMONIC_IRETQ)
		in_words(a, 5); /* rip, cs, rflags, rsp, ss */
	else if (a->bytes > WIDEST)
		in_words(a, a->bytes / 8);
	if (regs)
		resolve(a, in, ops, op, ip, regs);
	out->nr++;
	if (a->times > 1 && a->load && a->store)
		split_area(out, a);
}

static void set_flow(struct insn *out, const ZydisDecodedInstruction *in,
		     const ZydisDecodedOperand *ops, __u64 ip)
{
	switch (in->meta.category) {
	case ZYDIS_CATEGORY_COND_BR:
		out->flow = INSN_BRANCH;
		break;
	case ZYDIS_CATEGORY_UNCOND_BR:
		out->flow = INSN_JUMP;
		break;
	case ZYDIS_CATEGORY_CALL:
		out->flow = INSN_CALL;
		break;
	case ZYDIS_CATEGORY_RET:
	case ZYDIS_CATEGORY_SYSRET:
		out->flow = INSN_RETURN;
		break;
	default:
		break;
	}
	if (in->mnemonic == ZYDIS_MNEMONIC_UD2 || in->mnemonic == ZYDIS_MNEMONIC_INT3)
		out->flow = INSN_STOP;
	if (out->flow >= INSN_JUMP && out->flow <= INSN_CALL && ops[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
	    ops[0].imm.is_relative)
		out->target = ip + in->length + (__u64)ops[0].imm.value.s;
}

static void set_kind(struct insn *out, const ZydisDecodedInstruction *in)
{
	out->nop = in->meta.category == ZYDIS_CATEGORY_NOP ||
		   in->meta.category == ZYDIS_CATEGORY_WIDENOP;
	out->waits = in->mnemonic == ZYDIS_MNEMONIC_HLT || in->mnemonic == ZYDIS_MNEMONIC_MWAIT ||
		     in->mnemonic == ZYDIS_MNEMONIC_MWAITX;
	if (in->mnemonic == ZYDIS_MNEMONIC_CLI)
		out->irq = INSN_IRQ_OFF;
	else if (in->mnemonic == ZYDIS_MNEMONIC_STI)
		out->irq = INSN_IRQ_ON;
	else if (in->mnemonic == ZYDIS_MNEMONIC_POPFQ || in->mnemonic == ZYDIS_MNEMONIC_POPF)
		out->irq = INSN_IRQ_POPF;
}

/* A repeated string instruction with nothing left to do touches nothing. */
static bool ended(const ZydisDecodedInstruction *in, const struct insn_regs *regs)
{
	const ZydisInstructionAttributes rep = ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |
					       ZYDIS_ATTRIB_HAS_REPNE;
	__u64 left = regs ? regs->gpr[1] : 1;

	if (in->address_width == 32)
		left = (__u32)left;
	return (in->attributes & rep) && !left;
}

int insn_decode(struct insn *out, const __u8 *code, size_t len, __u64 ip,
		const struct insn_regs *regs)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction in;

	pthread_once(&decoder_made, make_decoder);
	memset(out, 0, sizeof(*out));
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &in, ops)))
		return -1;
	out->length = in.length;
	set_flow(out, &in, ops, ip);
	set_kind(out, &in);
	if (touches_nothing(&in) || ended(&in, regs))
		return 0;
	for (int i = 0; i < in.operand_count; i++)
		add_access(out, &in, ops, &ops[i], ip, regs);
	return 0;
}
