/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/memory.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "short_memory.h"

#define ORDERS 64
/* What makes a row: all before its orders. */
#define KEY_BYTES offsetof(struct memory_row, least)

struct row {
	struct memory_row r;
	UT_hash_handle hh;
};

struct memory {
	struct memory_sum by[KVAS_MEMORY_END][KVAS_REGION_COUNT];
	struct row *rows;
	struct memory_row *sorted, *functions;
};

struct memory *memory_create(void)
{
	return calloc(1, sizeof(struct memory));
}

static void free_rows(struct row **rows)
{
	struct row *r, *next;

	HASH_FREE(*rows, r, next);
}

void memory_destroy(struct memory *m)
{
	if (!m)
		return;
	free_rows(&m->rows);
	free(m->sorted);
	free(m->functions);
	free(m);
}

/* The row of KEY, made when there is none; NULL without memory. */
static struct row *memory_row_of(struct row **rows, const struct memory_row *key)
{
	struct row *r;

	HASH_FIND(hh, *rows, key, KEY_BYTES, r);
	if (r)
		return r;
	HASH_MAKE(*rows, r, key, KEY_BYTES, r);
	if (r)
		r->r.least = ORDERS;
	return r;
}

static void sum_grow(struct memory_sum *to, struct memory_sum by)
{
	to->count += by.count;
	to->bytes += by.bytes;
}

static void row_grow(struct memory_row *to, struct memory_sum by, __u32 order)
{
	sum_grow(&to->sum, by);
	if (order < to->least)
		to->least = order;
	if (order > to->most)
		to->most = order;
}

static void add_use(struct memory *m, struct memory_row *key, struct memory_sum sum)
{
	struct row *r;

	if (!key->use || key->use >= KVAS_MEMORY_END || key->region >= KVAS_REGION_COUNT ||
	    key->order >= ORDERS)
		return;
	sum_grow(&m->by[key->use][key->region], sum);
	HASH_FIND(hh, m->rows, key, KEY_BYTES, r);
	if (!r && HASH_COUNT(m->rows) >= MEMORY_ROWS) {
		memset(key->function, 0, sizeof(key->function));
		strcpy(key->function, "(others)");
	}
	r = memory_row_of(&m->rows, key);
	if (r)
		row_grow(&r->r, sum, key->order);
	else
		short_memory_note();
}

void memory_add(struct memory *m, const struct kvas_rec_memory *r)
{
	struct memory_row key = { .use = r->use, .region = r->region, .order = r->order };

	memcpy(key.function, r->function, strnlen(r->function, sizeof(key.function) - 1));
	add_use(m, &key, (struct memory_sum){ r->count, r->bytes });
}

void memory_add_area(struct memory *m, const struct kvas_rec_vmalloc *r, __u32 region)
{
	struct memory_row key = { .use = KVAS_MEMORY_VMALLOC, .region = region };

	while (key.order < ORDERS - 1 && 1ULL << key.order < r->bytes)
		key.order++;
	memcpy(key.function, r->caller, strnlen(r->caller, sizeof(key.function) - 1));
	add_use(m, &key, (struct memory_sum){ 1, r->bytes });
}

static int by_bytes(const void *a, const void *b)
{
	const struct memory_row *x = a, *y = b;

	if (x->sum.bytes != y->sum.bytes)
		return x->sum.bytes < y->sum.bytes ? 1 : -1;
	return memcmp(x, y, KEY_BYTES);
}

/* ROWS as an array of *NR, sorted; NULL without memory. */
static struct memory_row *sorted_rows(const struct row *rows, size_t *nr)
{
	struct memory_row *out = calloc(HASH_COUNT(rows) + 1, sizeof(*out));

	*nr = 0;
	if (!out)
		short_memory_note();
	for (const struct row *r = rows; r && out; r = r->hh.next)
		out[(*nr)++] = r->r;
	if (*nr)
		qsort(out, *nr, sizeof(*out), by_bytes);
	return out;
}

/* The rows without their orders. */
static struct row *merge_orders(const struct row *rows)
{
	struct row *merged = NULL, *to;

	for (const struct row *r = rows; r; r = r->hh.next) {
		struct memory_row key = r->r;

		key.order = 0;
		to = memory_row_of(&merged, &key);
		if (to)
			row_grow(&to->r, r->r.sum, r->r.order);
		else
			short_memory_note();
	}
	return merged;
}

void memory_summary(struct memory *m, struct memory_summary *out)
{
	struct row *merged = merge_orders(m->rows);

	free(m->sorted);
	free(m->functions);
	m->sorted = sorted_rows(m->rows, &out->nr_rows);
	m->functions = sorted_rows(merged, &out->nr_functions);
	free_rows(&merged);
	memcpy(out->by, m->by, sizeof(out->by));
	out->rows = m->sorted;
	out->functions = m->functions;
}
