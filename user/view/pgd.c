/* SPDX-License-Identifier: GPL-2.0 */
/* kvas pgd -p. */
#include "view/pgd.h"

#include <inttypes.h>
#include <string.h>

#include "event/json_text.h"
#include "model/regions.h"
#include "model/format.h"
#include "view/pgd_parts.h"
#include "view/view.h"

#define REGIONS_COLUMN 47

/* "efi kernel_image modules" in the last column, wrapped in it. */
static void regions_text(FILE *f, __u32 regions)
{
	int column = REGIONS_COLUMN;

	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		int len = strlen(region_name(r));

		if (!(regions >> r & 1))
			continue;
		if (column > REGIONS_COLUMN && column + 1 + len > 80)
			column = fprintf(f, "\n%*s", REGIONS_COLUMN, "") - 1;
		column += fprintf(f, "%s%s", column > REGIONS_COLUMN ? " " : "", region_name(r));
	}
	fputc('\n', f);
}

static const char *const shares[] = {
	[SHARE_NONE] = "", [SHARE_OWN] = "its own", [SHARE_KERNEL] = "all share",
	[SHARE_DIFFERS] = "DIFFERS"
};

static void groups_text(FILE *f, const struct pgd_view *v)
{
	struct table_group g[PAGING_ENTRIES];
	size_t nr = table_groups(v->entry, v->all->entry, &v->host->layout, g);
	char range[16];

	fprintf(f, "%-9s%8s  %-17s%-11s%s\n", "entries", "present", "from", "tables", "regions");
	for (size_t i = 0; i < nr; i++) {
		if (g[i].share == SHARE_NONE && !g[i].regions)
			continue;
		snprintf(range, sizeof(range), g[i].first == g[i].last ? "%u" : "%u-%u", g[i].first,
			 g[i].last);
		fprintf(f, "%-9s%8u  %016" PRIx64 " %-11s", range, g[i].present,
			(uint64_t)paging_top_va(paging_of(v->host->layout.levels), g[i].first),
			shares[g[i].share]);
		regions_text(f, g[i].regions);
	}
}

static void own_tables(FILE *f, const struct pgd_view *v)
{
	const struct table_count *t = &v->row->lower;
	char bytes[FORMAT_MAX];

	fprintf(f, "\nits own lower tables:");
	if (v->host->layout.levels == 5)
		fprintf(f, " %llu P4D,", t->tables[3]);
	fprintf(f, " %llu PUD, %llu PMD, %llu PTE; with its PGD %s%s\n", t->tables[2], t->tables[1],
		t->tables[0], view_pgd_at_least(v->all, v->row) ? "at least " : "",
		format_bytes(bytes, view_pgd_bytes(v->all, v->row)));
}

/* What entries of user memory may be. ABSENT_EMPTY: mapped. */
static const struct memory_kind {
	const char *name, *words;
} memory_kinds[ABSENT_KINDS] = {
	[ABSENT_EMPTY] = { "mapped", "mapped" },
	[ABSENT_PROT_NONE] = { "prot_none", "PROT_NONE: in memory, no access allowed" },
	[ABSENT_SPLITTING] = { "splitting", "in memory, of large pages about to be split" },
	[ABSENT_SWAPPED] = { "swapped", "in swap areas" },
	[ABSENT_MOVED] = { "moved", "migrating, poisoned, a device's or a marker" },
	[ABSENT_UNKNOWN] = { "unknown", "not present, for a reason that is not known" },
};

static __u64 memory_of(const struct memory_count *m, unsigned int kind)
{
	return kind == ABSENT_EMPTY ? m->mapped : m->absent[kind];
}

static void memory_text(FILE *f, const struct pgd_view *v)
{
	char bytes[FORMAT_MAX];

	fprintf(f, "its user memory, by these entries:\n");
	for (size_t i = 0; i < ABSENT_KINDS; i++)
		if (memory_of(&v->memory, i))
			fprintf(f, "  %11s  %s\n", format_bytes(bytes, memory_of(&v->memory, i)),
				memory_kinds[i].words);
}

static json_t *memory_json(const struct pgd_view *v)
{
	json_t *o = json_object();

	for (size_t i = 0; i < ABSENT_KINDS; i++)
		json_object_set_new(o, memory_kinds[i].name,
				    json_integer(memory_of(&v->memory, i)));
	return o;
}

static void user_region(FILE *f, const struct pgd_view *v, int r)
{
	const struct region_use *u = &v->user.region[r];
	char a[FORMAT_MAX], b[FORMAT_MAX];

	if (region_use_bytes(u))
		fprintf(f, "  %-16s%12s%12s%10llu%7llu  %016" PRIx64 "\n", region_name(r),
			format_bytes(a, region_use_bytes(u)),
			format_bytes(b, region_use_bytes(&v->kernel.region[r])), u->leaves[0],
			u->leaves[1], (uint64_t)u->first);
}

