/* SPDX-License-Identifier: GPL-2.0 */
#include "access/text.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "model/kernel_functions.h"

#define MAX_BYTES 32768 /* of a function */
#define PAGE 4096
#define PROLOGUE 24 /* bytes */
#define BUDGET 100000 /* instructions kept; 36 bytes each */
/* Of Ball and Larus's branch heuristics the loop rule: a branch back is taken so often. */
#define TAKEN_BACK 0.8
#define TAKEN_ON 0.3 /* compilers let the likely path fall through */
#define UNUSUAL 0.1
#define UNLIKELY 0.02
#define SWEEPS 12

struct entry {
	struct function f;
	UT_hash_handle hh;
};

struct text {
	const struct symbols *symbols;
	text_read_fn read;
	void *ctx;
	struct entry *known;
	__u64 kept; /* instructions */
};

struct text *text_create(const struct symbols *symbols, text_read_fn read, void *ctx)
{
	struct text *t = calloc(1, sizeof(*t));

	if (t)
		*t = (struct text){ .symbols = symbols, .read = read, .ctx = ctx };
	return t;
}

static void forget_functions(struct text *t)
{
	struct entry *e, *next;

	HASH_ITER(hh, t->known, e, next) {
		HASH_DEL(t->known, e);
		free(e->f.insn);
		free(e);
	}
	t->kept = 0;
}

void text_destroy(struct text *t)
{
	if (t)
		forget_functions(t);
	free(t);
}

void text_trim(struct text *t)
{
	if (t->kept <= BUDGET)
		return;
	forget_functions(t);
	malloc_trim(0); /* many small pieces that would stay resident */
}

__u64 text_leads(const struct function *f, const struct text_insn *i)
{
	return i->direct ? f->start + i->leads : 0;
}

