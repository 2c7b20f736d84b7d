/* SPDX-License-Identifier: GPL-2.0 */
#include "view/vmalloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event/json_text.h"
#include "model/format.h"
#include "model/words.h"
#include "view/document.h"
#include "view/json_doc.h"

#define PAGE_KB 4

static const char *const gap_names[GAPS] = { "vmalloc", "modules" };

/* Areas that have something in common. */
struct area_sum {
	enum kvas_area_type type;
	const char *caller; /* NULL: a type as a whole */
	__u64 areas, bytes, pages, large;
	__u64 walked, contiguous; /* areas whose pages were looked at, and those that are one piece */
};

static void add_area(struct area_sum *s, const struct vmap_row *row)
{
	s->areas++;
	s->bytes += row->bytes;
	s->pages += row->pages;
	s->large += row->large;
	s->walked += row->runs != 0;
	s->contiguous += row->runs == 1;
}

static int by_caller(const void *a, const void *b)
{
	const struct vmap_row *const *x = a, *const *y = b;
	int order = strcmp((*x)->caller, (*y)->caller);

	return order ? order : (int)(*x)->type - (int)(*y)->type;
}

static int by_size(const void *a, const void *b)
{
	const struct area_sum *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return x->bytes > y->bytes ? -1 : x->bytes < y->bytes;
}

/* A sum for each caller and type, the most pages first. The caller frees; NULL: no memory. */
static struct area_sum *callers_of(const struct vmaps *v, size_t *nr)
{
	const struct vmap_row **row = calloc(v->nr + 1, sizeof(*row));
	struct area_sum *sum = calloc(v->nr + 1, sizeof(*sum));
	size_t used = 0;

	for (size_t i = 0; row && sum && i < v->nr; i++)
		if (v->row[i].type != KVAS_AREA_FREED)
			row[used++] = &v->row[i];
	*nr = 0;
	if (used)
		qsort(row, used, sizeof(*row), by_caller);
	for (size_t i = 0; i < used; i++) {
		if (!i || by_caller(&row[i - 1], &row[i]))
			sum[(*nr)++] = (struct area_sum){ .type = row[i]->type, .caller = row[i]->caller };
		add_area(&sum[*nr - 1], row[i]);
	}
	if (*nr)
		qsort(sum, *nr, sizeof(*sum), by_size);
	if (!row) {
		free(sum);
		sum = NULL;
	}
	free(row);
	return sum;
}

static void types_of(const struct vmaps *v, struct area_sum sum[KVAS_AREA_END], struct area_sum *all)
{
	memset(sum, 0, KVAS_AREA_END * sizeof(*sum));
	memset(all, 0, sizeof(*all));
	for (size_t i = 0; i < v->nr; i++) {
		sum[v->row[i].type].type = v->row[i].type;
		add_area(&sum[v->row[i].type], &v->row[i]);
		if (v->row[i].type != KVAS_AREA_FREED)
			add_area(all, &v->row[i]);
	}
}

/* Pages that vmalloc allocated: what VmallocUsed counts. */
static __u64 own_pages(const struct vmaps *v)
{
	__u64 pages = 0;

	for (size_t i = 0; i < v->nr; i++)
		if (v->row[i].type >= KVAS_AREA_VMALLOC && v->row[i].type <= KVAS_AREA_MODULE)
			pages += v->row[i].pages;
	return pages;
}

static void sum_text(FILE *f, const char *name, const struct area_sum *s)
{
	char room[FORMAT_MAX], memory[FORMAT_MAX], areas[FORMAT_MAX], pieces[2 * FORMAT_MAX];

	snprintf(pieces, sizeof(pieces), "%llu of %llu", s->contiguous, s->walked);
	fprintf(f, "%-12s%10s%13s", name, format_count(areas, s->areas), format_bytes(room, s->bytes));
	if (s->pages)
		fprintf(f, "%13s", format_bytes(memory, s->pages * PAGE_KB * 1024));
	if (s->walked)
		fprintf(f, "%18s", pieces);
	fputc('\n', f);
}

static void types_text(FILE *f, const struct vmaps *v)
{
	struct area_sum sum[KVAS_AREA_END], all;

	types_of(v, sum, &all);
	fprintf(f, "%-12s%10s%13s%13s%s\n", "type", "areas", "addresses", "pages",
		v->addresses ? "      in one piece" : "");
	for (int t = 1; t < KVAS_AREA_END; t++)
		if (sum[t].areas && t != KVAS_AREA_FREED)
			sum_text(f, word_area_type_name(t), &sum[t]);
	sum_text(f, "all", &all);
	if (sum[KVAS_AREA_FREED].areas)
		sum_text(f, "freed", &sum[KVAS_AREA_FREED]);
}

static void callers_text(FILE *f, const struct vmaps *v, int top)
{
	char room[FORMAT_MAX], memory[FORMAT_MAX], areas[FORMAT_MAX], safe[KVAS_FUNCTION_LEN * 4];
	struct area_sum *sum;
	size_t nr;

	sum = callers_of(v, &nr);
	fprintf(f, "\n%-34s%-12s%8s%13s%13s\n", "caller", "type", "areas", "addresses", "pages");
	for (size_t i = 0; sum && i < nr && i < (size_t)top; i++)
		fprintf(f, "%-34.33s%-12s%8s%13s%13s\n",
			*sum[i].caller ? safe_text(safe, sum[i].caller) : "(not told)",
			word_area_type_name(sum[i].type), format_count(areas, sum[i].areas),
			format_bytes(room, sum[i].bytes),
			sum[i].pages ? format_bytes(memory, sum[i].pages * PAGE_KB * 1024) : "");
	if (nr > (size_t)top)
		fprintf(f, "and %zu more (--top N, or --format json)\n", nr - top);
	free(sum);
}

