/* SPDX-License-Identifier: GPL-2.0 */
#include "access/irqoff.h"

#include <stdlib.h>
#include <string.h>

#include "model/kernel_functions.h"

#define DEPTH 12 /* of calls followed */
#define LOST 0.5 /* of a region, not found: too much to tell the rest from it */
#define CALLERS 4 /* functions up from where interrupts came on */
#define SWEEPS 12

struct irqoff {
	struct text *text;
	struct calls *calls;
};

struct irqoff *irqoff_create(struct text *text, const struct program *programs, size_t nr)
{
	struct irqoff *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->text = text;
	o->calls = calls_create(text, programs, nr);
	if (!o->calls) {
		free(o);
		return NULL;
	}
	return o;
}

void irqoff_destroy(struct irqoff *o)
{
	if (o)
		calls_destroy(o->calls);
	free(o);
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

static bool starts_region(struct irqoff *o, const struct function *f, const struct text_insn *t)
{
	struct function *g;

	if (t->irq == INSN_IRQ_OFF)
		return true;
	if (t->flow != INSN_CALL || !t->direct)
		return false;
	g = text_function(o->text, text_leads(f, t));
	return g && kfunc_in(KFUNC_TAKES_IRQS, g->name);
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
			   struct mix *out)
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
			mix_add_insn(out, &f->insn[i], back[i] * mass);
			if (i != end) /* the caller's own call of where it came from */
				calls_add(o->calls, f, &f->insn[i], back[i] * mass, DEPTH, out);
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

bool irqoff_before(struct irqoff *o, __u64 ip, const __u64 *stack, size_t nr,
		   struct mix *out)
{
	struct function *f = text_function(o->text, ip);
	__s32 end = f ? function_find(f, ip) - 1 : -1;
	double mass = 1;
	size_t at = 0;

	memset(out, 0, sizeof(*out));
	if (end < 0)
		return false;
	calls_trim(o->calls);
	if (f->insn[end].irq == INSN_IRQ_NONE)
		end--; /* in the shadow of STI */
	for (int n = 0; f && end >= 0 && n < CALLERS && mass > 0.01; n++) {
		mass = add_function(o, f, end, mass, out);
		if (kfunc_in(KFUNC_ENTRY, f->name))
			mass = 0;
		f = caller(o, f, stack, nr, &at, &end);
	}
	return out->insns > 0 && mass < LOST;
}
