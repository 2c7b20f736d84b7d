/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/start_areas.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/vmaps.h"

struct start_areas {
	struct vmaps maps;
};

struct start_areas *start_areas_create(struct reader *r, struct meta *m)
{
	struct start_areas *a = calloc(1, sizeof(*a));
	struct err e = { 0 };

	if (!a || vmaps_open(&a->maps, r, &m->host.vmap_lists, &e)) {
		snprintf(m->areas_why, sizeof(m->areas_why), "%.159s", a ? e.text : "out of memory");
	} else if (!a->maps.by_bpf && !a->maps.addresses) {
		snprintf(m->areas_why, sizeof(m->areas_why),
			 "/proc/vmallocinfo hides addresses, which it shows with kernel.kptr_restrict=1");
	} else {
		m->areas_why[0] = '\0';
		return a;
	}
	start_areas_destroy(a);
	return NULL;
}

void start_areas_destroy(struct start_areas *a)
{
	if (a)
		vmaps_close(&a->maps);
	free(a);
}

/* The function of the caller's address, as /proc/vmallocinfo names it. */
static void name_caller(const struct vmap_row *row, const struct symbols *s, struct kvas_rec_vmalloc *r)
{
	struct symbol at;
	__u64 end;

	if (row->caller[0])
		memcpy(r->caller, row->caller, sizeof(r->caller));
	else if (s && row->caller_addr && symbols_at(s, row->caller_addr, &at, &end))
		memcpy(r->caller, at.name, strnlen(at.name, sizeof(r->caller) - 1));
}

/* Is the area one whose allocation was seen? Else note it, so long as there is ROOM. */
static bool seen_already(int map_fd, const struct vmap_row *row, __u32 *room)
{
	struct kvas_area note = { .bytes = row->bytes }, have;

	if (!*room)
		return !bpf_map_lookup_elem(map_fd, &row->start, &have);
	if (bpf_map_update_elem(map_fd, &row->start, &note, BPF_NOEXIST))
		return errno == EEXIST;
	--*room;
	return false;
}

__u64 start_areas_tell(struct start_areas *a, int map_fd, __u32 room, const struct symbols *s, __u64 time_ns,
		       struct meta *m, start_areas_fn fn, void *ctx, __u64 *bytes)
{
	struct err e = { 0 };
	__u32 half = room / 2;
	__u64 areas = 0;

	*bytes = 0;
	if (vmaps_fill(&a->maps, &e)) {
		snprintf(m->areas_why, sizeof(m->areas_why), "%.159s", e.text);
		return 0;
	}
	for (size_t i = 0; i < a->maps.nr; i++) {
		const struct vmap_row *row = &a->maps.row[i];
		union kvas_record rec = {
			.vm = { .h = { .kind = KVAS_KIND_VMALLOC, .size = sizeof(rec.vm), .time_ns = time_ns },
				.op = KVAS_VM_THERE, .address = row->start, .bytes = row->bytes },
		};

		if (!row->start || row->type == KVAS_AREA_FREED || seen_already(map_fd, row, &half))
			continue;
		name_caller(row, s, &rec.vm);
		fn(ctx, &rec);
		areas++;
		*bytes += row->bytes;
	}
	return areas;
}