static void gaps_text(FILE *f, const struct vmalloc_view *v)
{
	char size[FORMAT_MAX];

	for (int g = 0; g < GAPS; g++)
		if (v->gap[g].known)
			fprintf(f, "largest gap in %s: %s at %016" PRIx64 "\n", gap_names[g],
				format_bytes(size, v->gap[g].bytes), (uint64_t)v->gap[g].at);
	if (!v->maps.addresses)
		fprintf(f, "Addresses are hidden (kernel.kptr_restrict), so gaps and pieces are unknown.\n");
	else
		fprintf(f, "An allocation that finds no gap as large fails (\"vmap allocation for size\").\n");
}

static void vmalloc_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct vmalloc_view *v = what;
	char used[FORMAT_MAX], own[FORMAT_MAX];

	fprintf(f, "kvas vmalloc: Linux %s %s, areas by %s\n\n", v->host->kernel, v->host->arch,
		v->maps.by_bpf ? "BPF" : VMALLOCINFO);
	types_text(f, &v->maps);
	if (v->used_known)
		fprintf(f, "\nVmallocUsed %s kB; vmalloc's pages in these areas %s kB\n",
			format_count(used, v->used_kb), format_count(own, own_pages(&v->maps) * PAGE_KB));
	gaps_text(f, v);
	if (v->maps.unwalked)
		fprintf(f, "%llu pages were not looked at: too many, or the area went meanwhile\n",
			v->maps.unwalked);
	callers_text(f, &v->maps, o->top < 0 ? 1 << 30 : o->top);
}

static json_t *sum_json(struct json_doc *d, const struct vmaps *v, const struct area_sum *s, const char *path)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I}", "type", word_area_type_name(s->type), "areas",
			      (json_int_t)s->areas, "bytes", (json_int_t)s->bytes, "pages",
			      (json_int_t)s->pages, "large_pages", (json_int_t)s->large);

	json_object_set_new(o, "contiguous_areas",
			    v->addresses ? json_integer(s->contiguous) :
					   json_unknown(d, "addresses are hidden", "%s[].contiguous_areas", path));
	if (s->caller)
		json_object_set_new(o, "caller",
				    *s->caller ? json_text(s->caller, KVAS_FUNCTION_LEN) :
						 json_unknown(d, "the kernel does not say", "%s[].caller", path));
	return o;
}

static json_t *area_json(struct json_doc *d, const struct vmap_row *r)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I}", "type", word_area_type_name(r->type), "bytes",
			      (json_int_t)r->bytes, "pages", (json_int_t)r->pages, "large_pages",
			      (json_int_t)r->large);

	json_object_set_new(o, "start", r->start ? json_address(r->start) :
						   json_unknown(d, "addresses are hidden", "areas[].start"));
	json_object_set_new(o, "caller", *r->caller ? json_text(r->caller, sizeof(r->caller)) :
						      json_unknown(d, "the kernel does not say", "areas[].caller"));
	json_object_set_new(o, "physical", r->phys ? json_address(r->phys) :
						     json_unknown(d, "it is no device's", "areas[].physical"));
	json_object_set_new(o, "pieces", r->runs ? json_integer(r->runs) :
						   json_unknown(d, "its pages were not looked at, or it has none of "
								   "its own", "areas[].pieces"));
	return o;
}

static json_t *gaps_json(struct json_doc *d, const struct vmalloc_view *v)
{
	json_t *o = json_object(), *gap;

	for (int g = 0; g < GAPS; g++) {
		gap = v->gap[g].known ?
			      json_pack("{s:I, s:o}", "bytes", (json_int_t)v->gap[g].bytes, "start",
					json_address(v->gap[g].at)) :
			      json_unknown(d, v->maps.addresses ? "where the region lies is not known" :
								  "addresses are hidden",
					   "largest_gap.%s", gap_names[g]);
		json_object_set_new(o, gap_names[g], gap);
	}
	return o;
}

static void vmalloc_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct vmalloc_view *v = what;
	json_t *types = json_array(), *callers = json_array(), *areas = json_array();
	struct area_sum sum[KVAS_AREA_END], all, *by;
	struct json_doc d = { 0 };
	size_t nr;

	(void)o;
	types_of(&v->maps, sum, &all);
	for (int t = 1; t < KVAS_AREA_END; t++)
		if (sum[t].areas)
			json_array_append_new(types, sum_json(&d, &v->maps, &sum[t], "types"));
	by = callers_of(&v->maps, &nr);
	for (size_t i = 0; by && i < nr; i++)
		json_array_append_new(callers, sum_json(&d, &v->maps, &by[i], "callers"));
	free(by);
	for (size_t i = 0; i < v->maps.nr; i++)
		json_array_append_new(areas, area_json(&d, &v->maps.row[i]));
	d.root = json_pack("{s:i, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:I, s:I}", "schema", 1, "kernel",
			   v->host->kernel, "source", v->maps.by_bpf ? "bpf" : "vmallocinfo", "addresses",
			   v->maps.addresses, "types", types, "callers", callers, "areas", areas,
			   "largest_gap", gaps_json(&d, v), "pages_kb",
			   (json_int_t)(own_pages(&v->maps) * PAGE_KB), "unwalked_pages",
			   (json_int_t)v->maps.unwalked);
	json_object_set_new(d.root, "vmalloc_used_kb",
			    v->used_known ? json_integer(v->used_kb) :
					    json_unknown(&d, "/proc/meminfo has no such line", "vmalloc_used_kb"));
	json_doc_print(&d, f, JSON_INDENT(1));
}

const struct document document_vmalloc = {
	"vmalloc", { [FORMAT_TEXT] = vmalloc_as_text, [FORMAT_JSON] = vmalloc_as_json }
};
