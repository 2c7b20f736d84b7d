/* SPDX-License-Identifier: GPL-2.0 */
#include "event/event.h"

#include <string.h>

#include "model/words.h"

size_t event_size(unsigned int kind)
{
	switch (kind) {
#define RECORD(value, name, id, ...) \
	case value:                  \
		return sizeof(struct kvas_rec_##id);
#include "kvas/records.def"
	default:
		return 0;
	}
}

static bool access_holds(const struct kvas_access *a)
{
	return word_access_base_name(a->from) && word_access_region_name(a->region) &&
	       (a->region == KVAS_REGION_COUNT) == (a->from == KVAS_BASE_NONE) &&
	       a->why < KVAS_WHY_IRQS_OFF &&
	       (a->region != KVAS_REGION_OTHER || a->why != KVAS_WHY_KNOWN);
}

/* What the rows do not say. */
static bool sum_holds(const struct kvas_rec_memory *r)
{
	return r->region < KVAS_REGION_COUNT && r->order < 64;
}

bool event_holds(const union kvas_record *record)
{
	switch (record->h.kind) {
#define RECORD(value, name, id, member, ...)                             \
	case value: {                                                    \
		const struct kvas_rec_##id *r = &record->member;         \
		return (value != KVAS_KIND_MEMORY || sum_holds(&record->memory))
#define WORD(field, id, doc) && word_##id##_name(r->field)
#define PLACE(field, doc) && word_access_region_name(r->field)
#define ACCESS(part) && access_holds(&r->part)
#define RECORD_END(id, bytes) \
	;                     \
	}
#include "kvas/records.def"
	default:
		return false;
	}
}

int event_decode(const void *data, size_t size, union kvas_record *out)
{
	size_t want;

	if (size < sizeof(out->h))
		return -1;
	memcpy(&out->h, data, sizeof(out->h));
	want = event_size(out->h.kind);
	/* The ring rounds a record's length up to 8; the records are multiples. */
	if (!want || out->h.size != want || size != want)
		return -1;
	memcpy(out, data, want);
	return event_holds(out) ? 0 : -1;
}