__s32 function_find(const struct function *f, __u64 ip)
{
	__s32 low = 0, high = f->nr;
	__u64 at = ip - f->start;

	while (low < high) {
		__s32 mid = (low + high) / 2;

		if (f->insn[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low < f->nr && f->insn[low].at == at ? low : -1;
}

/* Is rbp the frame pointer: push %rbp; mov %rsp,%rbp near the start? Kernels built with
 * CONFIG_FRAME_POINTER and BPF programs (arch/x86/net/bpf_jit_comp.c) have one. */
static bool has_frame(const __u8 *code, size_t len)
{
	return memmem(code, len < PROLOGUE ? len : PROLOGUE, "\x55\x48\x89\xe5", 4);
}

static void put_insn(struct text_insn *i, const struct insn *in, __u64 start, bool frame,
		     __u32 at)
{
	*i = (struct text_insn){ .at = at, .target = -1, .flow = in->flow, .irq = in->irq,
				 .waits = in->waits, .direct = in->target != 0,
				 .leads = in->target ? (__s64)(in->target - start) : 0 };
	for (int n = 0; n < in->nr; n++) {
		const struct insn_access *a = &in->access[n];

		int base = frame && a->frame ? KVAS_BASE_STACK : a->base;

		i->load[base] += a->load * a->times;
		i->store[base] += a->store * a->times;
	}
}

static int make_room(struct function *f, size_t *room)
{
	struct text_insn *more;

	if ((size_t)f->nr < *room)
		return 0;
	*room = *room ? *room * 2 : 64;
	more = realloc(f->insn, *room * sizeof(*more));
	if (!more)
		return -1;
	f->insn = more;
	return 0;
}

/* Straight on from the start; padding and what does not decode ends a path. */
static int sweep(struct function *f, const __u8 *code, size_t len)
{
	bool frame = has_frame(code, len);
	size_t room = 0;
	struct insn_form form;

	for (size_t at = 0; at < len; at += form.in.length) {
		if (make_room(f, &room))
			return -1;
		if (insn_parse(&form, code + at, len - at, f->start + at)) {
			form.in.length = 1;
			form.in.flow = INSN_STOP;
		}
		put_insn(&f->insn[f->nr++], &form.in, f->start, frame, at);
	}
	return f->nr ? 0 : -1;
}

/* Growing by doubles left room behind the last. */
static void give_back(struct function *f)
{
	struct text_insn *less = realloc(f->insn, f->nr * sizeof(*less));

	if (less)
		f->insn = less;
}

/* Does the path at I soon end in a trap? Those are what should not happen. */
static bool traps(const struct function *f, __s32 i)
{
	for (int n = 0; n < 4 && i < f->nr; n++, i++) {
		if (f->insn[i].flow == INSN_STOP)
			return true;
		if (f->insn[i].flow != INSN_NEXT)
			return false;
	}
	return i >= f->nr;
}

/* Does the path at I soon call a function that is called when something is wrong? */
static bool alarms(const struct text *t, const struct function *f, __s32 i)
{
	struct symbol s;
	__u64 end;

	for (int n = 0; n < 10 && i < f->nr; n++, i++) {
		if (f->insn[i].flow == INSN_CALL && f->insn[i].direct) {
			return symbols_at(t->symbols, text_leads(f, &f->insn[i]), &s, &end) &&
			       kfunc_in(KFUNC_ALARM, s.name);
		}
		if (f->insn[i].flow != INSN_NEXT)
			return false;
	}
	return false;
}

/* Does the path at I, should no branch leave it, soon call what a switch from a task that
 * was in user mode does, its registers being live (arch/x86/include/asm/fpu/sched.h)? */
static bool saves_fpu(const struct text *t, const struct function *f, __s32 i)
{
	struct symbol s;
	__u64 end;

	for (int n = 0; n < 10 && i < f->nr; n++, i++) {
		if (f->insn[i].flow == INSN_CALL)
			return f->insn[i].direct &&
			       symbols_at(t->symbols, text_leads(f, &f->insn[i]), &s, &end) &&
			       kfunc_in(KFUNC_SAVES_FPU, s.name);
		if (f->insn[i].flow != INSN_NEXT && f->insn[i].flow != INSN_BRANCH)
			return false;
	}
	return false;
}

static void find_target(struct function *f, struct text_insn *t)
{
	__u64 leads = text_leads(f, t);

	if (leads < f->start || leads >= f->end)
		return;
	t->target = function_find(f, leads);
	/* A call of the instruction behind it or so only fills the return stack buffer. */
	if (t->flow == INSN_CALL && leads != f->start)
		t->flow = INSN_JUMP;
}

/* Can FROM's path come to TO? SEEN holds a byte an instruction; PATHS room for as many. */
static bool reaches(const struct function *f, __s32 from, __s32 to, __u8 *seen, __s32 *paths)
{
	__s32 nr = 0;

	memset(seen, 0, f->nr);
	paths[nr++] = from;
	while (nr) {
		for (__s32 i = paths[--nr]; i < f->nr && !seen[i]; i++) {
			const struct text_insn *t = &f->insn[i];

			if (i == to)
				return true;
			seen[i] = 1;
			if (t->target >= 0 && t->flow != INSN_CALL && !seen[t->target])
				paths[nr++] = t->target;
			if (t->flow != INSN_NEXT && t->flow != INSN_CALL &&
			    t->flow != INSN_BRANCH)
				break;
		}
	}
	return false;
}

static void guess(const struct text *text, struct function *f, __s32 i, __u8 *seen,
		  __s32 *paths)
{
	struct text_insn *t = &f->insn[i];

	if (t->flow != INSN_BRANCH)
		return;
	if (t->target < 0 || traps(f, t->target)) /* a ".cold" part lies outside */
		t->taken = 0;
	else if (traps(f, i + 1))
		t->taken = 1;
	else if (alarms(text, f, t->target))
		t->taken = UNLIKELY;
	else if (alarms(text, f, i + 1))
		t->taken = 1 - UNLIKELY;
	else if (saves_fpu(text, f, t->target))
		t->taken = 1 - UNUSUAL;
	else if (saves_fpu(text, f, i + 1))
		t->taken = UNUSUAL;
	else if (t->target > i || !reaches(f, t->target, i, seen, paths))
		t->taken = TAKEN_ON; /* also back from a part put out of line */
	else
		t->taken = kfunc_in(KFUNC_RETRIES, f->name) ? UNLIKELY : TAKEN_BACK;
}

static int guess_all(const struct text *t, struct function *f)
{
	__u8 *seen = malloc(f->nr);
	__s32 *paths = malloc((f->nr + 1) * sizeof(*paths));
	int bad = !seen || !paths;

	for (__s32 i = 0; i < f->nr; i++)
		find_target(f, &f->insn[i]);
	for (__s32 i = 0; !bad && i < f->nr; i++)
		guess(t, f, i, seen, paths);
	free(seen);
	free(paths);
	return bad ? -1 : 0;
}

/* What flows from I to the instruction behind it. */
static double falls(const struct text_insn *t)
{
	switch (t->flow) {
	case INSN_NEXT:
	case INSN_CALL:
		return 1;
	case INSN_BRANCH:
		return 1 - t->taken;
	default:
		return 0;
	}
}

static double jumps(const struct text_insn *t)
{
	if (t->target < 0)
		return 0;
	return t->flow == INSN_JUMP ? 1 : t->flow == INSN_BRANCH ? t->taken : 0;
}

static int frequencies(struct function *f)
{
	double *in = calloc(f->nr, sizeof(*in));

	if (!in)
		return -1;
	for (int round = 0; round < SWEEPS; round++) {
		double next = 1; /* a call begins at the start */

		for (__s32 i = 0; i < f->nr; i++) {
			f->insn[i].freq = next + in[i];
			in[i] = 0;
			next = f->insn[i].freq * falls(&f->insn[i]);
			if (jumps(&f->insn[i]) > 0)
				in[f->insn[i].target] += f->insn[i].freq * jumps(&f->insn[i]);
		}
	}
	free(in);
	return 0;
}

/* Page by page: that is what a read may ask for. */
static int read_code(const struct text *t, __u64 va, __u8 *code, size_t len)
{
	for (size_t at = 0, n; at < len; at += n) {
		n = PAGE - (va + at) % PAGE;
		if (n > len - at)
			n = len - at;
		if (t->read(t->ctx, va + at, code + at, n))
			return -1;
	}
	return 0;
}

static int build_function(struct text *t, struct function *f)
{
	size_t len = f->end - f->start;
	__u8 *code;
	int bad;

	if (len > MAX_BYTES)
		len = MAX_BYTES;
	code = malloc(len);
	if (!code)
		return -1;
	f->end = f->start + len;
	bad = read_code(t, f->start, code, len) || sweep(f, code, len);
	free(code);
	if (bad || guess_all(t, f) || frequencies(f))
		return -1;
	give_back(f);
	return 0;
}

struct function *text_function(struct text *t, __u64 ip)
{
	struct symbol s;
	struct entry *e;
	__u64 end;

	if (!symbols_at(t->symbols, ip, &s, &end))
		return NULL;
	HASH_FIND(hh, t->known, &s.start, sizeof(s.start), e);
	if (!e) {
		HASH_MAKE(t->known, f.start, &s.start, sizeof(s.start), e);
		if (!e)
			return NULL;
		e->f.end = end;
		e->f.name = s.name;
		if (build_function(t, &e->f)) {
			free(e->f.insn);
			e->f.insn = NULL; /* remembered as one that cannot be had */
			e->f.nr = 0;
		}
		t->kept += e->f.nr;
	}
	return e->f.nr && ip < e->f.end ? &e->f : NULL;
}

__u64 text_spread(const struct text *t, size_t i, size_t n)
{
	return symbols_nth(t->symbols, symbols_count(t->symbols) * i / n);
}

__u64 text_find(const struct text *t, const char *name)
{
	return symbols_find(t->symbols, name);
}
