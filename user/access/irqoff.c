/* SPDX-License-Identifier: GPL-2.0 */
#include "access/irqoff.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define DEPTH 12 /* of calls followed */
#define RARE 1e-3 /* executions a call, of what is not followed */
#define LOST 0.5 /* of a region, not found: too much to tell the rest from it */
#define CALLERS 4 /* functions up from where interrupts came on */
#define MOST_INSNS 20000 /* of one call: a loop guessed wrong shall not outweigh all */
#define SWEEPS 12
#define TYPICAL 400 /* functions looked at for the mean one */
#define TYPICAL_LEAST 16 /* instructions; smaller ones are stubs */
#define TYPICAL_DEPTH 4
#define MOST_CALLS 50000 /* remembered */

/* One call of a function, with what it calls, so many calls deep. */
struct call_key {
	__u64 start;
	__u64 depth;
};
struct call {
	struct call_key key;
	struct irqoff_mix mix;
	UT_hash_handle hh;
};

struct irqoff {
	struct text *text;
	const struct program *programs;
	size_t nr_programs;
	struct call *calls;
	struct irqoff_mix typical; /* of a function that cannot be named */
	bool typical_known;
};

static void forget(struct irqoff *o)
{
	struct call *c, *next;

	HASH_ITER(hh, o->calls, c, next) {
		HASH_DEL(o->calls, c);
		free(c);
	}
}

void irqoff_destroy(struct irqoff *o)
{
	if (o)
		forget(o);
	free(o);
}

static void add(struct irqoff_mix *to, const struct irqoff_mix *m, double times)
{
	for (int b = 0; b < KVAS_BASE_COUNT; b++) {
		to->load[b] += m->load[b] * times;
		to->store[b] += m->store[b] * times;
	}
	to->insns += m->insns * times;
}

static void scale(struct irqoff_mix *m, double by)
{
	struct irqoff_mix all = *m;

	memset(m, 0, sizeof(*m));
	add(m, &all, by);
}

static void add_insn(struct irqoff_mix *to, const struct text_insn *i, double times)
{
	for (int b = 0; b < KVAS_BASE_COUNT; b++) {
		to->load[b] += i->load[b] * times;
		to->store[b] += i->store[b] * times;
	}
	to->insns += times;
}

/* Where a call or a jump out of the function leads; 0 when that is not in its bytes. */
static __u64 leads_out(const struct function *f, const struct text_insn *t)
{
	if (t->flow == INSN_CALL || (t->flow == INSN_JUMP && t->target < 0))
		return text_leads(f, t);
	return 0;
}

static bool indirect(struct irqoff *o, const struct text_insn *t, __u64 out)
{
	struct function *g;

	if (t->flow != INSN_CALL)
		return false;
	if (!out)
		return true;
	g = text_function(o->text, out);
	return g && !strncmp(g->name, "__x86_indirect_", 15);
}

static const struct irqoff_mix *one_call(struct irqoff *o, __u64 start, int depth);
static void make_typical(struct irqoff *o);

/* The tracepoint whose probes F calls by their pointers; NULL it is none of those
 * (include/linux/tracepoint.h: __traceiter_*; include/trace/bpf_probe.h: __bpf_trace_*). */
static const char *tracepoint(const struct function *f)
{
	return !strncmp(f->name, "__traceiter_", 12) ? f->name + 12 :
	       !strncmp(f->name, "__bpf_trace_", 12) ? f->name + 12 : NULL;
}

/* Its calls by pointers are of BPF programs, or of what calls those. */
static bool calls_programs(const struct function *f)
{
	return tracepoint(f) || !strncmp(f->name, "bpf_trace_run", 13) ||
	       !strncmp(f->name, "__bpf_prog_run", 14);
}

static const struct irqoff_mix *typical(struct irqoff *o)
{
	if (!o->typical_known) {
		o->typical_known = true; /* what it has of its kind counts as nothing */
		make_typical(o);
	}
	return &o->typical;
}

/* With interrupts off no one preempts: preempt_enable() finds nothing to do. */
static bool preempts(struct irqoff *o, __u64 out)
{
	struct function *g = out ? text_function(o->text, out) : NULL;

	return g && !strncmp(g->name, "preempt_schedule", 16);
}

/* What the BPF programs at TRACEPOINT do. */
static void add_programs(struct irqoff *o, const char *tracepoint, int depth,
			 struct irqoff_mix *to)
{
	for (size_t i = 0; i < o->nr_programs; i++)
		if (!strcmp(o->programs[i].tracepoint, tracepoint))
			add(to, one_call(o, o->programs[i].start, depth), 1);
}

