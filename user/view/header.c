/* SPDX-License-Identifier: GPL-2.0 */
/* The facts of the host that head every text view. */
#include <string.h>

#include "view/view.h"

#define WIDTH 80

/* Words after a label, wrapped below it. */
struct list {
	FILE *f;
	const char *label;
	int column;
};

static void list_add(struct list *l, const char *item)
{
	int indent = strlen(l->label) + 1, len = strlen(item);

	if (!l->column) {
		l->column = fprintf(l->f, "%s %s", l->label, item);
	} else if (l->column + 2 + len > WIDTH) {
		fprintf(l->f, ",\n%*s%s", indent, "", item);
		l->column = indent + len;
	} else {
		l->column += fprintf(l->f, ", %s", item);
	}
}

static void list_end(struct list *l)
{
	if (l->column)
		fputc('\n', l->f);
}

static void base(FILE *f, const char *name, __u64 v)
{
	if (v)
		fprintf(f, "%s 0x%llx", name, v);
	else
		fprintf(f, "%s unknown", name);
}

static void bases(FILE *f, const struct meta *m)
{
	const struct layout *l = &m->host.layout;

	if (m->redacted) {
		fprintf(f, "bases redacted\n");
		return;
	}
	base(f, "direct map", l->page_offset);
	base(f, ", vmalloc", l->vmalloc_base);
	fprintf(f, "\n  ");
	base(f, "vmemmap", l->vmemmap_base);
	if (m->host.layout_how[0])
		fprintf(f, " (%.48s)", m->host.layout_how);
	fputc('\n', f);
}

void view_header(FILE *f, const struct meta *m)
{
	const struct host_info *h = &m->host;
	struct list derived = { f, "derived:", 0 }, missing = { f, "missing:", 0 };
	char line[256], safe[sizeof(m->filter) * 4];

	snprintf(line, sizeof(line), "kvas %s: Linux %s %s, %u CPU%s", m->version, h->kernel,
		 h->arch, h->cpus, h->cpus == 1 ? "" : "s");
	fprintf(f, "%.80s\n", line);
	if (h->layout.levels)
		fprintf(f, "%d-level page tables, ", h->layout.levels);
	else
		fprintf(f, "levels of page tables unknown, ");
	fprintf(f, "PCID %s, KASLR %s\n", answer_word(h->pcid), answer_on_off(h->kaslr));
	fprintf(f, "KPTI %s (%.60s)\n", answer_on_off(h->kpti), h->kpti_how);
	bases(f, m);
	for (unsigned int i = 0; i < m->nr_hooks; i++)
		if (!strcmp(m->hooks[i].provenance, "derived"))
			list_add(&derived, m->hooks[i].name);
	list_end(&derived);
	for (unsigned int i = 0; i < m->nr_hooks; i++)
		if (!strcmp(m->hooks[i].provenance, "none"))
			list_add(&missing, m->hooks[i].name);
	list_end(&missing);
	if (m->filter[0])
		fprintf(f, "only: %.74s\n", safe_text(safe, m->filter));
}