/* What user mode's table maps of the kernel, KPTI's point: next to nothing. */
static void user_text(FILE *f, const struct pgd_view *v)
{
	__u64 bytes = 0;

	if (!v->has_user_table)
		return;
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		bytes += region_use_bytes(&v->user.region[r]);
	fprintf(f, "\nKPTI: user mode runs on the table at %016" PRIx64 "; of the kernel it maps%s\n",
		(uint64_t)v->row->pgd + X86_TABLE_BYTES, bytes ? ":" : "\n  nothing");
	if (bytes)
		fprintf(f, "  %-16s%12s%12s%10s%7s%12s\n", "region", "bytes", "of", "4K", "2M", "from");
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		user_region(f, v, r);
	if (v->host->kpti_by_hypervisor == ANSWER_YES)
		fprintf(f, "  it has no entry code: the hypervisor changes tables at each kernel entry\n");
	if (v->user.unread)
		fprintf(f, "  %llu ranges of that table could not be read\n", v->user.unread);
}

static void pgd_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct pgd_view *v = what;
	char comm[SAFE_COMM_MAX], size[FORMAT_MAX];
	int levels = v->host->layout.levels;
	const struct paging *p = paging_of(levels);

	(void)o;
	pgd_part_head(f, "kvas pgd", v->host);
	fprintf(f, "process %u (%s)\n", v->row->pid, safe_comm(comm, v->row->comm));
	fprintf(f, "PGD at %016" PRIx64 ", physical 0x%" PRIx64 ": %u entries of %s each\n",
		(uint64_t)v->row->pgd, (uint64_t)(v->row->pgd - v->host->layout.page_offset),
		paging_top(p), format_bytes(size, paging_bytes(p, levels)));
	groups_text(f, v);
	own_tables(f, v);
	memory_text(f, v);
	user_text(f, v);
	fputc('\n', f);
	pgd_part_reference(f, v->all, p);
	pgd_part_cost(f, v->all, levels);
}

static json_t *regions_json(__u32 regions)
{
	json_t *a = json_array();

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		if (regions >> r & 1)
			json_array_append_new(a, json_string(region_name(r)));
	return a;
}

static json_t *groups_json(const struct pgd_view *v)
{
	static const char *const words[] = { [SHARE_NONE] = "none", [SHARE_OWN] = "private",
					     [SHARE_KERNEL] = "shared", [SHARE_DIFFERS] = "differs" };
	struct table_group g[PAGING_ENTRIES];
	size_t nr = table_groups(v->entry, v->all->entry, &v->host->layout, g);
	json_t *a = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(
			a, json_pack("{s:i, s:i, s:i, s:o, s:s, s:o}", "first", (int)g[i].first, "last",
				     (int)g[i].last, "present", (int)g[i].present, "address",
				     json_address(paging_top_va(paging_of(v->host->layout.levels), g[i].first)),
				     "tables", words[g[i].share], "regions",
				     regions_json(g[i].regions)));
	return a;
}

static json_t *user_json(const struct pgd_view *v)
{
	json_t *o = json_object();

	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		const struct region_use *u = &v->user.region[r];

		if (region_use_bytes(u))
			json_object_set_new(
				o, region_name(r),
				json_pack("{s:I, s:I, s:I}", "bytes", (json_int_t)region_use_bytes(u),
					  "of_bytes", (json_int_t)region_use_bytes(&v->kernel.region[r]),
					  "writable_executable_bytes",
					  (json_int_t)u->writable_executable));
	}
	return o;
}

static json_t *entries_json(const struct pgd_view *v)
{
	json_t *entries = json_object();
	char index[16];

	for (int i = 0; i < PAGING_ENTRIES; i++)
		if (v->entry[i]) {
			snprintf(index, sizeof(index), "%d", i);
			json_object_set_new(entries, index, json_address(v->entry[i]));
		}
	return entries;
}

static void pgd_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct pgd_view *v = what;
	const char *no_table = v->host->kpti == ANSWER_NO ? "KPTI is off: there is one table" :
							    v->host->kpti_how;
	struct json_doc d = { 0 };
	json_t *root;

	(void)o;
	pgd_part_json(&d, v->host, v->all);
	root = d.root;
	json_object_set_new(root, "pid", json_integer(v->row->pid));
	json_object_set_new(root, "comm", json_text(v->row->comm, KVAS_COMM_LEN));
	json_object_set_new(root, "pgd", json_address(v->row->pgd));
	json_object_set_new(root, "physical",
			    json_address(v->row->pgd - v->host->layout.page_offset));
	json_object_set_new(root, "bytes", json_integer(view_pgd_bytes(v->all, v->row)));
	json_object_set_new(root, "bytes_at_least", json_boolean(view_pgd_at_least(v->all, v->row)));
	json_object_set_new(root, "tables", pgd_part_tables_json(&v->row->lower));
	json_object_set_new(root, "user_memory", memory_json(v));
	json_object_set_new(root, "groups", groups_json(v));
	json_object_set_new(root, "entries", entries_json(v));
	json_object_set_new(root, "user_table",
			    v->has_user_table ? user_json(v) :
						json_unknown(&d, no_table, "user_table"));
	json_object_set_new(root, "user_table_unread_ranges",
			    v->has_user_table ?
				    json_integer(v->user.unread) :
				    json_unknown(&d, no_table, "user_table_unread_ranges"));
	json_doc_print(&d, f, JSON_INDENT(1));
}

const struct document document_pgd = {
	"pgd", { [FORMAT_TEXT] = pgd_as_text, [FORMAT_JSON] = pgd_as_json }
};
