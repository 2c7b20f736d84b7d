/* SPDX-License-Identifier: GPL-2.0 */
#include "view/dmap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kvas/x86.h"
#include "event/json_text.h"
#include "model/format.h"
#include "short_memory.h"
#include "view/json_doc.h"

static const char *const sizes[] = { "4K", "2M", "1G" };

static __u64 kilobytes(const struct dmap *d, int i)
{
	return d->leaves[i] * (d->page_bytes[i] >> 10);
}

static __u64 total_kb(const struct dmap *d)
{
	return kilobytes(d, 0) + kilobytes(d, 1) + kilobytes(d, 2);
}

struct dmap_difference view_dmap_difference(const struct dmap_view *v, int i)
{
	/* split_page_count() counts every split of mapped memory, whichever mapping of it
	 * (__split_large_page(), arch/x86/mm/pat/set_memory.c, 5.10 to 7.2). */
	__s64 image = v->dmap.image_splits * 2048, missing = 0;
	struct dmap_difference d = { (__s64)(v->meminfo.kb[i] - kilobytes(&v->dmap, i)),
				     i == 0 ? image : i == 1 ? -image : 0, 0 };

	/* Some may never have been mapped, and so not counted. */
	for (size_t n = 0; i == 0 && n < v->dmap.nr_ranges; n++)
		missing += v->dmap.ranges[n].missing * 4;
	if (d.kb - d.image_kb > 0)
		d.missing_kb = d.kb - d.image_kb < missing ? d.kb - d.image_kb : missing;
	return d;
}

static void sizes_text(FILE *f, const struct dmap_view *v)
{
	__u64 total = total_kb(&v->dmap);

	fprintf(f, "%-6s%10s%14s%8s%20s%12s\n", "pages", "count", "kB here", "share", "kB in /proc/meminfo",
		"difference");
	for (int i = 0; i < 3; i++) {
		struct dmap_difference d = view_dmap_difference(v, i);
		__u64 kb = kilobytes(&v->dmap, i);

		fprintf(f, "%-6s%10llu%14llu%7.2f%%", sizes[i], v->dmap.leaves[i], kb,
			total ? 100.0 * kb / total : 0);
		if (!v->meminfo.known[i])
			fprintf(f, "%20s\n", "no such line");
		else
			fprintf(f, d.kb ? "%20llu%+12lld\n" : "%20llu%12lld\n", v->meminfo.kb[i], d.kb);
	}
	fprintf(f, "%-6s%10s%14llu\n", "all", "", total);
}

/* Why the kernel's counters say something else. */
static void difference_text(FILE *f, const struct dmap_view *v)
{
	__s64 left[3], any = 0, rest = 0, missing = 0;

	for (int i = 0; i < 3; i++) {
		struct dmap_difference d = { 0 };

		if (v->meminfo.known[i])
			d = view_dmap_difference(v, i);
		left[i] = d.kb - d.image_kb - d.missing_kb;
		missing += d.missing_kb;
		any |= d.kb;
		rest |= left[i];
	}
	if (!any)
		return;
	if (!v->steady)
		fprintf(f, "/proc/meminfo changed while the tables were read.\n");
	if (v->dmap.image_splits)
		fprintf(f, "/proc/meminfo also counts splits of the kernel image's own mapping: %llu\n"
			   "pages of 2M, which makes %+lld kB of 4K and %+lld kB of 2M.\n", v->dmap.image_splits,
			v->dmap.image_splits * 2048, -(__s64)v->dmap.image_splits * 2048);
	if (missing)
		fprintf(f, "/proc/meminfo still counts 4K pages that were unmapped later: %lld kB.\n",
			missing);
	if (rest)
		fprintf(f, "No entry of the tables maps the rest (4K %+lld, 2M %+lld, 1G %+lld kB).\n",
			left[0], left[1], left[2]);
}

static void strip_text(FILE *f, const struct dmap *d)
{
	char size[FORMAT_MAX];

	fprintf(f, "\nfrom 0x%" PRIx64 " to 0x%" PRIx64 ", a column is %s\n  |", (uint64_t)d->start,
		(uint64_t)d->end, format_bytes(size, (d->end - d->start) / DMAP_COLUMNS));
	for (int i = 0; i < DMAP_COLUMNS; i++)
		fputc(".4MG"[d->smallest[i]], f);
	fprintf(f, "|\n"
		   "4, M or G: the smallest page there has 4K, 2M or 1G; '.': nothing is mapped\n");
}

