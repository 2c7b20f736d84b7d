/* SPDX-License-Identifier: GPL-2.0 */
#include "view/pgd_parts.h"

#include <inttypes.h>

#include "event/json_text.h"
#include "model/format.h"
#include "view/view.h"
#include "view/pgd.h"

void pgd_part_head(FILE *f, const char *title, const struct host_info *host)
{
	fprintf(f, "%s: Linux %s %s\n%d-level page tables, KPTI %s\n\n", title, host->kernel,
		host->arch, host->layout.levels, answer_on_off(host->kpti));
}

void pgd_part_reference(FILE *f, const struct pgds *p, const struct paging *pg)
{
	struct pgd_totals t = view_pgd_totals(p);
	unsigned int present = 0;

	for (int i = pg->kernel_first; i < (int)paging_top(pg); i++)
		present += p->entry[i] & X86_PTE_P && i != pg->own_entry;
	if (p->kernel_va)
		fprintf(f, "the kernel's own table (init_mm's) is at 0x%" PRIx64 "\n  (%s)\n",
			(uint64_t)p->kernel_va,
			p->by_symbol ? "by its symbol" :
				       "the first page of the kernel image that holds such a table");
	else
		fprintf(f, "the kernel's own table was not found: the others are compared with kvas's\n");
	fprintf(f, "%u of its 256 upper entries are present\n", present);
	fprintf(f, "%llu processes have the same upper half, %llu differ", t.same, t.differ);
	if (t.gone - t.unread)
		fprintf(f, ", %llu ended meanwhile", t.gone - t.unread);
	if (t.unread)
		fprintf(f, ",\n  %llu could not be read", t.unread);
	fprintf(f, "\n  (the LDT's entry, which is a process's own, and the bits A and D do not count)\n");
	if (p->partial)
		fprintf(f, "nothing is known of other processes and of kernel threads:\n"
			   "  %s\n", p->partial);
	else
		fprintf(f, "%u kernel threads have no table of their own\n", p->kernel_threads);
	if (p->hidden)
		fprintf(f, "%u process%s in /proc %s not listed, because the kernel's task iterator skips %s\n",
			p->hidden, p->hidden == 1 ? "" : "es", p->hidden == 1 ? "is" : "are",
			p->hidden == 1 ? "it" : "them");
}

static void tables_line(FILE *f, const char *title, const struct table_count *t, int levels)
{
	char bytes[FORMAT_MAX];
	__u64 all = 0;

	for (int i = 0; i < TABLE_LOWER; i++)
		all += t->tables[i];
	fprintf(f, "  %-35s", title);
	if (levels == 5)
		fprintf(f, "%5llu", t->tables[3]);
	fprintf(f, "%6llu%7llu%8llu %11s%s\n", t->tables[2], t->tables[1], t->tables[0],
		format_bytes(bytes, all * X86_TABLE_BYTES), t->unsure ? "+" : "");
}

static void top_level(FILE *f, const struct pgds *p, __u64 live)
{
	char all[FORMAT_MAX], half[FORMAT_MAX];

	format_bytes(half, live * X86_TABLE_BYTES / 2);
	if (p->bytes_each)
		fprintf(f, "top level: %llu PGDs of %u bytes, %s", live, p->bytes_each,
			format_bytes(all, live * p->bytes_each));
	else
		fprintf(f, "top level: %llu PGDs of 4096 bytes or 8192 (too few to tell: + counts 4096),\n"
			   "  %s or twice that",
			live, format_bytes(all, live * X86_TABLE_BYTES));
	fprintf(f, ";\n  %s of it are the copies of the kernel's upper half\n", half);
}

void pgd_part_cost(FILE *f, const struct pgds *p, int levels)
{
	struct pgd_totals t = view_pgd_totals(p);

	fprintf(f, "\n  %-35s%s%6s%7s%8s %11s\n", "lower tables", levels == 5 ? "  P4D" : "", "PUD",
		"PMD", "PTE", "bytes");
	tables_line(f, "of the kernel half, shared by all", &p->shared, levels);
	tables_line(f, "of processes, all together", &t.lower, levels);
	if (p->pmd_tables_shared)
		fprintf(f, "  (%llu PMD tables are counted again: huge pages in shared memory)\n",
			p->pmd_tables_shared);
	if (p->shared.unsure || t.lower.unsure)
		fprintf(f, "  + at least: %llu entries could not be followed\n",
			p->shared.unsure + t.lower.unsure);
	top_level(f, p, p->nr - t.gone);
}