/* What T, run TIMES, has other functions do. */
static void add_calls(struct irqoff *o, const struct function *f, const struct text_insn *t,
		      double times, int depth, struct irqoff_mix *to)
{
	__u64 out = leads_out(f, t);

	if (times < RARE || preempts(o, out))
		return;
	if (indirect(o, t, out)) {
		if (!calls_programs(f))
			add(to, typical(o), times);
	}
	else if (out)
		add(to, one_call(o, out, depth), times);
}

/* The one remembered, or a new one with *FRESH set. NULL when out of memory. */
static struct call *known_call(struct irqoff *o, __u64 start, int depth, bool *fresh)
{
	struct call_key key = { start, depth };
	struct call *c;

	HASH_FIND(hh, o->calls, &key, sizeof(key), c);
	*fresh = !c;
	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->key = key;
	HASH_ADD(hh, o->calls, key, sizeof(c->key), c);
	return c;
}

/* What one call of the function at START does, with what it calls, DEPTH calls deep. */
static const struct irqoff_mix *one_call(struct irqoff *o, __u64 start, int depth)
{
	static const struct irqoff_mix nothing;
	bool fresh;
	struct call *c = known_call(o, start, depth, &fresh);
	struct irqoff_mix *m;
	struct function *f;

	if (!c)
		return &nothing;
	m = &c->mix;
	if (!fresh)
		return m;
	f = text_function(o->text, start);
	for (__s32 i = 0; f && i < f->nr; i++) {
		if (f->insn[i].freq < RARE)
			continue;
		add_insn(m, &f->insn[i], f->insn[i].freq);
		if (depth)
			add_calls(o, f, &f->insn[i], f->insn[i].freq, depth - 1, m);
	}
	if (f && depth && tracepoint(f))
		add_programs(o, tracepoint(f), depth - 1, m);
	if (m->insns > MOST_INSNS)
		scale(m, MOST_INSNS / m->insns);
	return m;
}

/* The mean of functions from all over the kernel: what a call by a pointer is taken for. */
static void make_typical(struct irqoff *o)
{
	struct irqoff_mix sum = {};
	double n = 0;

	for (int i = 0; i < TYPICAL; i++) {
		struct function *f = text_function(o->text, text_spread(o->text, i, TYPICAL));

		if (!f || f->nr < TYPICAL_LEAST)
			continue;
		add(&sum, one_call(o, f->start, TYPICAL_DEPTH), 1);
		n++;
	}
	if (n > 0)
		scale(&sum, 1 / n);
	o->typical = sum;
}

bool irqoff_ends_at(struct irqoff *o, __u64 ip)
{
	struct function *f = text_function(o->text, ip);
	__s32 i = f ? function_find(f, ip) : -1;

	if (i < 1)
		return false;
	if (f->insn[i - 1].irq == INSN_IRQ_POPF || f->insn[i - 1].irq == INSN_IRQ_ON)
		return true;
	return i > 1 && f->insn[i - 2].irq == INSN_IRQ_ON;
}

/* Calls of these return with interrupts off (include/linux/spinlock.h); their own few
 * instructions are left out. */
static bool takes_irqs(const char *name)
{
	return strstr(name, "lock_irq") && !strstr(name, "unlock");
}

static bool starts_region(struct irqoff *o, const struct function *f, const struct text_insn *t)
{
	struct function *g;

	if (t->irq == INSN_IRQ_OFF)
		return true;
	if (t->flow != INSN_CALL || !t->direct)
		return false;
	g = text_function(o->text, text_leads(f, t));
	return g && takes_irqs(g->name);
}

/* How much of what runs I goes on behind it, and to its target. */
static double goes_on(const struct text_insn *t)
{
	return t->flow == INSN_BRANCH ? 1 - t->taken :
	       t->flow == INSN_NEXT || t->flow == INSN_CALL ? 1 : 0;
}

static double goes_away(const struct text_insn *t)
{
	return t->flow == INSN_BRANCH ? t->taken : t->flow == INSN_JUMP ? 1 : 0;
}

/* What comes back to I over the edge to TO, of which FLOW of I's executions make use. */
static double comes_back(const struct function *f, const double *back, const bool *begins,
			 __s32 i, __s32 to, double flow)
{
	if (to < 0 || to >= f->nr || begins[to] || f->insn[to].freq <= 0)
		return 0;
	return back[to] * flow * f->insn[i].freq / f->insn[to].freq;
}

