/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/symbols.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ksym_lines.h"

#define ROWS 131072
#define NAMES (4 << 20)

struct row {
	__u64 start;
	__u32 name; /* offset in names */
} __attribute__((packed));

struct symbols {
	struct row *row;
	size_t nr, room;
	char *names; /* one after the other, each with its NUL */
	size_t len, size;
};

static int by_start(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name; /* as in the file */
}

static void *grown(void *old, size_t *room, size_t first, size_t each)
{
	size_t more = *room ? *room * 2 : first;
	void *p = realloc(old, more * each);

	if (p)
		*room = more;
	return p;
}

static int add_symbol(struct symbols *s, __u64 start, const char *name, size_t len)
{
	void *p;

	if (s->nr == s->room) {
		p = grown(s->row, &s->room, ROWS, sizeof(*s->row));
		if (!p)
			return -1;
		s->row = p;
	}
	if (s->len + len + 1 > s->size) {
		p = grown(s->names, &s->size, NAMES, 1);
		if (!p)
			return -1;
		s->names = p;
	}
	s->row[s->nr++] = (struct row){ start, s->len };
	memcpy(s->names + s->len, name, len);
	s->names[s->len + len] = '\0';
	s->len += len + 1;
	return 0;
}

static int read_lines(struct symbols *s, struct ksym_lines *lines)
{
	struct ksym_text l;

	while (ksym_lines_next(lines, &l))
		if (l.value >> 63 && (l.type == 't' || l.type == 'T' || l.type == 'w' || l.type == 'W') &&
		    add_symbol(s, l.value, l.name, l.len))
			return -1;
	return s->nr ? 0 : -1;
}

struct symbols *symbols_read(const char *file)
{
	struct symbols *s = calloc(1, sizeof(*s));
	struct ksym_lines *lines = s ? ksym_lines_open(file) : NULL;
	int bad = !lines || read_lines(s, lines);

	ksym_lines_close(lines);
	if (bad) {
		symbols_destroy(s);
		return NULL;
	}
	symbols_sort(s);
	return s;
}

struct symbols_later {
	pthread_t thread;
	bool reading; /* the thread is to be waited for */
	const char *file;
	struct symbols *symbols;
};

static void *read_later(void *ctx)
{
	struct symbols_later *l = ctx;

	l->symbols = symbols_read(l->file);
	return NULL;
}

struct symbols_later *symbols_later_create(const char *file)
{
	struct symbols_later *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->file = file;
	l->reading = !pthread_create(&l->thread, NULL, read_later, l);
	return l;
}

struct symbols *symbols_later_get(struct symbols_later *l)
{
	if (!l)
		return NULL;
	if (l->reading)
		pthread_join(l->thread, NULL);
	l->reading = false;
	return l->symbols;
}

void symbols_later_destroy(struct symbols_later *l)
{
	symbols_destroy(symbols_later_get(l));
	free(l);
}

int symbols_add(struct symbols *s, __u64 start, const char *name)
{
	return add_symbol(s, start, name, strlen(name));
}

/* The kernel's own come in order and before all others, which are few. */
void symbols_sort(struct symbols *s)
{
	size_t in_order = s->nr ? 1 : 0;

	while (in_order < s->nr && by_start(&s->row[in_order - 1], &s->row[in_order]) <= 0)
		in_order++;
	if (in_order == s->nr)
		return;
	qsort(s->row + in_order, s->nr - in_order, sizeof(*s->row), by_start);
	if (by_start(&s->row[in_order - 1], &s->row[in_order]) > 0)
		qsort(s->row, s->nr, sizeof(*s->row), by_start);
}

__u64 symbols_find(const struct symbols *s, const char *name)
{
	for (size_t i = 0; i < s->nr; i++)
		if (!strcmp(s->names + s->row[i].name, name))
			return s->row[i].start;
	return 0;
}

void symbols_destroy(struct symbols *s)
{
	if (s) {
		free(s->row);
		free(s->names);
	}
	free(s);
}

bool symbols_at(const struct symbols *s, __u64 va, struct symbol *out, __u64 *end)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->row[mid].start <= va)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return false;
	/* The last one is taken for a page, and does not go past the highest address. */
	if (low < s->nr)
		*end = s->row[low].start;
	else if (__builtin_add_overflow(s->row[low - 1].start, 4096, end))
		*end = ~0ULL;
	/* Of names of one address the first is taken. */
	while (low > 1 && s->row[low - 2].start == s->row[low - 1].start)
		low--;
	*out = (struct symbol){ s->row[low - 1].start, s->names + s->row[low - 1].name };
	return true;
}

size_t symbols_count(const struct symbols *s)
{
	return s->nr;
}

__u64 symbols_nth(const struct symbols *s, size_t i)
{
	return s->row[i].start;
}
