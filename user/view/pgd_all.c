/* SPDX-License-Identifier: GPL-2.0 */
/* kvas pgd -a, and the totals that kvas pgd -p has too. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event/json_text.h"
#include "model/format.h"
#include "view/pgd.h"
#include "view/pgd_parts.h"
#include "view/view.h"

__u64 view_pgd_bytes(const struct pgds *p, const struct pgd_row *r)
{
	__u64 tables = 0;

	for (int i = 0; i < TABLE_LOWER; i++)
		tables += r->lower.tables[i];
	return tables * X86_TABLE_BYTES + (p->bytes_each ? p->bytes_each : X86_TABLE_BYTES);
}

bool view_pgd_at_least(const struct pgds *p, const struct pgd_row *r)
{
	return !p->bytes_each || r->lower.unsure;
}

struct pgd_totals view_pgd_totals(const struct pgds *p)
{
	struct pgd_totals t = { 0 };

	for (size_t i = 0; i < p->nr; i++) {
		const struct pgd_row *r = &p->row[i];

		if (r->gone) {
			t.gone++;
			t.unread += r->unread;
			continue;
		}
		t.same += !r->half.differ;
		t.differ += r->half.differ != 0;
		for (int l = 0; l < TABLE_LOWER; l++)
			t.lower.tables[l] += r->lower.tables[l];
		t.lower.unsure += r->lower.unsure;
		t.bytes += view_pgd_bytes(p, r);
	}
	return t;
}

/* One sorting at a time: qsort() hands on no context. */
static const struct pgds *sorting;

static int by_pid(const void *a, const void *b)
{
	const struct pgd_row *x = *(struct pgd_row *const *)a, *y = *(struct pgd_row *const *)b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_bytes(const void *a, const void *b)
{
	__u64 x = view_pgd_bytes(sorting, *(struct pgd_row *const *)a),
	      y = view_pgd_bytes(sorting, *(struct pgd_row *const *)b);

	return x != y ? (x < y ? 1 : -1) : by_pid(a, b);
}

static int by_comm(const void *a, const void *b)
{
	const struct pgd_row *x = *(struct pgd_row *const *)a, *y = *(struct pgd_row *const *)b;
	int c = strncmp(x->comm, y->comm, KVAS_COMM_LEN);

	return c ? c : by_pid(a, b);
}

/* The rows in the order asked for, to be freed; NULL: out of memory. */
static const struct pgd_row **sorted(const struct pgds *p, enum pgd_sort sort)
{
	static int (*const orders[])(const void *, const void *) = {
		[SORT_PID] = by_pid, [SORT_BYTES] = by_bytes, [SORT_COMM] = by_comm
	};
	const struct pgd_row **rows = calloc(p->nr + 1, sizeof(*rows));

	for (size_t i = 0; rows && i < p->nr; i++)
		rows[i] = &p->row[i];
	sorting = p;
	if (rows)
		qsort(rows, p->nr, sizeof(*rows), orders[sort]);
	return rows;
}

static const char *half_word(const struct pgd_row *r)
{
	if (r->gone)
		return r->unread ? "unread" : "ended";
	return r->half.differ ? "differs" : r->half.ldt ? "same+ldt" : "same";
}

static void process_text(FILE *f, const struct pgds *p, const struct pgd_row *r, int levels)
{
	char comm[SAFE_COMM_MAX], bytes[FORMAT_MAX];

	fprintf(f, "%7u %-15.15s %016" PRIx64 " %-9s", r->pid, safe_comm(comm, r->comm),
		(uint64_t)r->pgd, half_word(r));
	if (r->gone) {
		fprintf(f, "\n");
		return;
	}
	if (levels == 5)
		fprintf(f, "%3llu", r->lower.tables[3]);
	fprintf(f, "%4llu%5llu%7llu %10s%s\n", r->lower.tables[2], r->lower.tables[1],
		r->lower.tables[0], format_bytes(bytes, view_pgd_bytes(p, r)),
		view_pgd_at_least(p, r) ? "+" : "");
	if (r->half.differ)
		fprintf(f, "%7s in %u entries, the first of them %u\n", "", r->half.differ,
			r->half.first);
}

static size_t shown_of(const struct pgds *p, const struct view_opts *o)
{
	return o->top < 0 || (size_t)o->top > p->nr ? p->nr : (size_t)o->top;
}

static void pgd_all_as_text(FILE *f, const void *what, const struct view_opts *o)
{
	const struct pgds_view *v = what;
	const struct pgds *p = v->all;
	const struct pgd_row **rows = sorted(p, o->sort);
	size_t shown = shown_of(p, o);
	int levels = v->host->layout.levels;

	pgd_part_head(f, "kvas pgd -a", v->host);
	fprintf(f, "%7s %-15s %-16s %-9s%s%4s%5s%7s %10s\n", "PID", "COMM", "PGD", "KERNEL",
		levels == 5 ? "P4D" : "", "PUD", "PMD", "PTE", "BYTES");
	for (size_t i = 0; rows && i < shown; i++)
		process_text(f, p, rows[i], levels);
	if (shown < p->nr)
		fprintf(f, "and %zu more (--top N)\n", p->nr - shown);
	fputc('\n', f);
	pgd_part_reference(f, p, paging_of(levels));
	pgd_part_cost(f, p, levels);
	free(rows);
}

static json_t *process_json(struct json_doc *d, const struct pgds *p, const struct pgd_row *r)
{
	json_t *o = json_pack("{s:i, s:o, s:I, s:o, s:o, s:b, s:b}", "pid", (int)r->pid, "comm",
			      json_text(r->comm, KVAS_COMM_LEN), "tasks", (json_int_t)r->tasks, "mm",
			      json_address(r->mm), "pgd", json_address(r->pgd), "ended",
			      r->gone && !r->unread, "unread", r->unread);

	if (r->gone)
		return o;
	json_object_update_new(o, pgd_part_half_json(d, &r->half));
	json_object_set_new(o, "user_entries", json_integer(r->user_entries));
	json_object_set_new(o, "tables", pgd_part_tables_json(&r->lower));
	json_object_set_new(o, "bytes", json_integer(view_pgd_bytes(p, r)));
	json_object_set_new(o, "bytes_at_least", json_boolean(view_pgd_at_least(p, r)));
	return o;
}

static void pgd_all_as_json(FILE *f, const void *what, const struct view_opts *o)
{
	const struct pgds_view *v = what;
	const struct pgd_row **rows = sorted(v->all, o->sort);
	size_t shown = shown_of(v->all, o);
	json_t *list = json_array();
	struct json_doc d = { 0 };

	for (size_t i = 0; rows && i < shown; i++)
		json_array_append_new(list, process_json(&d, v->all, rows[i]));
	pgd_part_json(&d, v->host, v->all);
	json_object_set_new(d.root, "processes", list);
	json_doc_print(&d, f, JSON_INDENT(1));
	free(rows);
}

const struct document document_pgds = {
	"pgds", { [FORMAT_TEXT] = pgd_all_as_text, [FORMAT_JSON] = pgd_all_as_json }
};