/* BACK[i]: how often I is met on the way back from END, each edge taken as often as the
 * function runs over it. The way ends where the region BEGINS. */
static void walk_back(const struct function *f, __s32 end, double *back, const bool *begins)
{
	for (int n = 0; n < SWEEPS; n++)
		for (__s32 i = f->nr - 1; i >= 0; i--) {
			const struct text_insn *t = &f->insn[i];

			back[i] = (i == end) +
				  comes_back(f, back, begins, i, i + 1,
					     goes_on(t)) +
				  comes_back(f, back, begins, i, t->target,
					     goes_away(t));
		}
}

/* Add what lies before END in F, MASS times; what of it comes from F's callers. */
static double add_function(struct irqoff *o, const struct function *f, __s32 end, double mass,
			   struct irqoff_mix *out)
{
	double *back = calloc(f->nr, sizeof(*back)), up = 0;
	bool *begins = calloc(f->nr, sizeof(*begins));

	if (back && begins) {
		for (__s32 i = 0; i < f->nr; i++)
			begins[i] = starts_region(o, f, &f->insn[i]);
		walk_back(f, end, back, begins);
		for (__s32 i = 0; i < f->nr; i++) {
			if (begins[i] || back[i] <= 0)
				continue;
			add_insn(out, &f->insn[i], back[i] * mass);
			if (i != end) /* the caller's own call of where it came from */
				add_calls(o, f, &f->insn[i], back[i] * mass, DEPTH, out);
		}
		if (!begins[0] && f->insn[0].freq > 0)
			up = back[0] * mass / f->insn[0].freq;
	}
	free(back);
	free(begins);
	return up;
}

/* Where G ends in a jump to F; -1 nowhere. */
static __s32 tail_call(const struct function *g, const struct function *f)
{
	for (__s32 i = 0; g && i < g->nr; i++)
		if (g->insn[i].flow == INSN_JUMP && text_leads(g, &g->insn[i]) == f->start)
			return i;
	return -1;
}

/* What called F, by the return addresses among the NR words of STACK from *AT on: the
 * function, and the place of the call in *END. Of a call of what ends in a jump to F that
 * is first. NULL when none is found. */
static struct function *caller(struct irqoff *o, const struct function *f, const __u64 *stack,
			       size_t nr, size_t *at, __s32 *end)
{
	for (; *at < nr; (*at)++) {
		__u64 call = stack[*at] - 5, leads; /* e8 and four bytes */
		struct function *g = stack[*at] >> 63 ? text_function(o->text, call) : NULL;
		struct function *between;

		*end = g ? function_find(g, call) : -1;
		if (*end < 0 || g->insn[*end].flow != INSN_CALL)
			continue;
		leads = text_leads(g, &g->insn[*end]);
		if (leads == f->start) {
			(*at)++;
			return g;
		}
		between = leads ? text_function(o->text, leads) : NULL;
		*end = tail_call(between, f);
		if (*end >= 0 && between->start == leads)
			return between;
	}
	return NULL;
}

/* Where the processor itself enters the kernel, interrupts off (arch/x86/entry). */
static bool is_entry(const struct function *f)
{
	return !strncmp(f->name, "entry_", 6) || !strncmp(f->name, "asm_", 4);
}

bool irqoff_before(struct irqoff *o, __u64 ip, const __u64 *stack, size_t nr,
		   struct irqoff_mix *out)
{
	struct function *f = text_function(o->text, ip);
	__s32 end = f ? function_find(f, ip) - 1 : -1;
	double mass = 1;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	if (end < 0)
		return false;
	if (HASH_COUNT(o->calls) > MOST_CALLS)
		forget(o);
	if (f->insn[end].irq == INSN_IRQ_NONE)
		end--; /* in the shadow of STI */
	for (int n = 0; f && end >= 0 && n < CALLERS && mass > 0.01; n++) {
		mass = add_function(o, f, end, mass, out);
		if (is_entry(f))
			mass = 0;
		f = caller(o, f, stack, nr, &at, &end);
	}
	return out->insns > 0 && mass < LOST;
}

struct irqoff *irqoff_create(struct text *text, const struct program *programs, size_t nr)
{
	struct irqoff *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->text = text;
	o->programs = programs;
	o->nr_programs = nr;
	return o;
}
