/* SPDX-License-Identifier: GPL-2.0 */
#include "view/walk.h"

#include <inttypes.h>
#include <string.h>

#include "event/json_text.h"
#include "pgtable/entry.h"
#include "model/format.h"
#include "model/wrap.h"
#include "view/json_doc.h"
#include "view/view.h"

static bool user_half(const struct walk_view *v)
{
	return !paging_kernel_half(paging_of(v->layout.levels), v->va);
}

static const char *size_name(__u64 bytes)
{
	return bytes == 4096 ? "4K" : bytes == 1 << 21 ? "2M" : bytes == 1 << 22 ? "4M" : "1G";
}

/* What the entry says that the walk ONE ended at, where that is a hole. */
static struct absent absent(const struct walk_view *v, const struct walk_one *one)
{
	return walk_absent(paging_of(v->layout.levels), &one->walk, v->va);
}

/* By enum entry_absent: the state in JSON, and in text of the entry. */
static const struct {
	const char *state, *entry;
} absences[] = {
	[ABSENT_EMPTY] = { "not_mapped", "not present" },
	[ABSENT_PROT_NONE] = { "prot_none", "PROT_NONE" },
	[ABSENT_SPLITTING] = { "splitting", "being split" },
	[ABSENT_SWAPPED] = { "swapped", "swap entry" },
	[ABSENT_MOVED] = { "moved", "special entry" },
	[ABSENT_UNKNOWN] = { "unknown", "not present" },
};

static const char *entry_text(const struct walk_view *v, const struct walk_step *s, char *flags)
{
	const struct paging *p = paging_of(v->layout.levels);

	if (s->entry & X86_PTE_P)
		return entry_flags(p, s->entry, s->level, user_half(v), flags);
	return absences[user_half(v) ? entry_absent(p, s->entry, s->level).what : ABSENT_EMPTY].entry;
}

static void step_text(FILE *f, const struct walk_view *v, const struct walk_step *s)
{
	const struct paging *p = paging_of(v->layout.levels);
	char flags[ENTRY_FLAGS_MAX];

	fprintf(f, "  %s[%3u] at %016" PRIx64 "  %016" PRIx64 "  %s\n",
		entry_level_name(s->level, v->layout.levels), s->index,
		(uint64_t)(s->table_va + s->index * p->entry_bytes), (uint64_t)s->entry,
		entry_text(v, s, flags));
}

static void leaf_text(FILE *f, const struct paging *p, const struct walk *w)
{
	const struct walk_step *s = &w->step[w->nr_steps - 1];
	struct access a = walk_access(p, w);

	fprintf(f, "  physical 0x%" PRIx64 ", in a %s page, %s\n", (uint64_t)w->pa,
		size_name(w->leaf_bytes), entry_memory_type(p, s->entry, s->level));
	fprintf(f, "  all levels together: %s, %s, %s\n", a.write ? "writable" : "read-only",
		a.user ? "user mode may use it" : "kernel mode only",
		a.execute ? "executable" : "not executable");
}

static void hole_text(FILE *f, const struct walk_view *v, const struct walk_one *one)
{
	const struct walk_step *s = &one->walk.step[one->walk.nr_steps - 1];
	struct absent a = absent(v, one);

	switch (a.what) {
	case ABSENT_PROT_NONE:
		fprintf(f, "  PROT_NONE: physical 0x%" PRIx64 ", in a %s page that is in memory; any\n"
			   "  access faults (mprotect, or a NUMA hint)\n", (uint64_t)a.pa,
			size_name(paging_bytes(paging_of(v->layout.levels), s->level)));
		break;
	case ABSENT_SPLITTING:
		fprintf(f, "  the kernel is splitting this %s page: physical 0x%" PRIx64 "\n",
			size_name(paging_bytes(paging_of(v->layout.levels), s->level)), (uint64_t)a.pa);
		break;
	case ABSENT_SWAPPED:
		fprintf(f, "  swapped out: swap area %u, page 0x%" PRIx64 " of it\n", a.type,
			(uint64_t)a.offset);
		break;
	case ABSENT_MOVED:
		fprintf(f, "  not mapped: an entry of type %u, offset 0x%" PRIx64 ", is no swap area's (the\n"
			   "  kernel's mark for migration, poison, a device or userfaultfd)\n", a.type,
			(uint64_t)a.offset);
		break;
	case ABSENT_EMPTY:
	case ABSENT_UNKNOWN:
		fprintf(f, "  not mapped: the walk ends at the %s\n",
			entry_level_name(s->level, v->layout.levels));
	}
}

