/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The CSV tables of a recording: one list of columns per kind of record, which
 * both the writer and the parser walk. RFC 4180, with LF line ends as the tools of
 * this field write and read them. An unknown value is an empty field.
 */
#ifndef KVAS_CSV_TABLE_H
#define KVAS_CSV_TABLE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "kvas/wire.h"
#include "pgtable/region.h"

enum csv_type {
	CSV_U64, /* decimal */
	CSV_U32,
	CSV_S32,
	CSV_KNOWN_U64, /* decimal; 0 means unknown */
	CSV_KNOWN_U32,
	CSV_GROUP_DEAD, /* a task's: 0 or 1 at its exit, else empty */
	CSV_HEX, /* 0x..., no address */
	CSV_ADDR, /* 0x..., or region+0x... when redacted; 0 means none */
	CSV_COMM, /* KVAS_COMM_LEN bytes, up to the first NUL */
	CSV_WORD, /* an enum's word */
	CSV_ORDER, /* KVAS_ORDER_UNKNOWN is empty */
	CSV_BYTES, /* of an order: follows from it, checked when read */
	CSV_REGION, /* of an address: follows from it */
	CSV_FLAGS, /* of an error code: follows from it */
	CSV_NAME, /* KVAS_FUNCTION_LEN bytes, NUL-terminated, of a symbol: nothing to quote, and
		   * nothing a terminal would obey */
};

struct csv_column {
	const char *name;
	enum csv_type type;
	size_t offset; /* of the field in the record */
	const char *(*word)(unsigned int value);
	int (*value)(const char *s, size_t len);
};

struct csv_table {
	unsigned int kind; /* enum kvas_kind */
	const struct csv_column *columns;
	unsigned int nr;
};

/* How addresses are written. */
struct csv_style {
	const struct layout *layout; /* this kernel's; never NULL */
	const struct layout *plain; /* redacted: the layout offsets are put back on */
	bool redact;
	bool safe; /* --csv-safe */
	struct region_map map; /* of layout */
};

/* Is the record that holds the field of CSV_GROUP_DEAD a task's exit? */
static inline bool csv_at_exit(const __u32 *group_dead)
{
	const char *r = (const char *)group_dead - offsetof(struct kvas_rec_task, group_dead);

	return ((const struct kvas_rec_task *)r)->op == KVAS_TASK_EXIT;
}

/* The table of KIND, NULL when there is none. */
const struct csv_table *csv_table(unsigned int kind);

/* Longest row of any table, with all commas, quotes doubled and the LF. */
#define CSV_ROW_MAX 2048

/* Write the header line, or the row of R, at OUT (CSV_ROW_MAX bytes free);
 * returns the bytes written. */
size_t csv_header(const struct csv_table *t, char *out);
size_t csv_row(const struct csv_table *t, const struct csv_style *style,
	       const union kvas_record *r, char *out);

/* Field writers shared with interval.csv. They return the byte after. */
char *csv_put_u64(char *p, __u64 v);
/* SAFE: a name that a spreadsheet would run gets a ' before it. */
char *csv_put_comm(char *p, const char comm[KVAS_COMM_LEN], bool safe);

/* One field of a line: its raw text, quotes included. */
struct csv_field {
	const char *s;
	size_t len;
};

/* Split the record at *POS (before END) into at most MAX fields and move *POS
 * behind its line end. The number of fields; -1 for a record without a line end
 * (cut short), -2 for one that is malformed or has more fields. */
int csv_split(const char **pos, const char *end, struct csv_field *f, int max);

bool csv_get_u64(const struct csv_field *f, __u64 *v);
/* SAFE: as csv_put_comm wrote it. */
bool csv_get_comm(const struct csv_field *f, char comm[KVAS_COMM_LEN], bool safe);
/* A word of kvas's or the kernel's own: less than SIZE bytes of printable ASCII, no space. */
bool csv_get_name(const struct csv_field *f, char *out, size_t size);

/* What stands in for the field of a column that a recording does not have. Its S is this. */
extern const char csv_no_field[];

/* The row in fields F, in the order of T's columns, back into a whole record. A field that the
 * recording does not have becomes unknown, or 0. Returns -1 when all is well, else the index of
 * the column that is not. */
int csv_parse_row(const struct csv_table *t, const struct csv_style *style,
		  const struct csv_field *f, union kvas_record *r);

#endif
