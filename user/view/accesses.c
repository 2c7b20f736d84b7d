/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel's accesses go, as a person reads it. */
#include "view/accesses.h"

#include <stdlib.h>
#include <string.h>

#include "model/regions.h"
#include "view/format.h"
#include "view/view.h"

#define FUNCTIONS 39 /* columns of a name */
#define FEW 100 /* accesses: of fewer a share may be off by more than 10 in 100 */

const char *view_accesses_why(const struct summary *s)
{
	return s->meta->sample_hz ? s->accesses.why : s->meta->sample_why;
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

/* A share and its bounds, 24 columns. */
static void share(FILE *f, double n, double all, double rests_on)
{
	double low, high;

	if (all <= 0) {
		fprintf(f, "%8s %15s", "?", "");
		return;
	}
	access_interval(n / all, rests_on, &low, &high);
	fprintf(f, "%6.1f %%   %5.1f to %5.1f", 100 * n / all, 100 * low, 100 * high);
}

/* N accesses by region, LOADS and STORES in all; what their intervals rest on. */
static void shares(FILE *f, const struct access_regions *n, double loads, double n_loads,
		   double stores, double n_stores)
{
	fprintf(f, "%20s  %-24s    %-24s\n", "region", "  loads  95 in 100 within", " stores");
	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		if (n->load[r] <= 0 && n->store[r] <= 0)
			continue;
		fprintf(f, "%20s  ", region_name(r));
		share(f, n->load[r], loads, n_loads);
		fprintf(f, "    ");
		share(f, n->store[r], stores, n_stores);
		fputc('\n', f);
	}
}

static void precise(FILE *f, const struct summary *s)
{
	const struct access_summary *a = &s->accesses;
	char loads[FORMAT_MAX], stores[FORMAT_MAX];

	if (!s->meta->precise)
		return;
	fprintf(f, "\nThe same by the PMU's addresses (%.45s)\n", s->meta->precise_how);
	fprintf(f, "%20s  loads, %s stores; %llu samples without an address\n",
		format_count(loads, a->precise_load), format_count(stores, a->precise_store),
		a->precise_unknown);
	if (a->precise_load + a->precise_store)
		shares(f, &a->precise, a->precise_load, a->precise_load, a->precise_store,
		       a->precise_store);
}

/* What large pages serve of N addresses, and where. */
static void large_pages(FILE *f, const __u64 leaf[LEAF_COUNT], const char *where)
{
	struct access_huge huge = access_huge(leaf);
	__u64 all = huge.all + leaf[LEAF_UNKNOWN];
	double share = percent(huge.n, huge.all) / 100, low, high;
	char buf[FORMAT_MAX];

	if (!all)
		return;
	fprintf(f, "%20s  %s", format_count(buf, all), where);
	access_interval(share, huge.all, &low, &high);
	if (huge.all)
		fprintf(f, ", %.1f %% in large pages (%.1f to %.1f)", 100 * share, 100 * low,
			100 * high);
	fputc('\n', f);
}

static void leaves(FILE *f, const struct access_summary *a)
{
	static const char *const size[] = { "4K", "2M", "1G", "unknown" };
	__u64 all = 0;

	for (int i = 0; i < LEAF_COUNT; i++)
		all += a->leaf[i];
	large_pages(f, a->leaf, "kernel addresses");
	large_pages(f, a->leaf_direct, "in the direct map");
	if (all)
		fprintf(f, "%20s ", "");
	for (int i = 0; i < LEAF_COUNT; i++)
		if (a->leaf[i])
			fprintf(f, " %s %.1f %%", size[i], percent(a->leaf[i], all));
	if (all)
		fputc('\n', f);
}

/* Why accesses are in region other. */
static void other(FILE *f, const struct access_summary *a)
{
	static const char *const words[KVAS_WHY_END] = {
		[KVAS_WHY_FS] = "by fs, whose base is not known",
		[KVAS_WHY_VECTOR] = "of gather or scatter",
		[KVAS_WHY_NO_REGION] = "at addresses of no region",
		[KVAS_WHY_IRQS_OFF] = "expected with interrupts off",
	};
	char buf[FORMAT_MAX];

	for (int why = 0; why < KVAS_WHY_END; why++)
		if (words[why] && a->other[why] > 1e-6)
			fprintf(f, "%20s  in other: %s\n", format_short(buf, a->other[why]), words[why]);
}

