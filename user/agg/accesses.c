/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/accesses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "short_memory.h"
#include "model/kernel_functions.h"

#define MOST_ROWS 8192
#define MILLION 1e6

struct row {
	struct access_row r;
	UT_hash_handle hh;
};

/* Rows of one kind, and their order at the last summary. */
struct rows {
	struct row *head;
	struct access_row *sorted;
	struct access_row others; /* rows that went, to bound memory */
	__u64 folded; /* how many */
};

struct accesses {
	struct access_summary sum;
	struct access_regions pointers; /* where those of samples lead, user memory aside */
	double off_load[KVAS_BASE_END], off_store[KVAS_BASE_END];
	struct access_regions off_stack;
	__u64 off_known; /* samples with something expected */
	double load_squares, store_squares; /* of the accesses a sample met */
	struct rows functions, processes;
	const struct access_row **vmalloc; /* of the functions sorted, those that touch vmalloc */
};

struct accesses *accesses_create(void)
{
	return calloc(1, sizeof(struct accesses));
}

static void free_rows(struct rows *rows)
{
	struct row *r, *next;

	HASH_FREE(rows->head, r, next);
	free(rows->sorted);
}

void accesses_destroy(struct accesses *a)
{
	if (!a)
		return;
	free_rows(&a->functions);
	free_rows(&a->processes);
	free(a->vmalloc);
	free(a);
}

static int by_accesses(const void *a, const void *b);

static int rows_by_accesses(const struct row *a, const struct row *b)
{
	return by_accesses(&a->r, &b->r);
}

static void fold_row(struct rows *rows, const struct access_row *r)
{
	rows->folded++;
	rows->others.samples += r->samples;
	for (int i = 0; i < KVAS_REGION_COUNT; i++) {
		rows->others.by.load[i] += r->by.load[i];
		rows->others.by.store[i] += r->by.store[i];
	}
}

/* The half with the fewest accesses, so that one that comes late and has many stays. */
static void fold_rows(struct rows *rows)
{
	unsigned int place = 0;
	struct row *r, *next;

	HASH_SORT(rows->head, rows_by_accesses);
	HASH_ITER(hh, rows->head, r, next) {
		if (place++ < MOST_ROWS / 2)
			continue;
		fold_row(rows, &r->r);
		HASH_DEL(rows->head, r);
		free(r);
	}
}

/* The row of KEY, LEN bytes; without memory for one more that of the others. */
static struct access_row *access_row_of(struct rows *rows, const void *key, size_t len, bool by_pid)
{
	struct row *r;

	HASH_FIND(hh, rows->head, key, len, r);
	if (r)
		return &r->r;
	if (HASH_COUNT(rows->head) >= MOST_ROWS)
		fold_rows(rows);
	if (by_pid)
		HASH_MAKE(rows->head, r.pid, key, len, r);
	else
		HASH_MAKE(rows->head, r.name, key, len, r);
	if (!r) {
		rows->folded++;
		return &rows->others;
	}
	return &r->r;
}

static void add_to(struct access_row *row, const struct kvas_rec_access *r)
{
	row->samples++;
	if (r->load.from)
		row->by.load[r->load.region] += r->load.times;
	if (r->store.from)
		row->by.store[r->store.region] += r->store.times;
}

static void add_rows(struct accesses *a, const struct kvas_rec_access *r)
{
	struct access_row *process = access_row_of(&a->processes, &r->h.pid, sizeof(r->h.pid),
						   true);

	/* The first thread's name, or any until it is known. */
	if (process != &a->processes.others && (!process->name[0] || r->h.tid == r->h.pid))
		memcpy(process->name, r->h.comm, sizeof(r->h.comm));
	add_to(process, r);
	if (r->function[0])
		add_to(access_row_of(&a->functions, r->function,
				     strnlen(r->function, KVAS_FUNCTION_LEN - 1), false), r);
}

void accesses_name(struct accesses *a, __u32 pid, const char comm[KVAS_COMM_LEN])
{
	struct row *r;

	HASH_FIND(hh, a->processes.head, &pid, sizeof(pid), r);
	if (r && comm[0])
		memcpy(r->r.name, comm, KVAS_COMM_LEN);
}

static void add_leaf(struct accesses *a, const struct kvas_access *one)
{
	enum access_leaf leaf = one->leaf_kb == 4	? LEAF_4K :
				one->leaf_kb == 2048	? LEAF_2M :
				one->leaf_kb == 1048576 ? LEAF_1G : LEAF_UNKNOWN;

	if (!one->from || one->region == KVAS_REGION_USER)
		return;
	a->sum.leaf[leaf]++;
	a->sum.leaf_direct[leaf] += one->region == KVAS_REGION_DIRECT_MAP;
}

/* Loads or stores that went to no region: why. */
static void add_other(struct accesses *a, const struct kvas_access *one)
{
	if (one->from && one->region == KVAS_REGION_OTHER)
		a->sum.other[one->why] += one->times;
}

