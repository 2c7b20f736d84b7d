/* SPDX-License-Identifier: GPL-2.0 */
#include "view/watch.h"

#include <inttypes.h>
#include <jansson.h>

#include "event/json_text.h"
#include "view/view.h"
#include "pgtable/region.h"

static const char *const sizes[] = { "", "4K", "2M", "1G" };

static const char *what(const struct watch_line *l)
{
	return l->change.to < l->change.from ? "split" : "collapse";
}

void view_watch_head_text(FILE *f, const char *how, const char *why)
{
	if (how)
		fprintf(f, "watching the direct map, who changes it by %s of __change_page_attr_set_clr\n",
			how);
	else
		fprintf(f, "watching the direct map; who changes it is unknown here:\n  %s\n", why);
	fprintf(f, "%-9s%-9s%-9s%-17s %7s %s\n", "TIME", "WHAT", "PAGES", "ADDRESS", "PID", "COMM");
}

void view_watch_line_text(FILE *f, const struct watch_line *l)
{
	char comm[VIEW_COMM_MAX];

	fprintf(f, "%-9s%-9s%s to %s ", l->clock, what(l), sizes[l->change.from],
		sizes[l->change.to]);
	fprintf(f, "%016" PRIx64 "  ", (uint64_t)l->change.va);
	if (l->event)
		fprintf(f, "%7u %.24s\n", l->event->pid, safe_comm(comm, l->event->comm));
	else
		fprintf(f, "%7s\n", "unknown");
	if (l->elsewhere)
		fprintf(f, "         not in the direct map (an address of %s), or undone since\n",
			region_name(l->region));
	for (unsigned int i = 0; l->stack && i < l->stack->nr; i++)
		fprintf(f, "           %.69s\n", l->stack->frame[i]);
	if (l->stack && l->event->shared)
		fprintf(f, "           (others changed mappings at the same time)\n");
}

void view_watch_end_text(FILE *f, const struct watch_total *t)
{
	fprintf(f, "%llu splits of 1G, %llu of 2M; %llu collapses to 1G, %llu to 2M; %llu of them by\n"
		   "nobody known; %llu elsewhere\n",
		t->splits[1], t->splits[0], t->collapses[1], t->collapses[0], t->by_nobody,
		t->elsewhere);
	if (t->untold)
		fprintf(f, "%llu more changes were too many at once to be told\n", t->untold);
	if (t->lost)
		fprintf(f, "%llu events were lost\n", t->lost);
	if (t->unread)
		fprintf(f, "%llu times a GiB could not be read: what changed there may not be told\n",
			t->unread);
}

static void dump(FILE *f, json_t *o)
{
	json_dumpf(o, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(o);
}

void view_watch_head_json(FILE *f, const char *how, const char *why)
{
	dump(f, json_pack("{s:i, s:s, s:s?, s:s?}", "schema", 1, "type", "watch", "hooks", how, "why",
			  how ? NULL : why));
}

static json_t *stack_json(const struct watch_stack *s)
{
	json_t *a = json_array();

	for (unsigned int i = 0; i < s->nr; i++)
		json_array_append_new(a, json_string(s->frame[i]));
	return a;
}

void view_watch_line_json(FILE *f, const struct watch_line *l)
{
	const struct kvas_dmap_event *e = l->event;
	json_t *o = json_pack("{s:s, s:I, s:s, s:s, s:o, s:s?}", "type", what(l), "unix_ns",
			      (json_int_t)l->unix_ns, "from", sizes[l->change.from], "to",
			      sizes[l->change.to], "address",
			      json_address(l->change.va), "elsewhere",
			      l->elsewhere ? region_name(l->region) : NULL);

	json_object_set_new(o, "pid", e ? json_integer(e->pid) : json_null());
	json_object_set_new(o, "tid", e ? json_integer(e->tid) : json_null());
	json_object_set_new(o, "comm", e ? json_text(e->comm, sizeof(e->comm)) : json_null());
	json_object_set_new(o, "shared", e ? json_boolean(e->shared) : json_null());
	json_object_set_new(o, "stack", l->stack ? stack_json(l->stack) : json_null());
	dump(f, o);
}

void view_watch_end_json(FILE *f, const struct watch_total *t)
{
	dump(f, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "type", "end", "splits_1g",
			  (json_int_t)t->splits[1], "splits_2m", (json_int_t)t->splits[0],
			  "collapses_1g", (json_int_t)t->collapses[1], "collapses_2m",
			  (json_int_t)t->collapses[0], "by_nobody_known", (json_int_t)t->by_nobody,
			  "elsewhere", (json_int_t)t->elsewhere, "untold", (json_int_t)t->untold, "lost",
			  (json_int_t)t->lost, "unread_gib", (json_int_t)t->unread));
}