static void one_text(FILE *f, const struct walk_view *v, const struct walk_one *one,
		     const char *title)
{
	const struct walk *w = &one->walk;

	if (title)
		fprintf(f, "%s\n", title);
	for (int i = 0; i < w->nr_steps; i++)
		step_text(f, v, &w->step[i]);
	switch (one->outcome) {
	case WALK_UNREADABLE:
		fprintf(f, "  the walk ends here: the next table cannot be read, or the entry is "
			   "malformed\n");
		return;
	case WALK_CHANGING:
		fprintf(f, "  these entries changed while they were read: unknown\n");
		return;
	case WALK_DONE:
		break;
	}
	if (w->leaf_level)
		leaf_text(f, paging_of(v->layout.levels), w);
	else if (w->nr_steps)
		hole_text(f, v, one);
}

static void alias_text(FILE *f, const struct walk_view *v)
{
	if (!v->alias || v->alias == v->va)
		return;
	if (v->aliased == ANSWER_YES)
		fprintf(f, "  the same byte in the direct map: 0x%016" PRIx64 "\n",
			(uint64_t)v->alias);
	else if (v->aliased == ANSWER_NO)
		fprintf(f, "  not in the direct map: 0x%016" PRIx64 " is not mapped there\n",
			(uint64_t)v->alias);
	else
		fprintf(f, "  in the direct map it would be at 0x%016" PRIx64 ": unknown, the\n"
			   "  tables there could not be read\n", (uint64_t)v->alias);
}

static void walk_text(FILE *f, const struct walk_view *v)
{
	char comm[SAFE_COMM_MAX], safe[WALK_WORDS * 4 + 1];

	fprintf(f, "0x%016" PRIx64 " in %s, by the tables of ", (uint64_t)v->va,
		region_name(region_of(&v->layout, v->va)));
	if (v->borrowed)
		fprintf(f, "kvas (%u has none)\n", v->pid);
	else
		fprintf(f, "%u (%s)\n", v->pid, safe_comm(comm, v->comm));
	if (v->symbol[0])
		fprintf(f, v->nearest ? "nearest symbol before: %.56s\n" : "symbol %.70s\n",
			safe_text(safe, v->symbol));
	one_text(f, v, &v->table, v->has_user_table ? "the table that the kernel runs on" : NULL);
	alias_text(f, v);
	if (v->has_user_table)
		one_text(f, v, &v->user_table, "the table that user mode runs on (KPTI)");
	else if (v->kpti == ANSWER_UNKNOWN)
		fprintf(f, "whether user mode has a table of its own (KPTI) is unknown:\n  %.78s\n",
			v->kpti_how);
}

static bool flag_occurs(const struct walks_view *v, const char *flag)
{
	char flags[ENTRY_FLAGS_MAX + 2] = " ", word[8];

	snprintf(word, sizeof(word), " %s ", flag);
	for (size_t i = 0; i < v->nr; i++) {
		const struct walk_view *one = &v->walk[i];

		for (int n = 0; n < one->table.walk.nr_steps; n++) {
			const struct walk_step *s = &one->table.walk.step[n];

			entry_flags(paging_of(one->layout.levels), s->entry, s->level, user_half(one), flags + 1);
			strcat(flags, " ");
			if (strstr(flags, word))
				return true;
		}
	}
	return false;
}

/* What the letters mean, of those that occur. */
static void legend_text(FILE *f, const struct walks_view *v)
{
	static const char *const flags[][2] = {
		{ "P", "present" }, { "W", "writable" }, { "U", "user" }, { "A", "accessed" },
		{ "D", "dirty" }, { "G", "global" }, { "PS", "large page" }, { "NX", "no execute" },
	};
	struct wrap w = { .f = f };
	char line[160] = "";
	size_t at = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flag_occurs(v, flags[i][0]))
			at += snprintf(line + at, sizeof(line) - at, "%s%s %s", at ? ", " : "", flags[i][0],
				       flags[i][1]);
	wrap_phrases(&w, line);
	wrap_end(&w);
}

