/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/refusal.h"

static void make_row(struct plan_row *row, plan_attempt attempt, void *ctx)
{
	for (int i = 0; i < HOOK_CANDIDATES && row->hook->candidate[i].how; i++) {
		struct plan_try *t = &row->tried[i];

		if (row->chosen >= 0) {
			t->result = 1;
			continue;
		}
		t->result = attempt(ctx, &row->hook->candidate[i], t->why, sizeof(t->why));
		if (!t->result)
			row->chosen = i;
	}
}

/* No way to attach ROW, which a run cannot do without. Without descriptors none is, whatever the
 * host has. */
static int missing(const struct plan_row *row, struct err *e)
{
	const struct hook *h = row->hook;

	if (row->tried[0].result == -EMFILE || row->tried[0].result == -ENFILE)
		return refusal(e, -row->tried[0].result, "hook '%s' cannot be attached", h->name);
	return err_set_status(e, KVAS_EXIT_HOST, "hook '%s' (%s) cannot be attached: %s; 'kvas hooks' "
			      "shows what this host allows", h->name, h->what, row->tried[0].why);
}

int plan_make(const struct hook *hooks, size_t nr, __u32 emit, plan_attempt attempt, void *ctx,
	      struct plan *out, struct err *e)
{
	int ret = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < nr && i < PLAN_MAX; i++) {
		struct plan_row *row;

		if (!hook_wanted(&hooks[i], emit))
			continue;
		row = &out->row[out->nr++];
		row->hook = &hooks[i];
		row->chosen = -1;
		make_row(row, attempt, ctx);
		if (row->chosen < 0 && row->hook->required && !ret)
			ret = missing(row, e);
	}
	return ret;
}

const struct hook_candidate *plan_chosen(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->nr; i++)
		if (!strcmp(p->row[i].hook->name, name))
			return p->row[i].chosen < 0 ?
				       NULL :
				       &p->row[i].hook->candidate[p->row[i].chosen];
	return NULL;
}

void plan_drop(struct plan *p, size_t row, int error, const char *why)
{
	struct plan_row *r = &p->row[row];
	struct plan_try *t = &r->tried[r->chosen];

	t->result = error;
	snprintf(t->why, sizeof(t->why), "%s", why);
	r->chosen = -1;
}

void plan_drop_stack_hooks(struct plan *p)
{
	for (size_t i = 0; i < p->nr; i++)
		if (p->row[i].chosen >= 0 && hook_needs_thread_size(p->row[i].hook))
			plan_drop(p, i, -ENODATA, "the size of a kernel stack is not known here");
}

bool plan_untried(const struct plan *p)
{
	for (size_t i = 0; i < p->nr; i++)
		for (int k = 0; p->row[i].chosen < 0 && k < HOOK_CANDIDATES; k++)
			if (p->row[i].tried[k].result == 1)
				return true;
	return false;
}

static void row_to_meta(const struct plan_row *row, struct hook_info *h)
{
	const struct hook_candidate *c = &row->hook->candidate[0];

	memset(h, 0, sizeof(*h));
	snprintf(h->name, sizeof(h->name), "%s", row->hook->name);
	if (row->chosen < 0) {
		snprintf(h->how, sizeof(h->how), "none");
		snprintf(h->provenance, sizeof(h->provenance), "none");
	} else {
		c = &row->hook->candidate[row->chosen];
		snprintf(h->how, sizeof(h->how), "%s %s", attach_how_name(c->how), c->target);
		snprintf(h->provenance, sizeof(h->provenance), "%s",
			 c->derived ? "derived" : "observed");
	}
	if (row->chosen)
		snprintf(h->why, sizeof(h->why), "%s", row->tried[0].why);
}

void plan_to_meta(const struct plan *p, struct meta *m)
{
	m->nr_hooks = 0;
	for (size_t i = 0; i < p->nr && m->nr_hooks < META_MAX_HOOKS; i++)
		row_to_meta(&p->row[i], &m->hooks[m->nr_hooks++]);
}
