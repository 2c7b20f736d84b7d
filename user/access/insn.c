/* SPDX-License-Identifier: GPL-2.0 */
#include "access/insn.h"

#include <Zydis/Zydis.h>
#include <pthread.h>
#include <string.h>

/* The widest vector register, bytes: what moves more is an area, word after word. */
#define WIDEST 64
/* Of an XSAVE area what is in use as a rule: x87 and SSE, 416 bytes of 512, the word that says
 * what is in use, and AVX's 256. Larger parts are left out while they hold nothing. */
#define XSAVE_WORDS 85

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

static struct insn_operand operand_of(const ZydisDecodedInstruction *in,
				      const ZydisDecodedOperand *ops,
				      const ZydisDecodedOperand *op, __u64 ip)
{
	const ZydisDecodedOperandMem *m = &op->mem;
	struct insn_operand o = { .base = number_of(m->base), .index = number_of(m->index),
				  .scale = m->scale, .low = in->address_width == 32,
				  .gs = m->segment == ZYDIS_REGISTER_GS,
				  .adds_al = in->mnemonic == ZYDIS_MNEMONIC_XLAT };

	if (m->disp.has_displacement)
		o.disp = m->disp.value;
	if (m->base == ZYDIS_REGISTER_RIP || m->base == ZYDIS_REGISTER_EIP)
		o.disp += ip + in->length;
	if (pushes(op))
		o.pushed = op->size / 8;
	if (is_bit_string(in->mnemonic) && ops[1].type == ZYDIS_OPERAND_TYPE_REGISTER) {
		o.bit_bytes = ops[0].size / 8;
		o.bit_reg = number_of(ops[1].reg.value);
	}
	if (m->type == ZYDIS_MEMOP_TYPE_VSIB)
		o.why = KVAS_WHY_VECTOR;
	else if (m->segment == ZYDIS_REGISTER_FS)
		o.why = KVAS_WHY_FS;
	return o;
}

static bool is_xsave(ZydisMnemonic m)
{
	switch (m) {
	case ZYDIS_MNEMONIC_XSAVE:
	case ZYDIS_MNEMONIC_XSAVE64:
	case ZYDIS_MNEMONIC_XSAVEC:
	case ZYDIS_MNEMONIC_XSAVEC64:
	case ZYDIS_MNEMONIC_XSAVEOPT:
	case ZYDIS_MNEMONIC_XSAVEOPT64:
	case ZYDIS_MNEMONIC_XSAVES:
	case ZYDIS_MNEMONIC_XSAVES64:
	case ZYDIS_MNEMONIC_XRSTOR:
	case ZYDIS_MNEMONIC_XRSTOR64:
	case ZYDIS_MNEMONIC_XRSTORS:
	case ZYDIS_MNEMONIC_XRSTORS64:
		return true;
	default:
		return false;
	}
}

static void in_words(struct insn_access *a, unsigned int words)
{
	a->times = words;
	a->bytes = 8;
}

/* XSAVE stores an area and loads of it only the word that says what is in use. */
static void split_area(struct insn_form *f, struct insn_access *area)
{
	struct insn *out = &f->in;
	struct insn_access *word = &out->access[out->nr];

	if (out->nr == INSN_MAX_ACCESSES)
		return;
	f->op[out->nr] = f->op[area - out->access];
	*word = *area;
	word->times = 1;
	word->store = false;
	area->load = false;
	out->nr++;
}

static void add_access(struct insn_form *f, const ZydisDecodedInstruction *in,
		       const ZydisDecodedOperand *ops, const ZydisDecodedOperand *op, __u64 ip)
{
	struct insn *out = &f->in;
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
		in_words(a, is_xsave(in->mnemonic) ? XSAVE_WORDS : a->bytes / 8);
	f->op[out->nr++] = operand_of(in, ops, op, ip);
	if (a->times > 1 && a->load && a->store)
		split_area(f, a);
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

int insn_parse(struct insn_form *out, const __u8 *code, size_t len, __u64 ip)
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction in;

	pthread_once(&decoder_made, make_decoder);
	memset(out, 0, sizeof(*out));
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, len, &in, ops)))
		return -1;
	out->in.length = in.length;
	set_flow(&out->in, &in, ops, ip);
	set_kind(&out->in, &in);
	if (touches_nothing(&in))
		return 0;
	out->repeats = in.attributes &
		       (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
	for (int i = 0; i < in.operand_count; i++)
		add_access(out, &in, ops, &ops[i], ip);
	return 0;
}

/* BT and its like with a register count bits from the operand on, in either direction. */
static __u64 bits_on(const struct insn_operand *o, const struct insn_regs *regs)
{
	__s64 bit;

	if (!o->bit_bytes || o->bit_reg < 0)
		return 0;
	bit = (__s64)regs->gpr[o->bit_reg];
	if (o->bit_bytes == 4)
		return (__u64)(((__s32)bit >> 5) * 4LL);
	if (o->bit_bytes == 2)
		return (__u64)(((__s16)bit >> 4) * 2LL);
	return (__u64)((bit >> 6) * 8);
}

static __u64 address_of(const struct insn_operand *o, const struct insn_regs *regs)
{
	__u64 at = o->disp;

	if (o->base >= 0)
		at += regs->gpr[o->base];
	if (o->index >= 0)
		at += regs->gpr[o->index] * o->scale;
	if (o->adds_al)
		at += (__u8)regs->gpr[0]; /* which is no operand of Zydis's */
	if (o->low)
		at = (__u32)at;
	return at + bits_on(o, regs) - o->pushed + (o->gs ? regs->percpu : 0);
}

void insn_apply(const struct insn_form *f, const struct insn_regs *regs, struct insn *out)
{
	__u64 left = regs->gpr[1]; /* rcx */

	*out = f->in;
	for (int i = 0; i < f->in.nr; i++) {
		const struct insn_operand *o = &f->op[i];

		if (f->repeats && !(o->low ? (__u32)left : left)) {
			out->nr = 0; /* nothing left to do */
			return;
		}
		out->access[i].why = o->gs && !regs->percpu ? KVAS_WHY_PERCPU_BASE : o->why;
		if (out->access[i].why == KVAS_WHY_KNOWN)
			out->access[i].address = address_of(o, regs);
	}
}
