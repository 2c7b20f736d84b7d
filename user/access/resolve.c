/* SPDX-License-Identifier: GPL-2.0 */
#include "access/resolve.h"

#include <string.h>

static void head(const struct kvas_sample *s, struct kvas_rec_access *out)
{
	memset(out, 0, sizeof(*out));
	out->h.time_ns = s->time_ns;
	out->h.kind = KVAS_KIND_ACCESS;
	out->h.size = sizeof(*out);
	out->h.cpu = s->cpu;
	out->h.pid = s->pid;
	out->h.tid = s->tid;
	memcpy(out->h.comm, s->comm, sizeof(out->h.comm));
	out->ip = s->ip;
	out->mode = KVAS_ACCESS_UNKNOWN;
	out->load.region = out->store.region = KVAS_REGION_COUNT;
	out->stack_region = KVAS_REGION_COUNT;
}

/* Also of a pointer, rbp as a rule, that leads into the stack in use. Where it is not known how
 * large that is, a pointer is called a pointer. */
static int base_of(const struct insn_access *a, __u64 rsp, __u32 thread_size)
{
	return a->base == KVAS_BASE_POINTER && a->address - rsp < thread_size ? KVAS_BASE_STACK :
										a->base;
}

/* Where ADDRESS leads. Per-CPU data is told by gs: some of it is in the direct map. */
static void put_place(const struct resolver *r, __u64 address, __u64 time_ns,
		      struct kvas_access *out)
{
	out->address = address;
	out->region = out->from == KVAS_BASE_PERCPU ? KVAS_REGION_PERCPU :
						      region_map_find(&r->map, address);
	if (out->region == KVAS_REGION_OTHER)
		out->why = KVAS_WHY_NO_REGION;
	if (r->leaf && out->region != KVAS_REGION_USER)
		out->leaf_kb = leaf_kb(r->leaf, address, time_ns);
}

static void put_access(const struct resolver *r, const struct insn_access *a,
		       const struct kvas_sample *s, struct kvas_access *out)
{
	/* Of two of one kind (CMPS) the second goes with the first. */
	if (out->from) {
		out->times += a->times;
		return;
	}
	out->from = base_of(a, s->gpr[INSN_RSP], r->thread_size);
	out->bytes = a->bytes;
	out->times = a->times;
	out->region = a->base == KVAS_BASE_PERCPU ? KVAS_REGION_PERCPU : KVAS_REGION_OTHER;
	out->why = a->why;
	if (a->why == KVAS_WHY_KNOWN)
		put_place(r, a->address, s->time_ns, out);
}

/* The instruction there, decoded once as long as it stays the same. */
static const struct insn_form *form_of(struct site *site, const struct kvas_sample *s)
{
	if (!site->parsed || site->code_bytes != s->code_bytes ||
	    memcmp(site->code, s->code, sizeof(site->code))) {
		memcpy(site->code, s->code, sizeof(site->code));
		site->code_bytes = s->code_bytes;
		site->decodes = !insn_parse(&site->form, s->code, s->code_bytes, s->ip);
		site->parsed = true;
	}
	return site->decodes ? &site->form : NULL;
}

static void decode(const struct resolver *r, struct site *site, const struct kvas_sample *s,
		   struct kvas_rec_access *out)
{
	const struct insn_form *form = form_of(site, s);
	struct insn_regs regs = { .percpu = s->percpu };
	struct insn in;

	if (!form)
		return;
	memcpy(regs.gpr, s->gpr, sizeof(regs.gpr));
	insn_apply(form, &regs, &in);
	out->mode = KVAS_ACCESS_KERNEL;
	for (int i = 0; i < in.nr; i++) {
		if (in.access[i].load)
			put_access(r, &in.access[i], s, &out->load);
		if (in.access[i].store)
			put_access(r, &in.access[i], s, &out->store);
	}
}

/* The one operand of IN that loads (LOAD) or stores; NULL there is none, or more than one. */
static const struct insn_access *operand(const struct insn *in, bool load)
{
	const struct insn_access *a = NULL;

	for (int i = 0; i < in->nr; i++) {
		if (!(load ? in->access[i].load : in->access[i].store))
			continue;
		if (a)
			return NULL;
		a = &in->access[i];
	}
	return a;
}

/* The PMU tells the address; the instruction tells the width and, by gs, that it is per-CPU
 * data, whose place no address tells. */
static void put_precise(const struct resolver *r, const struct insn_access *a,
			const struct kvas_sample *s, struct kvas_access *out)
{
	out->from = a ? a->base : KVAS_BASE_POINTER;
	out->bytes = a ? a->bytes : 0;
	out->times = 1;
	put_place(r, s->address, s->time_ns, out);
}

/* A sample of the PMU. Where it does not tell what the address is of, only an instruction
 * with one operand does. */
