/* SPDX-License-Identifier: GPL-2.0 */
#include "view/layout.h"

#include <inttypes.h>

#include "event/json_text.h"
#include "model/regions.h"
#include "model/wrap.h"
#include "model/format.h"
#include "view/json_doc.h"
#include "view/view.h"

static bool overlaps(const struct layout_view *v, enum kvas_region r, __u64 first, __u64 last)
{
	__u64 start, end;

	return view_layout_bounds(v, r, &start, &end) && start <= last && end - 1 >= first;
}

/* One character of a strip: what is mapped there, else whose room it is. */
static char column(const struct layout_view *v, const struct strip *s, int i)
{
	__u64 bytes = s->bytes / STRIP_COLUMNS, first = s->start + i * bytes;
	char c = '.';

	if (s->mapped[i] & (s->mapped[i] - 1))
		return '*';
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (s->mapped[i])
			c = s->mapped[i] >> r & 1 ? region_letter(r) : c;
		else if (overlaps(v, r, first, first + bytes - 1))
			c = region_letter(r) - 'A' + 'a';
	return c;
}

/* What the letters of the strips mean. */
static void legend(FILE *f)
{
	struct wrap w = { .f = f };
	char entry[40];

	wrap_paragraph(f, 0, "a capital letter: memory is mapped there; a small one: the region has "
			     "its room there, nothing is mapped; '*' several regions are mapped, "
			     "'.' no region");
	for (int r = KVAS_REGION_USER + 1; r < KVAS_REGION_COUNT; r++) {
		snprintf(entry, sizeof(entry), "%c=%s", region_letter(r),
			 region_name(r));
		if (region_letter(r) != '?')
			wrap_text(&w, entry);
	}
	wrap_end(&w);
	fputc('\n', f);
}

static void strips(FILE *f, const struct layout_view *v)
{
	static const char *const titles[STRIPS] = { "the kernel's half", "its last 512 GiB",
						    "its last 2 GiB" };
	char size[FORMAT_MAX];

	for (int s = 0; s < STRIPS; s++) {
		const struct strip *strip = &v->survey.strip[s];

		fprintf(f, "%s, from 0x%" PRIx64 ": a column is %s\n  |", titles[s],
			(uint64_t)strip->start,
			format_bytes(size, strip->bytes / STRIP_COLUMNS));
		for (int i = 0; i < STRIP_COLUMNS; i++)
			fputc(column(v, strip, i), f);
		fprintf(f, "|\n");
	}
	legend(f);
}

/* TEXT behind LABEL, continued below the text's first word. */
static void labelled(FILE *f, const char *label, const char *text)
{
	int indent = fprintf(f, "%s", label);
	struct wrap w = { f, indent, indent };

	wrap_text(&w, text);
	wrap_end(&w);
}

static void region_text(FILE *f, const struct layout_view *v, enum kvas_region r)
{
	const struct region_use *u = &v->survey.region[r];
	char size[FORMAT_MAX] = "?", bytes[FORMAT_MAX], begins[24] = "unknown", how[LAYOUT_HOW_MAX];
	char room[FORMAT_MAX + 2];
	const char *why = view_layout_room(v, r);
	__u64 start, end;
	bool known = view_layout_bounds(v, r, &start, &end);

	if (known) {
		format_bytes(size, end - start);
		snprintf(begins, sizeof(begins), "%016" PRIx64, (uint64_t)start);
	}
	snprintf(room, sizeof(room), "%s%s", region_at_least(&v->host->layout, r) ? ">=" : "", size);
	fprintf(f, "%-15s%-16s%11s", region_name(r), begins, room);
	if (r == KVAS_REGION_USER)
		fprintf(f, "  per process: kvas pgd -p PID\n");
	else
		fprintf(f, "%9s %8llu %7llu %7llu\n", format_bytes(bytes, region_use_bytes(u)),
			u->leaves[0], u->leaves[1], u->leaves[2]);
	fprintf(f, "    %s\n", region_use(r));
	if (!view_layout_fixed(r))
		labelled(f, "    base: ", view_layout_how(v, r, how));
	if (why)
		labelled(f, "    room: ", why);
}