static void walk_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct walks_view *v = what;

	(void)o;
	for (size_t i = 0; i < v->nr; i++) {
		if (i)
			fputc('\n', f);
		walk_text(f, &v->walk[i]);
	}
	legend_text(f, v);
}

static json_t *step_json(const struct walk_view *v, const struct walk_step *s)
{
	char flags[ENTRY_FLAGS_MAX];

	return json_pack("{s:i, s:s, s:o, s:i, s:o, s:s}", "level", s->level, "name",
			 entry_level_name(s->level, v->layout.levels), "table", json_address(s->table_va),
			 "index", (int)s->index, "entry", json_address(s->entry), "flags",
			 entry_flags(paging_of(v->layout.levels), s->entry, s->level, user_half(v),
				     flags));
}

/* Why a walk says nothing of a page. */
static const char *no_page(const struct walk_one *one)
{
	switch (one->outcome) {
	case WALK_UNREADABLE:
		return "the walk ended at a table that cannot be read, or at a malformed entry";
	case WALK_CHANGING:
		return "the entries changed while they were read";
	default:
		return "the address is not mapped";
	}
}

/* Why no page is swapped out there, or where it is. */
static void swap_json(struct json_doc *d, json_t *o, const struct walk_view *v,
		      const struct walk_one *one, const char *table)
{
	static const char why[] = "only a page that was moved has it";
	struct absent a = absent(v, one);
	bool moved = one->outcome == WALK_DONE && (a.what == ABSENT_SWAPPED || a.what == ABSENT_MOVED);

	json_object_set_new(o, "swap_type", moved ? json_integer(a.type) :
			    json_unknown(d, why, "walks[].%s.swap_type", table));
	json_object_set_new(o, "swap_offset", moved ? json_integer(a.offset) :
			    json_unknown(d, why, "walks[].%s.swap_offset", table));
}

static const char *state_word(const struct walk_view *v, const struct walk_one *one)
{
	if (one->outcome != WALK_DONE)
		return "unknown";
	return one->walk.leaf_level ? "mapped" : absences[absent(v, one).what].state;
}

