/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vmalloc areas that are there when the window opens, so that what is freed later has a size and a
 * caller. Only without a filter: whose they are is not known.
 */
#ifndef KVAS_START_AREAS_H
#define KVAS_START_AREAS_H

#include "kernel/reader.h"
#include "kernel/symbols.h"
#include "model/meta.h"

struct start_areas;

typedef void (*start_areas_fn)(void *ctx, const union kvas_record *rec);

/* Make ready to read them, with the rights that this takes. NULL with M->areas_why. R runs programs and
 * outlives what is made here. */
struct start_areas *start_areas_create(struct reader *r, struct meta *m);
void start_areas_destroy(struct start_areas *a);

/* Once events are counted: a record for each, of TIME_NS. MAP_FD, of ROOM struct kvas_area by address, has
 * those whose allocation was seen, which are left out; it gets the others, up to half of its room. S names
 * callers; NULL: they are not known. How many, and their BYTES. M->areas_why when they cannot be read
 * after all. */
__u64 start_areas_tell(struct start_areas *a, int map_fd, __u32 room, const struct symbols *s, __u64 time_ns,
		       struct meta *m, start_areas_fn fn, void *ctx, __u64 *bytes);

#endif