static void precise(const struct resolver *r, struct site *site, const struct kvas_sample *s,
		    struct kvas_rec_access *out)
{
	const struct insn_form *form = form_of(site, s);
	const struct insn_access *load = form ? operand(&form->in, true) : NULL;
	const struct insn_access *store = form ? operand(&form->in, false) : NULL;
	bool one = form && form->in.nr == 1;

	out->mode = KVAS_ACCESS_PRECISE;
	if (!s->address)
		return;
	if (s->by == KVAS_BY_LOADS || (s->by == KVAS_BY_EITHER && one && load))
		put_precise(r, load, s, &out->load);
	if (s->by == KVAS_BY_STORES || (s->by == KVAS_BY_EITHER && one && store))
		put_precise(r, store, s, &out->store);
}

/* Behind HLT or MWAIT: the time went by in the instruction before. */
static bool was_idle(const struct resolver *r, __u64 ip)
{
	struct function *f = text_function(r->text, ip);
	__s32 i = f ? function_find(f, ip) : -1;

	return i > 0 && f->insn[i - 1].waits;
}

/* Can the instruction before be one that waits or lets interrupts in? By its last byte: HLT
 * f4, MWAIT 0f 01 c9, MWAITX 0f 01 fb, POPF 9d, STI fb, which holds them off for one more. It
 * saves reading most functions. */
static bool may_have_waited(const struct kvas_sample *s)
{
	__u8 last = s->before[sizeof(s->before) - 1];

	if (s->before_bytes != sizeof(s->before))
		return true;
	return last == 0xf4 || last == 0xc9 || last == 0x9d ||
	       memchr(s->before, 0xfb, sizeof(s->before));
}

static void look_at(const struct resolver *r, const struct kvas_sample *sample, struct site *out)
{
	__u64 ip = sample->ip, end;
	struct symbol s;

	*out = (struct site){ .ip = ip };
	if (r->symbols && symbols_at(r->symbols, ip, &s, &end) && ip < end)
		out->function = s.name;
	if (!r->irqoff || !may_have_waited(sample))
		return;
	text_trim(r->text);
	if (was_idle(r, ip))
		out->what = SITE_WAITED;
	else if (irqoff_ends_at(r->irqoff, ip))
		out->what = SITE_IRQS_OFF_BEFORE;
}

/* Samples come back to the same places: SPARE is for one that is not kept. */
static struct site *site_of(const struct resolver *r, const struct kvas_sample *sample,
			    struct site *spare)
{
	struct site *s = spare;
	__u64 ip = sample->ip;

	if (r->site)
		s = &r->site[(ip * 0x9e3779b97f4a7c15ULL) >> 32 & (RESOLVER_SITES - 1)];
	if (!r->site || s->ip != ip || !ip)
		look_at(r, sample, s);
	return s;
}

static __u32 per_million(double v, double of)
{
	return (__u32)(v / of * 1e6 + 0.5);
}

void resolve_expected(const struct resolver *r, const struct kvas_sample *s,
		      struct kvas_rec_access *out)
{
	struct mix mix;

	text_trim(r->text);
	if (!irqoff_before(r->irqoff, s->ip, s->stack, s->stack_words, &mix))
		return;
	for (int b = 0; b < KVAS_BASE_END; b++) {
		out->expect_load[b] = per_million(mix.load[b], mix.insns);
		out->expect_store[b] = per_million(mix.store[b], mix.insns);
	}
}

bool resolve_sample(const struct resolver *r, const struct kvas_sample *s,
		    struct kvas_rec_access *out)
{
	struct site *site, spare;

	head(s, out);
	if (s->user) {
		/* Interrupts come on with the step into user mode: a sample behind SYSCALL
		 * fell due on the kernel's way there, or into one instruction in many. */
		out->mode = s->code_bytes == 2 && s->code[0] == 0x0f && s->code[1] == 0x05 ?
				    KVAS_ACCESS_RETURN : KVAS_ACCESS_USER;
		return false;
	}
	site = site_of(r, s, &spare);
	if (site->function)
		memcpy(out->function, site->function,
		       strnlen(site->function, sizeof(out->function) - 1));
	if (s->by != KVAS_BY_CLOCK) {
		precise(r, site, s, out);
		return false;
	}
	out->stack_region = region_map_find(&r->map, s->gpr[INSN_RSP]);
	/* Without the kernel's functions no one can tell what a sample stands for. */
	if (!r->symbols)
		out->mode = KVAS_ACCESS_NO_SYMBOLS;
	else if (!r->irqoff || !s->code_bytes)
		out->mode = KVAS_ACCESS_UNREADABLE;
	else if (site->what == SITE_WAITED)
		out->mode = KVAS_ACCESS_IDLE;
	else if (site->what == SITE_IRQS_OFF_BEFORE)
		out->mode = KVAS_ACCESS_IRQS_OFF;
	else
		decode(r, site, s, out);
	return out->mode == KVAS_ACCESS_IRQS_OFF;
}
