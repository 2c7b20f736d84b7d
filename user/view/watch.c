/* SPDX-License-Identifier: GPL-2.0 */
#include "view/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "event/json_text.h"
#include "pgtable/region.h"
#include "short_memory.h"
#include "view/json_doc.h"
#include "view/view.h"

static const char *const sizes[] = { "", "4K", "2M", "1G" };

static const char *change_word(const struct watch_line *l)
{
	return l->change.to < l->change.from ? "split" : "collapse";
}

static void begin_text(void *f, const char *how, const char *why)
{
	if (how)
		fprintf(f, "watching the direct map; who changes it is seen by a hook:\n"
			   "  %s of __change_page_attr_set_clr\n", how);
	else
		fprintf(f, "watching the direct map; nothing here tells who changes it:\n  %s\n", why);
	fprintf(f, "%-9s%-9s%-9s%-17s %7s %s\n", "TIME", "CHANGE", "PAGES", "ADDRESS", "PID", "COMM");
	fflush(f);
}

static void line_text(void *f, const struct watch_line *l)
{
	char comm[SAFE_COMM_MAX];

	fprintf(f, "%-9s%-9s%s to %s ", l->clock, change_word(l), sizes[l->change.from],
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

static void end_text(void *f, const struct watch_total *t)
{
	fprintf(f, "%llu splits of 1G pages, %llu of 2M; %llu collapses to 1G, %llu to 2M\n",
		t->splits[1], t->splits[0], t->collapses[1], t->collapses[0]);
	if (t->by_nobody)
		fprintf(f, "nobody is known to have made %llu of these changes\n", t->by_nobody);
	if (t->elsewhere)
		fprintf(f, "%llu further changes were outside the direct map, or undone at once\n",
			t->elsewhere);
	if (t->untold)
		fprintf(f, "%llu further changes came too many at once to be listed\n", t->untold);
	if (t->lost)
		fprintf(f, "%llu events were lost\n", t->lost);
	if (t->unread)
		fprintf(f, "%llu times a GiB could not be read: changes there may be missing here\n",
			t->unread);
}

static void begin_json(void *f, const char *how, const char *why)
{
	struct json_doc d = { .noted = short_memory_noted() };

	d.root = json_pack("{s:i, s:s}", "schema", 1, "type", "watch");
	json_object_set_new(d.root, "hooks", how ? json_string(how) : json_unknown(&d, why, "hooks"));
	json_object_set_new(d.root, "why",
			    how ? json_unknown(&d, "the hooks are there", "why") : json_string(why));
	json_doc_print(&d, f, JSON_COMPACT);
	fflush(f);
}

static json_t *stack_json(const struct watch_stack *s)
{
	json_t *a = json_array();

	for (unsigned int i = 0; i < s->nr; i++)
		json_array_append_new(a, json_string(s->frame[i]));
	return a;
}

/* Who made the change L: null where nobody is known. */
static void maker_json(struct json_doc *d, const struct watch_line *l)
{
	static const char *const keys[] = { "pid", "tid", "comm", "shared" };
	static const char nobody[] = "no hook saw who made this change";
	const struct kvas_dmap_event *e = l->event;

	for (size_t i = 0; !e && i < sizeof(keys) / sizeof(keys[0]); i++)
		json_object_set_new(d->root, keys[i], json_unknown(d, nobody, "%s", keys[i]));
	if (e) {
		json_object_set_new(d->root, "pid", json_integer(e->pid));
		json_object_set_new(d->root, "tid", json_integer(e->tid));
		json_object_set_new(d->root, "comm", json_text(e->comm, sizeof(e->comm)));
		json_object_set_new(d->root, "shared", json_boolean(e->shared));
	}
	json_object_set_new(d->root, "stack",
			    l->stack ? stack_json(l->stack) :
				       json_unknown(d, e ? "it is with the last line of its call" :
							   nobody, "stack"));
}

static void line_json(void *f, const struct watch_line *l)
{
	struct json_doc d = { .noted = short_memory_noted() };

	d.root = json_pack("{s:s, s:I, s:s, s:s, s:o}", "type", change_word(l), "unix_ns",
			   (json_int_t)l->unix_ns, "from", sizes[l->change.from], "to",
			   sizes[l->change.to], "address", json_address(l->change.va));
	json_object_set_new(d.root, "elsewhere",
			    l->elsewhere ? json_string(region_name(l->region)) :
					   json_unknown(&d, "the change is in the direct map",
							"elsewhere"));
	maker_json(&d, l);
	json_doc_print(&d, f, JSON_COMPACT);
}

static void end_json(void *f, const struct watch_total *t)
{
	struct json_doc d = { .noted = short_memory_noted() };

	d.root = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "type", "end",
			   "splits_1g", (json_int_t)t->splits[1], "splits_2m",
			   (json_int_t)t->splits[0], "collapses_1g", (json_int_t)t->collapses[1],
			   "collapses_2m", (json_int_t)t->collapses[0], "by_nobody_known",
			   (json_int_t)t->by_nobody, "elsewhere", (json_int_t)t->elsewhere, "untold",
			   (json_int_t)t->untold, "lost", (json_int_t)t->lost, "unread_gib",
			   (json_int_t)t->unread);
	json_doc_print(&d, f, JSON_COMPACT);
}

static int flush_file(void *f, struct err *e)
{
	return fflush(f) || ferror(f) ? err_set(e, "the output cannot be written: %s", strerror(errno)) :
					0;
}

struct watch_sink view_watch_sink(enum format how, FILE *f)
{
	static const struct watch_sink forms[FORMAT_COUNT] = {
		[FORMAT_TEXT] = { NULL, begin_text, line_text, flush_file, end_text },
		[FORMAT_JSON] = { NULL, begin_json, line_json, flush_file, end_json },
	};
	struct watch_sink sink = forms[how];

	sink.ctx = f;
	return sink;
}
