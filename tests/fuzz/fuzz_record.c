/* SPDX-License-Identifier: GPL-2.0 */
/* Any bytes as what a ring holds, one record behind the other: each that is taken is written as a
 * row, read again, and added up. */
#include "fuzz.h"

#include "event/csv_table.h"
#include "event/event.h"
#include "fixture.h"

static struct meta meta;
static struct csv_style style;

static void judge(const union kvas_record *rec)
{
	const struct csv_table *t = csv_table(rec->h.kind);
	struct csv_field field[64];
	char row[CSV_ROW_MAX];
	const char *pos = row;
	union kvas_record back;
	size_t len;

	assert(t && event_holds(rec));
	len = csv_row(t, &style, rec, row);
	assert(len && len <= sizeof(row) && row[len - 1] == '\n');
	/* Names come from the kernel's symbols; those of the fuzzer may hold what splits a row. */
	if (csv_split(&pos, row + len, field, 64) == (int)t->nr)
		csv_parse_row(t, &style, field, &back);
}

/* The tracer writes names over what came from the ring (callers_name, resolve_sample), with an end. */
static void end_names(union kvas_record *r)
{
#define RECORD(value, name, id, member, ...) \
	if (r->h.kind == value) {            \
		struct kvas_rec_##id *named = &r->member; \
		(void)named;
#define NAME(field, doc) named->field[KVAS_FUNCTION_LEN - 1] = '\0';
#define RECORD_END(id, bytes) }
#include "kvas/records.def"
}

static void begin(void)
{
	fixture_meta(&meta);
	meta.complete = ANSWER_NO; /* rows count, too */
	style.layout = style.plain = &meta.host.layout;
	region_map_make(&style.map, style.layout);
}

/* Its kind and size are the fuzzer's in a byte, lest most be refused for these. */
static size_t make_up(const __u8 *data, size_t size, __u8 bytes[sizeof(union kvas_record)])
{
	unsigned int kind = data[0] % (KVAS_KIND_END + 1);
	size_t len = event_size(kind) ? event_size(kind) : sizeof(struct kvas_hdr);
	struct kvas_hdr h;

	if (size - 1 < len)
		return 0;
	memcpy(bytes, data + 1, len);
	memcpy(&h, bytes, sizeof(h));
	h.kind = kind;
	h.size = data[0] < 250 ? len : h.size;
	memcpy(bytes, &h, sizeof(h));
	return len;
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	__u8 bytes[sizeof(union kvas_record)];
	union kvas_record rec;
	struct agg *a;
	size_t len;

	if (!style.layout)
		begin();
	style.redact = meta.redacted = size % 2;
	a = agg_create(&meta);
	assert(a);
	for (; size > 1 && (len = make_up(data, size, bytes)); data += len + 1, size -= len + 1) {
		if (event_decode(bytes, len, &rec))
			continue;
		end_names(&rec);
		judge(&rec);
		agg_event(a, &rec);
	}
	if (size % 8 == 0) /* they are slow */
		fuzz_views(a);
	agg_destroy(a);
	return 0;
}
