/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/vmaps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvas/reader.h"
#include "model/kernel_functions.h"

enum kvas_area_type vmaps_type(__u64 flags, const char *caller)
{
	if (flags & KVAS_VMFLAG_IOREMAP)
		return KVAS_AREA_IOREMAP;
	if (kfunc_in(KFUNC_MAKES_PERCPU, caller))
		return KVAS_AREA_PERCPU;
	if (flags & KVAS_VMFLAG_MAP)
		return KVAS_AREA_VMAP;
	if (!(flags & KVAS_VMFLAG_ALLOC))
		return KVAS_AREA_OTHER;
	return kfunc_in(KFUNC_MAKES_STACK, caller)  ? KVAS_AREA_STACK :
	       kfunc_in(KFUNC_MAKES_BPF, caller)    ? KVAS_AREA_BPF :
	       kfunc_in(KFUNC_MAKES_MODULE, caller) ? KVAS_AREA_MODULE :
						      KVAS_AREA_VMALLOC;
}

/* The words of s_show(), mm/vmalloc.c, 5.10 to 7.2. */
static __u64 flag_of(const char *word)
{
	return !strcmp(word, "ioremap") ? KVAS_VMFLAG_IOREMAP :
	       !strcmp(word, "vmalloc") ? KVAS_VMFLAG_ALLOC :
	       !strcmp(word, "vmap")	? KVAS_VMFLAG_MAP :
					  0;
}

void vmaps_set_caller(struct vmap_row *row, const char *word)
{
	snprintf(row->caller, sizeof(row->caller), "%.*s", (int)strcspn(word, "+"), word);
}

bool vmaps_parse(const char *line, struct vmap_row *out)
{
	unsigned long long start, end, bytes, value;
	char buf[512], *save = NULL, *word;
	bool ram = false, freed = false;
	__u64 flags = 0;
	int at = 0;

	memset(out, 0, sizeof(*out));
	if (sscanf(line, "0x%llx-0x%llx %llu%n", &start, &end, &bytes, &at) != 3 || !at)
		return false;
	out->bytes = bytes;
	/* Hidden ones are not as far apart as the area is long. */
	if (end - start == bytes && start >> 63)
		out->start = start;
	snprintf(buf, sizeof(buf), "%s", line + at);
	for (word = strtok_r(buf, " \n", &save); word; word = strtok_r(NULL, " \n", &save)) {
		if (sscanf(word, "pages=%llu", &value) == 1)
			out->pages = value;
		else if (sscanf(word, "phys=%llx", &value) == 1)
			out->phys = value;
		else if (strstr(word, "+0x"))
			vmaps_set_caller(out, word);
		flags |= flag_of(word);
		ram |= !strcmp(word, "vm_map_ram");
		freed |= !strcmp(word, "unpurged");
	}
	out->type = freed ? KVAS_AREA_FREED : ram ? KVAS_AREA_RAM : vmaps_type(flags, out->caller);
	return true;
}

static struct vmap_row *add_row(struct vmaps *v, size_t *room)
{
	size_t more = *room ? 2 * *room : 256;
	struct vmap_row *rows;

	if (v->nr == *room) {
		rows = realloc(v->row, more * sizeof(*rows));
		if (!rows)
			return NULL;
		v->row = rows;
		*room = more;
	}
	return &v->row[v->nr++];
}

int vmaps_read_file(struct vmaps *v, const char *file, bool freed_alone, struct err *e)
{
	FILE *f = fopen(file, "re");
	size_t room = v->nr;
	struct vmap_row row, *new;
	char line[512];

	if (!f)
		return err_set_status(e, KVAS_EXIT_HOST, "%s cannot be read: %s%s", file, strerror(errno),
				      errno == EACCES ? "; it is root's alone: that takes CAP_DAC_READ_SEARCH" :
							"");
	while (fgets(line, sizeof(line), f)) {
		if (!vmaps_parse(line, &row) || (freed_alone && row.type != KVAS_AREA_FREED))
			continue;
		new = add_row(v, &room);
		if (!new) {
			fclose(f);
			return err_set(e, "out of memory");
		}
		*new = row;
		v->addresses |= row.start != 0;
		v->freed |= row.type == KVAS_AREA_FREED;
	}
	fclose(f);
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct vmap_row *x = a, *y = b;

	if (!x->start != !y->start)
		return x->start ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

void vmaps_sort(struct vmaps *v)
{
	if (v->nr)
		qsort(v->row, v->nr, sizeof(*v->row), by_start);
}

void vmaps_free(struct vmaps *v)
{
	free(v->row);
	memset(v, 0, sizeof(*v));
}

__u64 vmaps_gap(const struct vmaps *v, __u64 start, __u64 end, __u64 *at)
{
	__u64 from = start, best = 0;

	*at = 0;
	for (size_t i = 0; i <= v->nr && v->addresses; i++) {
		const struct vmap_row *row = i < v->nr ? &v->row[i] : NULL;
		__u64 to = row ? row->start : end;

		if (row && (row->type == KVAS_AREA_FREED || row->start < start || row->start >= end))
			continue;
		if (to > from && to - from > best) {
			best = to - from;
			*at = from;
		}
		if (row && row->start + row->bytes > from)
			from = row->start + row->bytes;
	}
	return best;
}