/* In order of address; regions whose place is not known come last. */
static void regions_text(FILE *f, const struct layout_view *v)
{
	__u64 start, end, next, at = 0;
	int shown = 0;

	fprintf(f, "A region without a line \"base\" begins where the architecture fixes it.\n");
	fprintf(f, "%-15s%-16s%11s%9s %8s %7s %7s\n", "region", "begins at", "room", "mapped",
		"4K", "2M", "1G");
	for (;;) {
		int best = -1;

		next = ~0ULL;
		for (int r = 0; r < KVAS_REGION_COUNT; r++)
			if (view_layout_bounds(v, r, &start, &end) && !(shown >> r & 1) &&
			    start >= at && start < next) {
				best = r;
				next = start;
			}
		if (best < 0)
			break;
		region_text(f, v, best);
		shown |= 1 << best;
		at = next;
	}
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (!(shown >> r & 1) &&
		    (r == KVAS_REGION_VMALLOC || r == KVAS_REGION_VMEMMAP ||
		     region_use_bytes(&v->survey.region[r])))
			region_text(f, v, r);
}

static void kaslr_text(FILE *f, const struct layout_view *v)
{
	struct kaslr_move moves[KASLR_MOVES];
	__s64 base = v->survey.phys_base;
	char size[FORMAT_MAX];
	bool moved = false;

	view_layout_moves(v, moves);
	for (int i = 0; i < KASLR_MOVES; i++)
		moved |= !moves[i].known || moves[i].by;
	fprintf(f, "\nKASLR %s; %s\n", answer_on_off(v->host->kaslr),
		moved ? "each begins this far above its place without KASLR:" :
			"each region begins at its place without KASLR");
	for (int i = 0; moved && i < KASLR_MOVES; i++)
		if (moves[i].known)
			fprintf(f, "  %-13s 0x%llx (%s)\n", moves[i].name, moves[i].by,
				format_bytes(size, moves[i].by));
		else
			fprintf(f, "  %-13s unknown\n", moves[i].name);
	/* Where the image is below its place without KASLR, this is negative. */
	if (v->survey.phys_base_known)
		fprintf(f, "  phys_base     %s0x%llx: for the image physical = address\n"
			   "                - 0xffffffff80000000 + phys_base\n",
			base < 0 ? "-" : "", base < 0 ? -base : base);
	else
		fprintf(f, "  phys_base     unknown: no page of the image was met\n");
}

static void layout_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct layout_view *v = what;
	char time[FORMAT_MAX];
	__u64 wx = 0;

	(void)o;
	fprintf(f, "kvas layout: Linux %s %s\n%d-level page tables, KPTI %s\n\n", v->host->kernel,
		v->host->arch, v->host->layout.levels, answer_on_off(v->host->kpti));
	strips(f, v);
	regions_text(f, v);
	kaslr_text(f, v);
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		wx += v->survey.region[r].writable_executable;
	fprintf(f, "\n%llu tables were read in %s; %llu bytes are both writable and executable\n",
		v->survey.tables_read, format_ns(time, v->survey_ns), wx);
	if (v->survey.changed)
		fprintf(f, "%llu entries changed meanwhile and were read again\n", v->survey.changed);
	if (v->survey.unread)
		fprintf(f, "%llu ranges could not be read: more may be mapped than is said here\n",
			v->survey.unread);
}

/* Where nothing of a region is mapped. */
static json_t *mapped_address(struct json_doc *d, bool any, __u64 va, const char *key)
{
	return any ? json_address(va) :
		     json_unknown(d, "nothing is mapped in the region", "regions[].%s", key);
}

