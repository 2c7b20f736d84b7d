/* SPDX-License-Identifier: GPL-2.0 */
/* The columns: made of the rows of include/kvas/records.def, in their order. */
#include "event/csv_table.h"

#include <string.h>

#include "model/words.h"

/* REC is the record whose rows are at hand. */
#define COLUMN(name, type, field) { name, CSV_##type, offsetof(REC, field), NULL, NULL },
#define WORDS(name, field, id) \
	{ name, CSV_WORD, offsetof(REC, field), word_##id##_name, word_##id##_by_name },

#define HDR_NUMBER(type, field, kind, doc) COLUMN(#field, kind, h.field)
#define HDR_WIRE(type, field, array, doc)
#define HDR_COMM(field, doc) COLUMN(#field, COMM, h.field)
#define COLUMNS_HEAD KVAS_HDR_FIELDS(HDR_NUMBER, HDR_WIRE, HDR_COMM)
#define COLUMNS_TIME COLUMN("time_ns", U64, h.time_ns)

#define PART_WORD(part, field, id, doc) WORDS(#part "_" #field, part.field, id)
#define PART_PLACE(part, field, doc) WORDS(#part "_" #field, part.field, access_region)
#define PART_NUMBER(part, field, doc) COLUMN(#part "_" #field, KNOWN_U32, part.field)
#define PART_ADDR(part, field, doc) COLUMN(#part "_" #field, ADDR, part.field)
#define PART_EXPECT(part, name, word) \
	COLUMN("expect_" #part "_" word, KNOWN_U32, expect_##part[KVAS_BASE_##name])

const struct csv_table *csv_table(unsigned int kind)
{
	switch (kind) {
#define RECORD(value, name, id, member, word, head, title)               \
	case value: {                                                    \
		typedef struct kvas_rec_##id REC;                        \
		enum { KIND = value };                                   \
		static const struct csv_column columns[] = {             \
			COLUMNS_##head
#define NUMBER(type, field, kind, doc) COLUMN(#field, kind, field)
#define WORD(field, id, doc) WORDS(#field, field, id)
#define PLACE(field, doc) WORDS(#field, field, access_region)
#define ADDR(field, doc) COLUMN(#field, ADDR, field)
#define ADDR_IN(field, column, doc) COLUMN(#field, ADDR, field) COLUMN(column, REGION, field)
#define COMM(field, doc) COLUMN(#field, COMM, field)
#define NAME(field, doc) COLUMN(#field, NAME, field)
#define ORDER(field, doc) COLUMN(#field, ORDER, field) COLUMN("bytes", BYTES, field)
#define FLAGS(field, doc) COLUMN(#field, HEX, field) COLUMN("flags", FLAGS, field)
#define ACCESS(part) KVAS_ACCESS_FIELDS(part, PART_WORD, PART_PLACE, PART_NUMBER, PART_ADDR)
#define EXPECT(part, doc) KVAS_EXPECT_BASES(part, PART_EXPECT)
#define COUNT(field, name, word) COLUMN(word, U64, field[KVAS_T_##name])
#define RECORD_END(id, bytes)                                            \
		};                                                       \
		static const struct csv_table table = {                  \
			KIND, columns, sizeof(columns) / sizeof(columns[0]), \
		};                                                       \
		return &table;                                           \
	}
#include "kvas/records.def"
	default:
		return NULL;
	}
}

size_t csv_header(const struct csv_table *t, char *out)
{
	char *p = out;

	for (unsigned int i = 0; i < t->nr; i++) {
		if (i)
			*p++ = ',';
		p = stpcpy(p, t->columns[i].name);
	}
	*p++ = '\n';
	return p - out;
}