static void add_met(struct accesses *a, const struct kvas_rec_access *r)
{
	bool tracing = kfunc_in(KFUNC_TRACING, r->function);

	if (r->load.from) {
		a->sum.all.load[r->load.region] += r->load.times;
		a->sum.met_load += r->load.times;
		a->load_squares += (double)r->load.times * r->load.times;
		a->sum.tracing_load += tracing ? r->load.times : 0;
	}
	if (r->store.from) {
		a->sum.all.store[r->store.region] += r->store.times;
		a->sum.met_store += r->store.times;
		a->store_squares += (double)r->store.times * r->store.times;
		a->sum.tracing_store += tracing ? r->store.times : 0;
	}
	if (r->load.from == KVAS_BASE_POINTER && r->load.region != KVAS_REGION_USER)
		a->pointers.load[r->load.region] += r->load.times;
	if (r->store.from == KVAS_BASE_POINTER && r->store.region != KVAS_REGION_USER)
		a->pointers.store[r->store.region] += r->store.times;
	add_other(a, &r->load);
	add_other(a, &r->store);
	add_leaf(a, &r->load);
	add_leaf(a, &r->store);
}

static void add_expected(struct accesses *a, const struct kvas_rec_access *r)
{
	bool any = false;

	for (int b = 1; b < KVAS_BASE_END; b++) {
		a->off_load[b] += r->expect_load[b] / MILLION;
		a->off_store[b] += r->expect_store[b] / MILLION;
		any |= r->expect_load[b] || r->expect_store[b];
	}
	a->off_stack.load[r->stack_region] += r->expect_load[KVAS_BASE_STACK] / MILLION;
	a->off_stack.store[r->stack_region] += r->expect_store[KVAS_BASE_STACK] / MILLION;
	a->off_known += any;
}

/* A recording may hold anything. */
static bool sane(const struct kvas_rec_access *r)
{
	return r->mode >= KVAS_ACCESS_KERNEL && r->mode < KVAS_ACCESS_END &&
	       r->load.region < KVAS_REGION_COUNT + !r->load.from &&
	       r->store.region < KVAS_REGION_COUNT + !r->store.from &&
	       r->load.why < KVAS_WHY_IRQS_OFF && r->store.why < KVAS_WHY_IRQS_OFF &&
	       r->stack_region < KVAS_REGION_COUNT + (r->mode != KVAS_ACCESS_IRQS_OFF);
}

static void add_precise(struct access_summary *s, const struct kvas_rec_access *r)
{
	if (r->load.from) {
		s->precise.load[r->load.region]++;
		s->precise_load++;
	}
	if (r->store.from) {
		s->precise.store[r->store.region]++;
		s->precise_store++;
	}
	s->precise_unknown += !r->load.from && !r->store.from;
}

void accesses_add(struct accesses *a, const struct kvas_rec_access *r)
{
	if (!sane(r))
		return;
	if (r->mode == KVAS_ACCESS_PRECISE) {
		add_precise(&a->sum, r);
		return;
	}
	a->sum.samples++;
	a->sum.mode[r->mode]++;
	if (r->mode == KVAS_ACCESS_KERNEL)
		add_met(a, r);
	else if (r->mode == KVAS_ACCESS_IRQS_OFF)
		add_expected(a, r);
	if (r->mode != KVAS_ACCESS_USER && r->mode != KVAS_ACCESS_IDLE)
		add_rows(a, r);
}

/* N accesses through pointers go where those at samples went. */
static void spread(double n, const double met[KVAS_REGION_COUNT], double out[KVAS_REGION_COUNT])
{
	double all = 0;

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		all += met[r];
	if (all <= 0)
		out[KVAS_REGION_OTHER] += n;
	for (int r = 0; all > 0 && r < KVAS_REGION_COUNT; r++)
		out[r] += n * met[r] / all;
}

/* Add to OUT what is expected by BASE, SCALE times: samples whose code could not be
 * followed, and those on the way to user mode, count as the mean of the others. */
static double expected(const double base[KVAS_BASE_END], const double stack[KVAS_REGION_COUNT],
		       const double pointers[KVAS_REGION_COUNT], double scale,
		       double out[KVAS_REGION_COUNT])
{
	double sum = 0;

	spread(scale * (base[KVAS_BASE_POINTER] + base[KVAS_BASE_STRING]), pointers, out);
	out[KVAS_REGION_PERCPU] += scale * base[KVAS_BASE_PERCPU];
	out[KVAS_REGION_KERNEL_IMAGE] += scale * base[KVAS_BASE_STATIC];
	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		out[r] += scale * stack[r];
	for (int b = 1; b < KVAS_BASE_END; b++)
		sum += scale * base[b];
	return sum;
}

static double all_of(const struct access_row *r)
{
	double n = 0;

	for (int i = 0; i < KVAS_REGION_COUNT; i++)
		n += r->by.load[i] + r->by.store[i];
	return n;
}

static int by_accesses(const void *a, const void *b)
{
	const struct access_row *x = a, *y = b;
	double n = all_of(x), m = all_of(y);

	if (n != m)
		return n < m ? 1 : -1;
	if (x->samples != y->samples)
		return x->samples < y->samples ? 1 : -1;
	return x->pid != y->pid ? (x->pid < y->pid ? -1 : 1) : strcmp(x->name, y->name);
}

