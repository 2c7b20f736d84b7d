/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/memory.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "model/kernel_functions.h"
#include "trace/callers.h"

/* What a record tells of. Keys of the map that differ only in the way to one function share it. */
struct row_key {
	__u32 use, region, order;
	char function[KVAS_FUNCTION_LEN];
};
_Static_assert(sizeof(struct row_key) == 12 + KVAS_FUNCTION_LEN, "no padding: it is hashed");

struct row {
	struct row_key key;
	struct kvas_memory_sum grown; /* since the last record */
	UT_hash_handle hh;
};

/* A key of the map, as last read. */
struct seen {
	struct kvas_memory_key key;
	struct kvas_memory_sum sum;
	struct row *row;
	UT_hash_handle hh;
};

struct memory_sums {
	int sums, stacks;
	unsigned int cpus;
	struct kvas_memory_sum *value; /* by CPU */
	struct seen *seen;
	struct row *rows;
};

struct memory_sums *memory_sums_create(int sums, int stacks, unsigned int cpus)
{
	struct memory_sums *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	*m = (struct memory_sums){ .sums = sums, .stacks = stacks, .cpus = cpus };
	m->value = calloc(cpus, sizeof(*m->value));
	if (!m->value) {
		free(m);
		return NULL;
	}
	return m;
}

void memory_sums_destroy(struct memory_sums *m)
{
	struct seen *s, *next;
	struct row *r, *next_row;

	if (!m)
		return;
	HASH_ITER(hh, m->seen, s, next) {
		HASH_DEL(m->seen, s);
		free(s);
	}
	HASH_ITER(hh, m->rows, r, next_row) {
		HASH_DEL(m->rows, r);
		free(r);
	}
	free(m->value);
	free(m);
}

static const char *function(const struct memory_sums *m, const struct symbols *s,
			    const struct kvas_memory_key *key)
{
	__u64 stack[KVAS_MEMORY_STACK] = { 0 };
	struct symbol at;
	__u64 end;

	if (key->use == KVAS_MEMORY_SLAB)
		return s && symbols_at(s, key->who - 1, &at, &end) ? at.name : "";
	if (!(key->who & KVAS_WHO_STACK))
		return kfunc_of_copy(key->who);
	if (!s || bpf_map_lookup_elem(m->stacks, &key->who, stack))
		return "";
	return callers_of_memory(s, stack, key->use);
}

/* Of what turns out to be no use of user memory; it is not handed on. */
#define NO_USE 0

/* NULL without memory. */
static struct row *memory_row_of(struct memory_sums *m, const struct symbols *s,
			  const struct kvas_memory_key *key)
{
	struct row_key r = { .use = key->use, .region = key->region, .order = key->order };
	const char *name = function(m, s, key);
	struct row *row;

	if (!name) {
		r.use = NO_USE;
		name = "";
	}
	/* What is looked at before a string is copied is the room for it. */
	if (r.use == KVAS_MEMORY_FROM_USER && kfunc_in(KFUNC_COPIES_STRING, name)) {
		r.use = KVAS_MEMORY_STRINGS;
		r.order = 0;
	}

	memcpy(r.function, name, strnlen(name, sizeof(r.function) - 1));
	HASH_FIND_OR_MAKE(m->rows, key, &r, sizeof(r), row);
	return row;
}

static struct seen *seen_of(struct memory_sums *m, const struct symbols *s,
			    const struct kvas_memory_key *key)
{
	struct seen *seen;
	struct row *row;

	HASH_FIND(hh, m->seen, key, sizeof(*key), seen);
	if (seen)
		return seen;
	row = memory_row_of(m, s, key);
	if (row)
		HASH_MAKE(m->seen, key, key, sizeof(*key), seen);
	if (seen)
		seen->row = row;
	return seen;
}

static int sum_grown(struct memory_sums *m, const struct symbols *s, const struct kvas_memory_key *key,
		struct err *e)
{
	struct kvas_memory_sum now = { 0 };
	struct seen *seen;

	if (bpf_map_lookup_elem(m->sums, key, m->value))
		return err_set(e, "the sums of memory use cannot be read: %s", strerror(errno));
	for (unsigned int cpu = 0; cpu < m->cpus; cpu++) {
		now.count += m->value[cpu].count;
		now.bytes += m->value[cpu].bytes;
	}
	seen = seen_of(m, s, key);
	if (!seen)
		return err_set(e, "out of memory");
	seen->row->grown.count += now.count - seen->sum.count;
	if (seen->row->key.use != KVAS_MEMORY_STRINGS)
		seen->row->grown.bytes += now.bytes - seen->sum.bytes;
	seen->sum = now;
	return 0;
}

static void hand_on(const struct row *r, __u64 time_ns, memory_fn fn, void *ctx)
{
	union kvas_record rec = {
		.memory = { .h = { .time_ns = time_ns, .kind = KVAS_KIND_MEMORY,
				   .size = sizeof(rec.memory) },
			    .use = r->key.use, .region = r->key.region, .order = r->key.order,
			    .count = r->grown.count, .bytes = r->grown.bytes },
	};

	memcpy(rec.memory.function, r->key.function, sizeof(rec.memory.function));
	fn(ctx, &rec);
}

int memory_sums_flush(struct memory_sums *m, const struct symbols *s, __u64 time_ns, memory_fn fn,
		      void *ctx, struct err *e)
{
	struct kvas_memory_key key, *last = NULL;

	/* No key is ever deleted: none is missed or met twice. */
	for (; !bpf_map_get_next_key(m->sums, last, &key); last = &key)
		if (sum_grown(m, s, &key, e))
			return -1;
	for (struct row *r = m->rows; r; r = r->hh.next) {
		if (!r->grown.count || r->key.use == NO_USE)
			continue;
		hand_on(r, time_ns, fn, ctx);
		r->grown = (struct kvas_memory_sum){ 0, 0 };
	}
	return 0;
}
