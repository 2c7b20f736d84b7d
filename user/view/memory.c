/* SPDX-License-Identifier: GPL-2.0 */
#include "view/memory.h"

#include <string.h>

#include "model/words.h"
#include "event/json_text.h"
#include "model/regions.h"
#include "view/format.h"
#include "view/json.h"
#include "view/view.h"

#define COPY                                                                        \
	(1u << KVAS_MEMORY_TO_USER | 1u << KVAS_MEMORY_FROM_USER | 1u << KVAS_MEMORY_STRINGS)
#define ALLOCATION (1u << KVAS_MEMORY_SLAB | 1u << KVAS_MEMORY_PAGES | 1u << KVAS_MEMORY_VMALLOC)

const char *view_memory_why(const struct summary *s)
{
	return s->meta->emit & (1u << KVAS_KIND_MEMORY) ? NULL : "not asked for: -m";
}

const char *view_memory_regions_why(const struct summary *s)
{
	const struct layout *l = &s->meta->host.layout;

	if (view_memory_why(s) || (l->page_offset && l->vmalloc_base))
		return NULL;
	return l->page_offset ? "where vmalloc begins is not known" :
				"where the direct map begins is not known";
}

/* Whose hooks must be there for all of USE to be seen. */
static const char *const hooks_of[KVAS_MEMORY_END][4] = {
	[KVAS_MEMORY_TO_USER] = { "copy_check", "copy_file_read", "copy_shmem_read",
				  "copy_pipe_read" },
	[KVAS_MEMORY_FROM_USER] = { "copy_check", "copy_file_write", "copy_iomap_write",
				    "copy_pipe_write" },
	[KVAS_MEMORY_STRINGS] = { "copy_check" },
	[KVAS_MEMORY_SLAB] = { "slab_kmalloc", "slab_cache", "slab_kmalloc_node",
			       "slab_cache_node" },
	[KVAS_MEMORY_PAGES] = { "pages" },
	[KVAS_MEMORY_VMALLOC] = { "vmalloc_alloc" },
};

static struct memory_sum whole(const struct memory_summary *m, unsigned int use)
{
	struct memory_sum sum = { 0 };

	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		sum.count += m->by[use][r].count;
		sum.bytes += m->by[use][r].bytes;
	}
	return sum;
}

/* How far USE's sums are known. */
struct known {
	const char *unknown; /* why not at all; NULL they are */
	const char *lower; /* why they are no more than a lower bound; NULL they are all */
};

static struct known known(const struct summary *s, unsigned int use)
{
	static const char *const unseen[KVAS_MEMORY_END] = {
		[KVAS_MEMORY_TO_USER] = "constant sizes unseen",
		[KVAS_MEMORY_FROM_USER] = "constant sizes unseen",
		[KVAS_MEMORY_SLAB] = "bulk ones unseen",
		[KVAS_MEMORY_PAGES] = "bulk ones unseen",
	};
	unsigned int there = 0, missing = 0;
	struct known k = { NULL, NULL };

	for (int i = 0; i < 4 && hooks_of[use][i]; i++) {
		const struct hook_info *h = meta_hook(s->meta, hooks_of[use][i]);

		if (h && strcmp(h->provenance, "none"))
			there++;
		else
			missing++;
	}
	k.lower = missing ? "a hook is missing" : unseen[use];
	/* Every exec and every system call that names a file has a string copied; the kernel
	 * may have been told to look at no copy (hardened_usercopy=off). */
	if (use <= KVAS_MEMORY_FROM_USER && !whole(&s->memory, KVAS_MEMORY_STRINGS).count)
		k.lower = "no copy was checked";
	if (use == KVAS_MEMORY_STRINGS && !whole(&s->memory, use).count)
		k.unknown = "no copy was checked";
	if (!there)
		k.unknown = "no hook can be had here";
	if (use == KVAS_MEMORY_VMALLOC && !(s->meta->emit & (1u << KVAS_KIND_VMALLOC)))
		k.unknown = "vmalloc is not recorded";
	else if (use != KVAS_MEMORY_VMALLOC && s->c[KVAS_C_LOST_MAP + KVAS_LOSS_MAP_MEMORY])
		k.lower = "the map of sums was full";
	return k;
}

