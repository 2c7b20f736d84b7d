/* SPDX-License-Identifier: GPL-2.0 */
#include "view/layout.h"

#include <inttypes.h>
#include <jansson.h>

#include "event/json_text.h"
#include "model/regions.h"
#include "view/format.h"
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
	fprintf(f, "capital: something is mapped there; small: room of a region, nothing mapped;\n"
		   "* several regions, . none. L ldt, D direct_map, V vmalloc, P vmemmap, K kasan,\n"
		   "C cpu_entry_area, E espfix, X efi, I kernel_image, M modules, F fixmap\n\n");
}

static void row(FILE *f, const struct layout_view *v, enum kvas_region r)
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
	if (r != KVAS_REGION_OTHER)
		fprintf(f, "    base: %s\n", view_layout_how(v, r, how));
	if (why)
		fprintf(f, "    room: %s\n", why);
}

/* In order of address; those whose place is not known last. */
static void rows(FILE *f, const struct layout_view *v)
{
	__u64 start, end, next, at = 0;
	int shown = 0;

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
		row(f, v, best);
		shown |= 1 << best;
		at = next;
	}
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (!(shown >> r & 1) &&
		    (r == KVAS_REGION_VMALLOC || r == KVAS_REGION_VMEMMAP ||
		     region_use_bytes(&v->survey.region[r])))
			row(f, v, r);
}

static void kaslr(FILE *f, const struct layout_view *v)
{
	struct kaslr_move moves[KASLR_MOVES];
	__s64 base = v->survey.phys_base;
	char size[FORMAT_MAX];

	fprintf(f, "\nKASLR %s; moved up from the place without it:\n",
		answer_on_off(v->host->kaslr));
	view_layout_moves(v, moves);
	for (int i = 0; i < KASLR_MOVES; i++)
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

void view_layout_text(FILE *f, const struct layout_view *v)
{
	char time[FORMAT_MAX];
	__u64 wx = 0;

	fprintf(f, "kvas layout: Linux %s %s\n%d-level page tables, KPTI %s\n\n", v->host->kernel,
		v->host->arch, v->host->layout.levels, answer_on_off(v->host->kpti));
	strips(f, v);
	rows(f, v);
	kaslr(f, v);
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		wx += v->survey.region[r].writable_executable;
	fprintf(f, "\n%llu tables read in %s; %llu bytes both writable and executable\n",
		v->survey.tables_read, format_ns(time, v->survey_ns), wx);
	if (v->survey.changed)
		fprintf(f, "%llu entries changed meanwhile and were read again\n", v->survey.changed);
	if (v->survey.unread)
		fprintf(f, "%llu ranges could not be read: what is mapped is a lower bound\n",
			v->survey.unread);
}

static json_t *region_json(const struct layout_view *v, enum kvas_region r)
{
	const struct region_use *u = &v->survey.region[r];
	__u64 start, end, bytes = region_use_bytes(u);
	bool known = view_layout_bounds(v, r, &start, &end);
	char how[LAYOUT_HOW_MAX];
	json_t *o = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", region_name(r), "use",
			      region_use(r), "how", view_layout_how(v, r, how), "start",
			      known ? json_address(start) : json_null(), "end",
			      known ? json_address(end) : json_null(), "bytes",
			      known ? json_integer(end - start) : json_null());

	json_object_set_new(o, "bytes_at_least", json_boolean(region_at_least(&v->host->layout, r)));
	/* Of user memory there is as much as there are processes. */
	if (r == KVAS_REGION_USER)
		return o;
	json_object_update_new(
		o, json_pack("{s:I, s:{s:I, s:I, s:I}, s:I, s:o, s:o}", "mapped_bytes",
			     (json_int_t)bytes, "leaves", "4k", (json_int_t)u->leaves[0], "2m",
			     (json_int_t)u->leaves[1], "1g", (json_int_t)u->leaves[2],
			     "writable_executable_bytes", (json_int_t)u->writable_executable,
			     "first_mapped", bytes ? json_address(u->first) : json_null(), "last_mapped",
			     bytes ? json_address(u->end - 1) : json_null()));
	return o;
}

static json_t *bool_or_null(enum answer a)
{
	return a == ANSWER_UNKNOWN ? json_null() : json_boolean(a == ANSWER_YES);
}

void view_layout_json(FILE *f, const struct layout_view *v)
{
	const struct layout *l = &v->host->layout;
	json_t *regions = json_array(), *offsets = json_object(), *root;
	struct kaslr_move moves[KASLR_MOVES];
	__u64 start, end;

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (view_layout_bounds(v, r, &start, &end) ||
		    region_use_bytes(&v->survey.region[r]) || r == KVAS_REGION_VMALLOC ||
		    r == KVAS_REGION_VMEMMAP)
			json_array_append_new(regions, region_json(v, r));
	view_layout_moves(v, moves);
	for (int i = 0; i < KASLR_MOVES; i++)
		json_object_set_new(offsets, moves[i].name,
				    moves[i].known ? json_address(moves[i].by) : json_null());
	root = json_pack("{s:i, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "kernel",
			 v->host->kernel, "paging_levels", l->levels, "kpti",
			 bool_or_null(v->host->kpti), "kaslr", bool_or_null(v->host->kaslr),
			 "page_offset", json_address(l->page_offset), "text",
			 l->text_base ? json_address(l->text_base) : json_null(), "phys_base",
			 v->survey.phys_base_known ? json_address(v->survey.phys_base) : json_null(),
			 "kaslr_offsets", offsets, "regions", regions);
	json_object_update_new(root, json_pack("{s:{s:I, s:I, s:I, s:I}}", "survey", "tables_read",
					       (json_int_t)v->survey.tables_read, "changed",
					       (json_int_t)v->survey.changed, "unread_ranges",
					       (json_int_t)v->survey.unread, "ns",
					       (json_int_t)v->survey_ns));
	json_dumpf(root, f, JSON_INDENT(1));
	fputc('\n', f);
	json_decref(root);
}
