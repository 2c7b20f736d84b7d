/* SPDX-License-Identifier: GPL-2.0 */
#include "access/calls.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "model/kernel_functions.h"

#define RARE 1e-3 /* executions a call, of what is not followed */
#define MOST_INSNS 20000 /* of one call: a loop guessed wrong shall not outweigh all */
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
	struct mix mix;
	UT_hash_handle hh;
};

struct calls {
	struct text *text;
	const struct program *programs;
	size_t nr_programs;
	struct call *known;
	struct mix typical; /* of a function that cannot be named */
	bool typical_known;
	__u64 target[KFUNC_USUAL][KFUNC_TARGETS]; /* 0 this kernel has no such function */
};

static void forget_calls(struct calls *o)
{
	struct call *c, *next;

	HASH_FREE(o->known, c, next);
}

struct calls *calls_create(struct text *text, const struct program *programs, size_t nr)
{
	struct calls *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	*o = (struct calls){ .text = text, .programs = programs, .nr_programs = nr };
	for (size_t i = 0; i < KFUNC_USUAL; i++)
		for (int k = 0; k < KFUNC_TARGETS && kfunc_usual[i].targets[k]; k++) {
			/* Sets are named more than once; looking a name up is slow. */
			if (i > 1 && kfunc_usual[i].targets == kfunc_usual[i - 1].targets)
				o->target[i][k] = o->target[i - 1][k];
			else
				o->target[i][k] = text_find(text, kfunc_usual[i].targets[k]);
		}
	return o;
}

void calls_destroy(struct calls *o)
{
	if (o)
		forget_calls(o);
	free(o);
}

void calls_trim(struct calls *o)
{
	if (HASH_COUNT(o->known) > MOST_CALLS)
		forget_calls(o);
}

static void mix_add(struct mix *to, const struct mix *m, double times)
{
	for (int b = 0; b < KVAS_BASE_END; b++) {
		to->load[b] += m->load[b] * times;
		to->store[b] += m->store[b] * times;
	}
	to->insns += m->insns * times;
}

static void scale(struct mix *m, double by)
{
	struct mix all = *m;

	memset(m, 0, sizeof(*m));
	mix_add(m, &all, by);
}

void mix_add_insn(struct mix *to, const struct text_insn *i, double times)
{
	for (int b = 0; b < KVAS_BASE_END; b++) {
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

static bool indirect(struct calls *o, const struct text_insn *t, __u64 out)
{
	struct function *g;

	if (!out)
		return t->flow == INSN_CALL;
	g = text_function(o->text, out);
	return g && kfunc_in(KFUNC_INDIRECT_THUNK, g->name);
}

static const struct mix *one_call(struct calls *o, __u64 start, int depth);
static void make_typical(struct calls *o);

static const struct mix *typical(struct calls *o)
{
	if (!o->typical_known) {
		o->typical_known = true; /* what it has of its kind counts as nothing */
		make_typical(o);
	}
	return &o->typical;
}

/* With interrupts off no one preempts: preempt_enable() finds nothing to do. And what
 * prints and waits when something is wrong would outweigh all, rare as it is. */
static bool does_nothing(struct calls *o, __u64 out)
{
	struct function *g = out ? text_function(o->text, out) : NULL;

	return g && (kfunc_in(KFUNC_PREEMPTS, g->name) || kfunc_in(KFUNC_ALARM, g->name));
}

/* What the BPF programs at TRACEPOINT do. */
static void add_programs(struct calls *o, const char *tracepoint, int depth,
			 struct mix *to)
{
	for (size_t i = 0; i < o->nr_programs; i++)
		if (!strcmp(o->programs[i].tracepoint, tracepoint))
			mix_add(to, one_call(o, o->programs[i].start, depth), 1);
}

/* What F does by a pointer to a function, TIMES. */
static void add_indirect(struct calls *o, const struct function *f, double times, int depth,
			 struct mix *to)
{
	int row = kfunc_usual_of(f->name), n = 0;

	if (kfunc_in(KFUNC_CALLS_PROGRAMS, f->name))
		return; /* add_programs knows better */
	for (int k = 0; row >= 0 && k < KFUNC_TARGETS; k++)
		n += o->target[row][k] != 0;
	/* Of a loop over pointers one leads somewhere, as a rule: a class, a listener. */
	if (times > 1)
		times = 1;
	if (!n)
		mix_add(to, typical(o), times);
	for (int k = 0; n && k < KFUNC_TARGETS; k++)
		if (o->target[row][k])
			mix_add(to, one_call(o, o->target[row][k], depth), times / n);
}

void calls_add(struct calls *o, const struct function *f, const struct text_insn *t, double times,
	       int depth, struct mix *to)
{
	__u64 out = leads_out(f, t);

	if (times < RARE || does_nothing(o, out))
		return;
	if (indirect(o, t, out))
		add_indirect(o, f, times, depth, to);
	else if (out)
		mix_add(to, one_call(o, out, depth), times);
}

/* The one remembered, or a new one with *FRESH set. NULL when out of memory. */
static struct call *known_call(struct calls *o, __u64 start, int depth, bool *fresh)
{
	struct call_key key = { start, depth };
	struct call *c;

	HASH_FIND(hh, o->known, &key, sizeof(key), c);
	*fresh = !c;
	if (!c)
		HASH_MAKE(o->known, key, &key, sizeof(key), c);
	return c;
}

/* What one call of the function at START does, with what it calls, DEPTH calls deep. */
static const struct mix *one_call(struct calls *o, __u64 start, int depth)
{
	static const struct mix nothing;
	bool fresh;
	struct call *c = known_call(o, start, depth, &fresh);
	struct mix *m;
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
		mix_add_insn(m, &f->insn[i], f->insn[i].freq);
		if (depth)
			calls_add(o, f, &f->insn[i], f->insn[i].freq, depth - 1, m);
	}
	if (f && depth && kfunc_tracepoint(f->name))
		add_programs(o, kfunc_tracepoint(f->name), depth - 1, m);
	if (m->insns > MOST_INSNS)
		scale(m, MOST_INSNS / m->insns);
	return m;
}

/* The mean of functions from all over the kernel: what a call by a pointer is taken for. */
static void make_typical(struct calls *o)
{
	struct mix sum = {};
	double n = 0;

	for (int i = 0; i < TYPICAL; i++) {
		struct function *f = text_function(o->text, text_spread(o->text, i, TYPICAL));

		if (!f || f->nr < TYPICAL_LEAST)
			continue;
		mix_add(&sum, one_call(o, f->start, TYPICAL_DEPTH), 1);
		n++;
	}
	if (n > 0)
		scale(&sum, 1 / n);
	o->typical = sum;
}