/* What the page at the end of the walk ONE, the walk's TABLE, is. */
static void leaf_json(struct json_doc *d, json_t *o, const struct walk_view *v,
		      const struct walk_one *one, const char *table)
{
	const struct paging *p = paging_of(v->layout.levels);
	static const char *const keys[] = { "physical", "leaf_bytes", "write", "user", "execute",
					    "memory_type" };
	const struct walk *w = &one->walk;
	struct access a = walk_access(p, w);
	struct absent hole = absent(v, one);
	bool kept = hole.what == ABSENT_PROT_NONE || hole.what == ABSENT_SPLITTING;

	if (one->outcome == WALK_DONE && kept) {
		json_object_set_new(o, "physical", json_address(hole.pa));
		json_object_set_new(o, "leaf_bytes",
				    json_integer(paging_bytes(p, w->step[w->nr_steps - 1].level)));
	}
	if (one->outcome != WALK_DONE || !w->leaf_level) {
		for (size_t i = one->outcome == WALK_DONE && kept ? 2 : 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			json_object_set_new(o, keys[i], json_unknown(d, no_page(one), "walks[].%s.%s",
								     table, keys[i]));
		return;
	}
	json_object_set_new(o, "physical", json_address(w->pa));
	json_object_set_new(o, "leaf_bytes", json_integer(w->leaf_bytes));
	json_object_set_new(o, "write", json_boolean(a.write));
	json_object_set_new(o, "user", json_boolean(a.user));
	json_object_set_new(o, "execute", json_boolean(a.execute));
	json_object_set_new(o, "memory_type",
			    json_string(entry_memory_type(p, w->step[w->nr_steps - 1].entry,
							  w->leaf_level)));
}

static json_t *table_json(struct json_doc *d, const struct walk_view *v, const struct walk_one *one,
			  const char *table)
{
	static const char *const outcomes[] = { [WALK_DONE] = "done",
						[WALK_UNREADABLE] = "unreadable",
						[WALK_CHANGING] = "changing" };
	const struct walk *w = &one->walk;
	json_t *steps = json_array(), *o;

	for (int i = 0; i < w->nr_steps; i++)
		json_array_append_new(steps, step_json(v, &w->step[i]));
	o = json_pack("{s:o, s:s}", "steps", steps, "outcome", outcomes[one->outcome]);
	json_object_set_new(o, "mapped",
			    one->outcome == WALK_DONE ?
				    json_boolean(w->leaf_level) :
				    json_unknown(d, no_page(one), "walks[].%s.mapped", table));
	json_object_set_new(o, "state", json_string(state_word(v, one)));
	leaf_json(d, o, v, one, table);
	swap_json(d, o, v, one, table);
	return o;
}

static void symbol_json(struct json_doc *d, json_t *o, const struct walk_view *v)
{
	const char *const none = v->symbol[0] ? "the address may be in something else than the symbol "
						"before it" : "no symbol is known there";

	json_object_set_new(o, "symbol",
			    v->symbol[0] && !v->nearest ? json_text(v->symbol, strlen(v->symbol)) :
							  json_unknown(d, none, "walks[].symbol"));
	json_object_set_new(o, "nearest_symbol",
			    v->nearest ? json_text(v->symbol, strlen(v->symbol)) :
					 json_unknown(d, v->symbol[0] ? "the address is in a symbol" :
									none,
						      "walks[].nearest_symbol"));
}

static void alias_json(struct json_doc *d, json_t *o, const struct walk_view *v)
{
	const char *const why = !v->alias ? no_page(&v->table) :
				v->alias == v->va ? "the address itself is in the direct map" :
				v->aliased == ANSWER_NO ? "the direct map does not map this memory" :
				"the tables of the direct map could not be read there";

	json_object_set_new(o, "direct_map_alias",
			    v->aliased == ANSWER_YES && v->alias != v->va ?
				    json_address(v->alias) :
				    json_unknown(d, why, "walks[].direct_map_alias"));
	json_object_set_new(o, "in_direct_map",
			    json_answer(d, v->aliased, why, "walks[].in_direct_map"));
}

static json_t *walk_json(struct json_doc *d, const struct walk_view *v)
{
	json_t *o = json_pack("{s:o, s:o, s:i, s:o, s:s}", "asked",
			      json_text(v->asked, strlen(v->asked)), "address", json_address(v->va),
			      "pid", (int)v->pid, "comm", json_text(v->comm, KVAS_COMM_LEN), "region",
			      region_name(region_of(&v->layout, v->va)));

	json_object_set_new(o, "table_of", json_string(v->borrowed ? "kvas" : "process"));
	symbol_json(d, o, v);
	alias_json(d, o, v);
	json_object_set_new(o, "table", table_json(d, v, &v->table, "table"));
	json_object_set_new(o, "user_table",
			    v->has_user_table ? table_json(d, v, &v->user_table, "user_table") :
			    json_unknown(d, v->kpti == ANSWER_NO ? "KPTI is off: there is one table" :
								   v->kpti_how,
					 "walks[].user_table"));
	return o;
}

static void walk_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct walks_view *v = what;
	const struct walk_view *first = v->walk;
	json_t *walks = json_array();
	struct json_doc d = { 0 };

	(void)o;
	for (size_t i = 0; i < v->nr; i++)
		json_array_append_new(walks, walk_json(&d, &v->walk[i]));
	d.root = json_pack("{s:i, s:s, s:i, s:o, s:o}", "schema", 1, "kernel", first->kernel,
			   "paging_levels", first->layout.levels, "kpti",
			   json_answer(&d, first->kpti, first->kpti_how, "kpti"), "walks", walks);
	json_doc_print(&d, f, JSON_INDENT(1));
}

const struct document document_walks = {
	"walks", { [FORMAT_TEXT] = walk_as_text, [FORMAT_JSON] = walk_as_json }
};