/* Are the bytes of USE known? */
static bool sized(unsigned int use)
{
	return use != KVAS_MEMORY_STRINGS;
}

static void use_rows(FILE *f, const struct summary *s, unsigned int use, const char *name)
{
	struct memory_sum all = whole(&s->memory, use);
	struct known k = known(s, use);
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (k.unknown) {
		fprintf(f, "%-13s %-14s %13s  %s\n", name, "", "unknown", k.unknown);
		return;
	}
	fprintf(f, "%-13s %-14s %13s %11s", name, k.lower ? "at least" : "in all",
		format_count(a, all.count), sized(use) ? format_bytes(b, all.bytes) : "unknown");
	fprintf(f, "%s%s\n", k.lower ? "  " : "", k.lower ? k.lower : "");
	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		const struct memory_sum *sum = &s->memory.by[use][r];

		if (sum->count)
			fprintf(f, "%13s %-14s %13s %11s  %5.1f %%\n", "", region_name(r),
				format_count(a, sum->count),
				sized(use) ? format_bytes(b, sum->bytes) : "",
				all.bytes ? 100.0 * sum->bytes / all.bytes :
					    100.0 * sum->count / all.count);
	}
}

/* "64 B to 4.0 KiB": what the objects are at most. */
static const char *sizes(char *buf, size_t len, const struct memory_row *row)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (row->least == row->most)
		snprintf(buf, len, "%s", format_bytes(a, 1ULL << row->most));
	else
		snprintf(buf, len, "%s-%s", format_bytes(a, 1ULL << row->least),
			 format_bytes(b, 1ULL << row->most));
	return buf;
}

static void functions(FILE *f, const struct summary *s, unsigned int uses, int top,
		      const char *head)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], size[2 * FORMAT_MAX], name[VIEW_NAME_MAX];
	int shown = 0;
	size_t nr = 0;

	for (size_t i = 0; i < s->memory.nr_functions; i++) {
		const struct memory_row *row = &s->memory.functions[i];

		if (!(uses & 1u << row->use))
			continue;
		nr++;
		if (shown >= top)
			continue;
		if (!shown++)
			fprintf(f, "\n%-28s %-9s %17s %12s %9s\n", head, "WHAT", "OF AT MOST",
				"TIMES", "BYTES");
		fprintf(f, "%-28.28s %-9s %17s %12s %9s\n",
			row->function[0] ? safe_text(name, row->function) : "(not known)",
			word_memory_use_name(row->use),
			sized(row->use) ? sizes(size, sizeof(size), row) : "?",
			format_count(a, row->sum.count),
			sized(row->use) ? format_bytes(b, row->sum.bytes) : "?");
	}
	if (nr > (size_t)shown && shown)
		fprintf(f, "%8s %zu more\n", "", nr - shown);
}

void view_memory_text(FILE *f, const struct summary *s, int top)
{
	if (view_memory_why(s))
		return;
	if (view_memory_regions_why(s))
		fprintf(f, "\nRegions of memory unknown: %s\n", view_memory_regions_why(s));
	fprintf(f, "\n%-28s %13s %11s\n", "Copies, by the kernel's side", "TIMES", "BYTES");
	use_rows(f, s, KVAS_MEMORY_TO_USER, "to user");
	use_rows(f, s, KVAS_MEMORY_FROM_USER, "from user");
	use_rows(f, s, KVAS_MEMORY_STRINGS, "strings");
	fprintf(f, "\n%-28s %13s %11s\n", "Allocations", "TIMES", "BYTES");
	use_rows(f, s, KVAS_MEMORY_SLAB, "slab objects");
	use_rows(f, s, KVAS_MEMORY_PAGES, "pages");
	use_rows(f, s, KVAS_MEMORY_VMALLOC, "vmalloc areas");
	functions(f, s, COPY, top, "Copies by function");
	functions(f, s, ALLOCATION, top, "Allocations by caller");
}

