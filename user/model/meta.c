/* SPDX-License-Identifier: GPL-2.0 */
#include "model/meta.h"

#include <stdio.h>
#include <string.h>

enum answer meta_kpti_writes(const struct host_info *h)
{
	return h->kpti_by_hypervisor == ANSWER_YES ? ANSWER_UNKNOWN : h->kpti;
}

const char *meta_kpti_writes_why(const struct host_info *h)
{
	return h->kpti_by_hypervisor == ANSWER_YES ?
		       "the hypervisor changes tables at kernel entries: user tables map no entry code" :
		       "whether KPTI is on is not known";
}

void meta_add_loss(struct meta *m, const char *cause, const char *what, __u64 count)
{
	struct loss_info *l;

	for (unsigned int i = 0; i < m->nr_losses; i++) {
		l = &m->losses[i];
		if (!strcmp(l->cause, cause) && !strcmp(l->what, what)) {
			l->count += count;
			return;
		}
	}
	if (m->nr_losses == META_MAX_LOSSES) {
		l = &m->losses[META_MAX_LOSSES - 1];
		snprintf(l->cause, sizeof(l->cause), "other");
		snprintf(l->what, sizeof(l->what), "other");
		l->count += count;
		return;
	}
	l = &m->losses[m->nr_losses++];
	snprintf(l->cause, sizeof(l->cause), "%s", cause);
	snprintf(l->what, sizeof(l->what), "%s", what);
	l->count = count;
}

const struct hook_info *meta_hook(const struct meta *m, const char *name)
{
	for (unsigned int i = 0; i < m->nr_hooks; i++)
		if (!strcmp(m->hooks[i].name, name))
			return &m->hooks[i];
	return NULL;
}

bool meta_attached(const struct meta *m, enum hook_id hook)
{
	const struct hook_info *h = meta_hook(m, hook_table[hook].name);

	return h && strcmp(h->provenance, "none");
}

bool meta_derived(const struct meta *m, enum hook_id hook)
{
	const struct hook_info *h = meta_hook(m, hook_table[hook].name);

	return h && !strcmp(h->provenance, "derived");
}

const char *meta_cut_why(const struct meta *m)
{
	if (m->complete != ANSWER_NO)
		return NULL;
	return m->under_way ? "the recording is still being made" : "the recording is cut short";
}