static int larger_first(const void *a, const void *b)
{
	const struct dmap_range *x = *(struct dmap_range *const *)a,
				*y = *(struct dmap_range *const *)b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static void ranges_text(FILE *f, const struct dmap *d, int top)
{
	const struct dmap_range **by_size = calloc(d->nr_ranges + 1, sizeof(*by_size));
	__u64 slots = 0;

	for (size_t i = 0; i < d->nr_ranges; i++)
		slots += (d->ranges[i].end - d->ranges[i].start) / d->page_bytes[1];
	fprintf(f, "\n%llu slots of 2M are mapped by 4K pages, in %zu ranges", slots, d->nr_ranges);
	fprintf(f, ";\n%llu whole GiB are split into smaller pages\n", d->whole_gib);
	if (!by_size)
		short_memory_note();
	if (!by_size || !top || !d->nr_ranges) {
		free(by_size);
		return;
	}
	for (size_t i = 0; i < d->nr_ranges; i++)
		by_size[i] = &d->ranges[i];
	qsort(by_size, d->nr_ranges, sizeof(*by_size), larger_first);
	fprintf(f, "%-17s%7s%9s%10s%11s%11s%9s\n", "range at", "2M", "4K", "read-only",
		"executable", "uncached", "missing");
	for (size_t i = 0; i < d->nr_ranges && i < (size_t)top; i++) {
		const struct dmap_range *r = by_size[i];

		fprintf(f, "%016" PRIx64 "%8llu%9llu%10llu%11llu%11llu%9llu\n", (uint64_t)r->start,
			(r->end - r->start) / d->page_bytes[1], r->pages, r->read_only,
			r->executable, r->uncached, r->missing);
	}
	if (d->nr_ranges > (size_t)top)
		fprintf(f, "and %zu more ranges (--top N, or --format json)\n", d->nr_ranges - top);
	free(by_size);
}

static void dmap_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct dmap_view *v = what;

	fprintf(f, "kvas dmap: Linux %s %s, the direct map\n\n", v->host->kernel, v->host->arch);
	sizes_text(f, v);
	difference_text(f, v);
	strip_text(f, &v->dmap);
	ranges_text(f, &v->dmap, o->top);
	if (v->dmap.changed)
		fprintf(f, "%llu entries changed meanwhile and were read again\n", v->dmap.changed);
	if (v->dmap.unread)
		fprintf(f, "%llu ranges could not be read: more may be mapped than is said here\n", v->dmap.unread);
	if (v->dmap.unread_gib)
		fprintf(f, "%llu GiB could not be read: whether they are split is unknown\n",
			v->dmap.unread_gib);
}

static json_t *ranges_json(const struct dmap *d)
{
	json_t *a = json_array();

	for (size_t i = 0; i < d->nr_ranges; i++) {
		const struct dmap_range *r = &d->ranges[i];

		json_array_append_new(
			a, json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "start", json_address(r->start),
				     "end", json_address(r->end), "pages_4k", (json_int_t)r->pages, "missing",
				     (json_int_t)r->missing, "read_only", (json_int_t)r->read_only,
				     "executable", (json_int_t)r->executable, "uncached",
				     (json_int_t)r->uncached));
	}
	return a;
}

static void dmap_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	static const char *const keys[] = { "4k", "2m", "1g" };
	const struct dmap_view *v = what;
	const struct dmap *d = &v->dmap;
	json_t *leaves = json_object(), *kb = json_object(), *kernel = json_object();
	struct json_doc doc = { 0 };

	(void)o;
	for (int i = 0; i < 3; i++) {
		json_object_set_new(leaves, keys[i], json_integer(d->leaves[i]));
		json_object_set_new(kb, keys[i], json_integer(kilobytes(d, i)));
		json_object_set_new(kernel, keys[i],
				    v->meminfo.known[i] ?
					    json_integer(v->meminfo.kb[i]) :
					    json_unknown(&doc, "/proc/meminfo has no such line",
							 "meminfo_kb.%s", keys[i]));
	}
	doc.root = json_pack(
		"{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I, s:o, s:I, s:I, s:I, s:b}", "schema",
		1, "kernel", v->host->kernel, "start", json_address(d->start), "end",
		json_address(d->end), "leaves", leaves, "kb", kb, "meminfo_kb", kernel,
		"meminfo_steady", v->steady, "image_splits", (json_int_t)d->image_splits,
		"whole_gib_split", (json_int_t)d->whole_gib, "ranges_4k", ranges_json(d), "changed",
		(json_int_t)d->changed, "unread_ranges", (json_int_t)d->unread, "unread_gib",
		(json_int_t)d->unread_gib, "complete", !d->unread && !d->unread_gib);
	json_doc_print(&doc, f, JSON_INDENT(1));
}

const struct document document_dmap = {
	"dmap", { [FORMAT_TEXT] = dmap_as_text, [FORMAT_JSON] = dmap_as_json }
};