static size_t sort_rows(struct rows *rows, const struct access_row **out)
{
	size_t n = 0;
	struct row *r;

	free(rows->sorted);
	rows->sorted = calloc(HASH_COUNT(rows->head) + 1, sizeof(*rows->sorted));
	*out = rows->sorted;
	if (!rows->sorted)
		short_memory_note();
	for (r = rows->head; r && rows->sorted; r = r->hh.next)
		rows->sorted[n++] = r->r;
	strcpy(rows->others.name, "(others)");
	rows->others.folded = true;
	if (rows->folded && rows->sorted)
		rows->sorted[n++] = rows->others;
	if (n)
		qsort(rows->sorted, n, sizeof(*rows->sorted), by_accesses);
	return n;
}

static double in_vmalloc(const struct access_row *r)
{
	return r->by.load[KVAS_REGION_VMALLOC] + r->by.store[KVAS_REGION_VMALLOC];
}

/* The most first; of equals the one with more accesses in all, which stands before it. */
static int by_vmalloc(const void *a, const void *b)
{
	const struct access_row *x = *(const struct access_row *const *)a;
	const struct access_row *y = *(const struct access_row *const *)b;
	double n = in_vmalloc(x), m = in_vmalloc(y);

	return n < m ? 1 : n > m ? -1 : x > y ? 1 : x < y ? -1 : 0;
}

/* After the functions are sorted: those of them that touch vmalloc. */
static void sort_vmalloc(struct accesses *a, struct access_summary *out)
{
	free(a->vmalloc);
	a->vmalloc = calloc(out->nr_functions + 1, sizeof(*a->vmalloc));
	out->vmalloc_functions = a->vmalloc;
	if (!a->vmalloc)
		short_memory_note();
	for (size_t i = 0; a->vmalloc && i < out->nr_functions; i++)
		if (in_vmalloc(&out->functions[i]) > 0)
			a->vmalloc[out->nr_vmalloc_functions++] = &out->functions[i];
	if (out->nr_vmalloc_functions)
		qsort(a->vmalloc, out->nr_vmalloc_functions, sizeof(*a->vmalloc), by_vmalloc);
}

static const char *why_unknown(const struct access_summary *s)
{
	if (s->met_load + s->met_store)
		return NULL;
	if (s->mode[KVAS_ACCESS_NO_SYMBOLS])
		return "/proc/kallsyms shows no addresses of functions";
	if (s->mode[KVAS_ACCESS_UNREADABLE])
		return "the kernel's code cannot be read";
	if (s->mode[KVAS_ACCESS_UNKNOWN])
		return "no sample stands at an instruction";
	return s->mode[KVAS_ACCESS_KERNEL] + s->mode[KVAS_ACCESS_IRQS_OFF] ?
		       "no sample in the kernel met an access" : "no sample fell into the kernel";
}

/* So many equal weights say as much as weights of this sum and sum of squares (Kish). */
static double effective(double sum, double squares)
{
	return squares > 0 ? sum * sum / squares : 0;
}

void accesses_summary(struct accesses *a, struct access_summary *out)
{
	__u64 off = a->sum.mode[KVAS_ACCESS_IRQS_OFF] + a->sum.mode[KVAS_ACCESS_RETURN];
	double scale = a->off_known ? (double)off / a->off_known : 0, met_other = 0;

	*out = a->sum;
	for (int why = 0; why < KVAS_WHY_END; why++)
		met_other += out->other[why];
	out->expected_load = expected(a->off_load, a->off_stack.load, a->pointers.load, scale,
				      out->all.load);
	out->expected_store = expected(a->off_store, a->off_stack.store, a->pointers.store, scale,
				       out->all.store);
	for (int r = 0; r < KVAS_REGION_COUNT; r++) {
		out->load += out->all.load[r];
		out->store += out->all.store[r];
	}
	out->other[KVAS_WHY_IRQS_OFF] = out->all.load[KVAS_REGION_OTHER] +
					out->all.store[KVAS_REGION_OTHER] - met_other;
	out->n_load = effective(a->sum.met_load, a->load_squares);
	out->n_store = effective(a->sum.met_store, a->store_squares);
	out->why = why_unknown(&a->sum);
	out->nr_functions = sort_rows(&a->functions, &out->functions);
	sort_vmalloc(a, out);
	out->nr_processes = sort_rows(&a->processes, &out->processes);
	out->functions_folded = a->functions.folded;
	out->processes_folded = a->processes.folded;
}

struct access_huge access_huge(const __u64 leaf[LEAF_COUNT])
{
	__u64 n = leaf[LEAF_2M] + leaf[LEAF_1G];

	return (struct access_huge){ n, n + leaf[LEAF_4K] };
}

void access_interval(double share, double n, double *low, double *high)
{
	const double z = 1.96;
	bool any = n > 0;

	n = any ? n : 1;
	double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
	double half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));

	*low = any && middle - half > 0 ? middle - half : 0;
	*high = any && middle + half < 1 ? middle + half : 1;
}