static void rate(FILE *f, const struct summary *s, unsigned int use, const char *name,
		 double seconds)
{
	struct memory_sum all = whole(&s->memory, use);
	__u64 linear = s->memory.by[use][KVAS_REGION_DIRECT_MAP].bytes;
	char buf[FORMAT_MAX];

	if (!all.bytes) {
		fprintf(f, " %s %s", name, known(s, use).unknown ? "?" : "0");
		return;
	}
	fprintf(f, " %s %s (direct map %.0f %%)", name,
		format_bytes(buf, (__u64)(all.bytes / seconds)), 100.0 * linear / all.bytes);
}

void view_memory_lines(FILE *f, const struct summary *s, double seconds)
{
	char a[FORMAT_MAX], b[FORMAT_MAX];
	struct memory_sum slab, pages;

	if (view_memory_why(s))
		return;
	fprintf(f, "  copied/s     ");
	rate(f, s, KVAS_MEMORY_TO_USER, "to user", seconds);
	fputc(',', f);
	rate(f, s, KVAS_MEMORY_FROM_USER, "from", seconds);
	slab = whole(&s->memory, KVAS_MEMORY_SLAB);
	pages = whole(&s->memory, KVAS_MEMORY_PAGES);
	fprintf(f, "\n  allocated/s   slab %s objects, %s;",
		format_short(a, slab.count / seconds), format_bytes(b, (__u64)(slab.bytes / seconds)));
	fprintf(f, " pages %s\n", format_bytes(a, (__u64)(pages.bytes / seconds)));
}

static json_t *bytes(unsigned int use, __u64 v)
{
	return sized(use) ? num(v) : json_null();
}

static json_t *uses_json(const struct summary *s)
{
	json_t *uses = json_object();

	for (unsigned int use = KVAS_MEMORY_TO_USER; use < KVAS_MEMORY_END; use++) {
		struct memory_sum all = whole(&s->memory, use);
		struct known k = known(s, use);
		json_t *regions = json_object();

		for (int r = 0; r < KVAS_REGION_COUNT; r++) {
			const struct memory_sum *sum = &s->memory.by[use][r];

			if (sum->count)
				json_object_set_new(regions, region_name(r),
						    json_pack("{s:o, s:o}", "count", num(sum->count),
							      "bytes", bytes(use, sum->bytes)));
		}
		json_object_set_new(uses, word_memory_use_name(use),
				    json_pack("{s:o, s:o, s:o, s:o, s:o}", "count",
					      k.unknown ? json_null() : num(all.count), "bytes",
					      k.unknown ? json_null() : bytes(use, all.bytes), "unknown",
					      k.unknown ? json_string(k.unknown) : json_null(),
					      "lower_bound", k.lower ? json_string(k.lower) :
								       json_null(),
					      "by_region", regions));
	}
	return uses;
}

json_t *view_memory_json(const struct summary *s)
{
	json_t *rows, *uses;

	if (view_memory_why(s))
		return json_null();
	uses = uses_json(s);
	rows = json_array();
	for (size_t i = 0; i < s->memory.nr_rows; i++) {
		const struct memory_row *row = &s->memory.rows[i];

		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "use",
					word_memory_use_name(row->use), "region",
					region_name(row->region), "size_most",
					bytes(row->use, 1ULL << row->order), "function",
					json_text(row->function, sizeof(row->function)), "count",
					num(row->sum.count), "bytes", bytes(row->use, row->sum.bytes)));
	}
	json_object_set_new(uses, "rows", rows);
	return uses;
}