static double of_region(const struct access_row *r, int region)
{
	return r->by.load[region] + r->by.store[region];
}

static double of_all(const struct access_row *r)
{
	double n = 0;

	for (int i = 0; i < KVAS_REGION_COUNT; i++)
		n += of_region(r, i);
	return n;
}

/* N of ALL accesses in 100; of none there is no share. */
static void part(FILE *f, int width, double n, double all)
{
	if (all > 0)
		fprintf(f, " %*.1f", width, 100 * n / all);
	else
		fprintf(f, " %*s", width, "-");
}

#define COLUMNS " SAMPLES ACCESSES DIRECT% USER% VMALLOC#"

/* Behind a name: what COLUMNS head. */
static void columns(FILE *f, const struct access_row *r)
{
	double all = of_all(r);

	fprintf(f, " %8llu %8.0f", r->samples, all);
	part(f, 7, of_region(r, KVAS_REGION_DIRECT_MAP), all);
	part(f, 5, of_region(r, KVAS_REGION_USER), all);
	fprintf(f, " %8.0f\n", of_region(r, KVAS_REGION_VMALLOC));
}

static void rows(FILE *f, const struct access_row *const *row, size_t nr, const char *head)
{
	char name[VIEW_NAME_MAX];

	if (!nr)
		return;
	fprintf(f, "\n%-*s %s\n", FUNCTIONS, head, COLUMNS);
	for (size_t i = 0; i < nr; i++) {
		fprintf(f, "%-*.*s", FUNCTIONS, FUNCTIONS, safe_text(name, row[i]->name));
		columns(f, row[i]);
	}
}

static void folded(FILE *f, __u64 n)
{
	char buf[FORMAT_MAX];

	if (n)
		fprintf(f, "%20s  rows with the fewest accesses are in (others)\n",
			format_count(buf, n));
}

/* The functions whose instructions touched vmalloc most, most first. */
static int by_vmalloc(const void *a, const void *b)
{
	double n = of_region(*(const struct access_row *const *)a, KVAS_REGION_VMALLOC);
	double m = of_region(*(const struct access_row *const *)b, KVAS_REGION_VMALLOC);

	return n < m ? 1 : n > m ? -1 : 0;
}

static void functions(FILE *f, const struct access_summary *a, size_t top)
{
	const struct access_row **row = calloc(a->nr_functions + 1, sizeof(*row));
	size_t n = a->nr_functions, vm = 0;

	if (!row)
		return;
	fprintf(f, "\nBelow are accesses met; those expected with interrupts off are not in them.\n");
	for (size_t i = 0; i < n; i++)
		row[i] = &a->functions[i];
	rows(f, row, n < top ? n : top, "Functions, by accesses met");
	folded(f, a->functions_folded);
	qsort(row, n, sizeof(*row), by_vmalloc);
	while (vm < n && vm < top && of_region(row[vm], KVAS_REGION_VMALLOC) > 0)
		vm++;
	rows(f, row, vm, "Functions that touch vmalloc most");
	free(row);
}

static void processes(FILE *f, const struct access_summary *a, size_t top)
{
	char comm[VIEW_COMM_MAX], pid[FORMAT_MAX];

	if (!a->nr_processes)
		return;
	fprintf(f, "\n%-24s %s\n", "    PID of accesses", COLUMNS);
	for (size_t i = 0; i < a->nr_processes && i < top; i++) {
		const struct access_row *r = &a->processes[i];

		fprintf(f, "%7s %-16.16s", format_pid(pid, r->pid, r->folded), safe_comm(comm, r->name));
		columns(f, r);
	}
	folded(f, a->processes_folded);
}

static __u64 in_kernel(const struct access_summary *a)
{
	return a->samples - a->mode[KVAS_ACCESS_USER] - a->mode[KVAS_ACCESS_IDLE];
}