json_t *pgd_part_half_json(struct json_doc *d, const struct half_compare *h)
{
	return json_pack("{s:{s:i, s:i, s:i, s:o, s:b}}", "kernel_half", "present", (int)h->present,
			 "same", (int)h->same, "differ", (int)h->differ, "first_differing",
			 h->differ ? json_integer(h->first) :
				     json_unknown(d, "no entry differs",
						  "processes[].kernel_half.first_differing"),
			 "ldt", h->ldt);
}

json_t *pgd_part_tables_json(const struct table_count *t)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "p4d", (json_int_t)t->tables[3], "pud",
			 (json_int_t)t->tables[2], "pmd", (json_int_t)t->tables[1], "pte",
			 (json_int_t)t->tables[0], "unsure", (json_int_t)t->unsure);
}

/* Where the kernel's own table is. */
static void reference_json(struct json_doc *d, const struct pgds *p)
{
	static const char none[] = "the kernel's own table was not found: kvas's stands in";

	json_object_set_new(d->root, "kernel_table",
			    p->kernel_va ? json_address(p->kernel_va) :
					   json_unknown(d, none, "kernel_table"));
	json_object_set_new(d->root, "kernel_table_how",
			    p->kernel_va ? json_string(p->by_symbol ? "symbol" : "content") :
					   json_unknown(d, none, "kernel_table_how"));
	json_object_set_new(d->root, "kernel_table_found",
			    p->found.va ? json_address(p->found.va) :
					  json_unknown(d, "no page of the kernel image holds such a table",
						       "kernel_table_found"));
}

/* How many processes there are, by what is known of them. */
static void processes_json(struct json_doc *d, const struct pgds *p, const struct pgd_totals *t)
{
	json_object_set_new(d->root, "kernel_half",
			    json_pack("{s:I, s:I, s:I, s:I}", "same", (json_int_t)t->same, "differ",
				      (json_int_t)t->differ, "ended",
				      (json_int_t)(t->gone - t->unread), "unread",
				      (json_int_t)t->unread));
	json_object_set_new(d->root, "kernel_threads",
			    p->partial ? json_unknown(d, p->partial, "kernel_threads") :
					 json_integer(p->kernel_threads));
	json_object_set_new(d->root, "hidden_processes",
			    p->partial ? json_unknown(d, p->partial, "hidden_processes") :
					 json_integer(p->hidden));
	json_object_set_new(d->root, "hidden_processes_why",
			    p->partial ? json_string(p->partial) :
					 json_unknown(d, "how many are hidden is known",
						      "hidden_processes_why"));
}

/* What the page tables cost. */
static void cost_json(struct json_doc *d, const struct pgds *p, const struct pgd_totals *t)
{
	static const char size[] = "too few PGDs are there to tell the size of one";
	__u64 live = p->nr - t->gone;

	json_object_set_new(d->root, "tables_shared", pgd_part_tables_json(&p->shared));
	json_object_set_new(d->root, "tables_private", pgd_part_tables_json(&t->lower));
	json_object_set_new(d->root, "pmd_tables_shared", json_integer(p->pmd_tables_shared));
	json_object_set_new(d->root, "pgds", json_integer(live));
	json_object_set_new(d->root, "bytes_each",
			    p->bytes_each ? json_integer(p->bytes_each) :
					    json_unknown(d, size, "bytes_each"));
	json_object_set_new(d->root, "bytes_top_level",
			    p->bytes_each ? json_integer(live * p->bytes_each) :
					    json_unknown(d, size, "bytes_top_level"));
	json_object_set_new(d->root, "bytes_kernel_half_copies",
			    json_integer(live * X86_TABLE_BYTES / 2));
}

void pgd_part_json(struct json_doc *d, const struct host_info *host, const struct pgds *p)
{
	struct pgd_totals t = view_pgd_totals(p);

	d->root = json_pack("{s:i, s:s, s:i, s:o}", "schema", 1, "kernel", host->kernel,
			    "paging_levels", host->layout.levels, "kpti",
			    json_answer(d, host->kpti, host->kpti_how, "kpti"));
	reference_json(d, p);
	processes_json(d, p, &t);
	cost_json(d, p, &t);
	json_object_set_new(d->root, "timing",
			    json_pack("{s:I, s:I, s:I}", "kernel_tables_ns", (json_int_t)p->kernel_ns,
				      "compare_ns", (json_int_t)p->compare_ns, "compare_max_ns",
				      (json_int_t)p->compare_max_ns));
}