static json_t *region_json(struct json_doc *d, const struct layout_view *v, enum kvas_region r)
{
	const struct region_use *u = &v->survey.region[r];
	__u64 start, end, bytes = region_use_bytes(u);
	bool known = view_layout_bounds(v, r, &start, &end);
	const char *why = r == KVAS_REGION_OTHER ? "it is whatever no other region holds" :
						   "where the region begins is not known";
	char how[LAYOUT_HOW_MAX];
	json_t *o = json_pack("{s:s, s:s, s:s}", "name", region_name(r), "use", region_use(r), "how",
			      view_layout_how(v, r, how));

	json_object_set_new(o, "start", known ? json_address(start) :
						json_unknown(d, why, "regions[].start"));
	json_object_set_new(o, "end", known ? json_address(end) : json_unknown(d, why, "regions[].end"));
	json_object_set_new(o, "bytes", known ? json_integer(end - start) :
						json_unknown(d, why, "regions[].bytes"));
	json_object_set_new(o, "bytes_at_least", json_boolean(region_at_least(&v->host->layout, r)));
	/* Of user memory there is as much as there are processes. */
	if (r == KVAS_REGION_USER)
		return o;
	json_object_update_new(
		o, json_pack("{s:I, s:{s:I, s:I, s:I}, s:I, s:o, s:o}", "mapped_bytes",
			     (json_int_t)bytes, "leaves", "4k", (json_int_t)u->leaves[0], "2m",
			     (json_int_t)u->leaves[1], "1g", (json_int_t)u->leaves[2],
			     "writable_executable_bytes", (json_int_t)u->writable_executable,
			     "first_mapped", mapped_address(d, bytes, u->first, "first_mapped"),
			     "last_mapped", mapped_address(d, bytes, u->end - 1, "last_mapped")));
	return o;
}

static json_t *regions_json(struct json_doc *d, const struct layout_view *v)
{
	json_t *regions = json_array();
	__u64 start, end;

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (view_layout_bounds(v, r, &start, &end) ||
		    region_use_bytes(&v->survey.region[r]) || r == KVAS_REGION_VMALLOC ||
		    r == KVAS_REGION_VMEMMAP)
			json_array_append_new(regions, region_json(d, v, r));
	return regions;
}

static json_t *offsets_json(struct json_doc *d, const struct layout_view *v)
{
	json_t *offsets = json_object();
	struct kaslr_move moves[KASLR_MOVES];

	view_layout_moves(v, moves);
	for (int i = 0; i < KASLR_MOVES; i++)
		json_object_set_new(offsets, moves[i].name,
				    moves[i].known ? json_address(moves[i].by) :
				    json_unknown(d, "where it begins is not known",
						 "kaslr_offsets.%s", moves[i].name));
	return offsets;
}

static void layout_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct layout_view *v = what;
	const struct layout *l = &v->host->layout;
	const struct survey *s = &v->survey;
	struct json_doc d = { 0 };

	(void)o;
	d.root = json_pack("{s:i, s:s, s:i, s:o, s:o, s:o}", "schema", 1, "kernel", v->host->kernel,
			   "paging_levels", l->levels, "kpti",
			   json_answer(&d, v->host->kpti, v->host->kpti_how, "kpti"), "kaslr",
			   json_answer(&d, v->host->kaslr, v->host->layout_how, "kaslr"),
			   "page_offset", json_address(l->page_offset));
	json_object_set_new(d.root, "text",
			    l->text_base ? json_address(l->text_base) :
					   json_unknown(&d, v->host->layout_how, "text"));
	json_object_set_new(d.root, "phys_base",
			    s->phys_base_known ? json_address(s->phys_base) :
						 json_unknown(&d, "no page of the image was met",
							      "phys_base"));
	json_object_set_new(d.root, "kaslr_offsets", offsets_json(&d, v));
	json_object_set_new(d.root, "regions", regions_json(&d, v));
	json_object_set_new(d.root, "thread_size",
			    v->host->thread_size ?
				    json_integer(v->host->thread_size) :
				    json_unknown(&d, "BTF and the depth of a system call's stack do not tell it",
						 "thread_size"));
	json_object_set_new(d.root, "survey",
			    json_pack("{s:I, s:I, s:I, s:I}", "tables_read",
				      (json_int_t)s->tables_read, "changed", (json_int_t)s->changed,
				      "unread_ranges", (json_int_t)s->unread, "ns",
				      (json_int_t)v->survey_ns));
	json_doc_print(&d, f, JSON_INDENT(1));
}

const struct document document_layout = {
	"layout", { [FORMAT_TEXT] = layout_as_text, [FORMAT_JSON] = layout_as_json }
};