static void samples(FILE *f, const struct access_summary *a)
{
	static const struct {
		enum kvas_access_mode mode;
		const char *why;
	} not_decoded[] = {
		{ KVAS_ACCESS_UNKNOWN, "no instruction" },
		{ KVAS_ACCESS_UNREADABLE, "the text there cannot be read" },
		{ KVAS_ACCESS_NO_SYMBOLS, "no function is known" },
	};
	char buf[FORMAT_MAX], in[FORMAT_MAX];

	fprintf(f, "%20s  samples: %s in the kernel", format_count(buf, a->samples),
		format_count(in, in_kernel(a)));
	/* Without symbols those with interrupts off are among the others. */
	if (!a->mode[KVAS_ACCESS_NO_SYMBOLS])
		fprintf(f, ", %.1f %% with interrupts off",
			percent(a->mode[KVAS_ACCESS_IRQS_OFF] + a->mode[KVAS_ACCESS_RETURN],
				in_kernel(a)));
	fputc('\n', f);
	for (size_t i = 0; i < sizeof(not_decoded) / sizeof(not_decoded[0]); i++)
		if (a->mode[not_decoded[i].mode])
			fprintf(f, "%20s  not decoded: %s\n",
				format_count(buf, a->mode[not_decoded[i].mode]), not_decoded[i].why);
}

void view_accesses_text(FILE *f, const struct summary *s, int top)
{
	const struct access_summary *a = &s->accesses;
	const char *why = view_accesses_why(s);
	__u64 tracing = a->tracing_load + a->tracing_store;

	fprintf(f, "\nThe kernel's own loads and stores (sampled, %u Hz)\n", s->meta->sample_hz);
	if (why)
		fprintf(f, "%20s  %.56s\n", "unknown", why);
	if (!s->meta->sample_hz)
		return;
	samples(f, a);
	if (!why) {
		shares(f, &a->all, a->load, a->n_load, a->store, a->n_store);
		other(f, a);
		leaves(f, a);
	}
	if (tracing)
		fprintf(f, "%18.1f %%  of the accesses met are in BPF and tracing functions\n",
			percent(tracing, a->met_load + a->met_store));
	precise(f, s);
	if (why)
		return;
	if (top > 0) {
		functions(f, a, top);
		processes(f, a, top);
	}
}

static bool too_few(const struct access_summary *a)
{
	return a->met_load < FEW || a->met_store < FEW;
}

/* How far shares of N accesses may be off, points, 95 times in 100: at most, so at a half. */
static double off_by(double n)
{
	double low, high;

	access_interval(0.5, n, &low, &high);
	return 100 * (high - low) / 2;
}

void view_accesses_line(FILE *f, const struct summary *s)
{
	static const struct {
		enum kvas_region region;
		const char *name;
	} shown[] = { { KVAS_REGION_DIRECT_MAP, "direct" },
		      { KVAS_REGION_VMALLOC, "vmalloc" },
		      { KVAS_REGION_USER, "user" } };
	const struct access_summary *a = &s->accesses;
	double load, store;

	if (!s->meta->sample_hz)
		return;
	/* A second at 99 Hz meets a handful. */
	if (too_few(a) && s->accesses_so_far)
		a = s->accesses_so_far;
	if (a->why) {
		fprintf(f, "  accesses      %.60s\n", a->why);
		return;
	}
	if (too_few(a)) {
		fprintf(f, "  accesses      too few sampled to say where to: %llu loads, %llu stores\n",
			a->met_load, a->met_store);
		return;
	}
	load = a->load;
	store = a->store;
	fprintf(f, "  sampled l/s %%");
	for (int i = 0; i < 3; i++) {
		fprintf(f, " %s %.0f/%.0f", shown[i].name, percent(a->all.load[shown[i].region], a->load),
			percent(a->all.store[shown[i].region], a->store));
		load -= a->all.load[shown[i].region];
		store -= a->all.store[shown[i].region];
	}
	fprintf(f, " else %.0f/%.0f +-%.0f%s\n", percent(load, a->load), percent(store, a->store),
		off_by(a->n_load < a->n_store ? a->n_load : a->n_store),
		a == &s->accesses ? "" : " so far");
}
