/* SPDX-License-Identifier: GPL-2.0 */
/* A record into a CSV row: no printf, no allocation. */
#include "event/csv_table.h"

#include <string.h>

#include "event/event.h"
#include "model/fault_flags.h"
#include "model/format.h"
#include "model/regions.h"

/* The eight decimal digits of V < 10^8, one a byte, the first lowest: each step
 * splits every lane in two by a multiplication with the reciprocal. */
static __u64 dec8(__u32 v)
{
	__u64 x = v / 10000 | (__u64)(v % 10000) << 32, q;

	q = (x * 10486 >> 20) & 0x0000007f0000007fULL; /* / 100, exact below 10000 */
	x = q | (x - 100 * q) << 16;
	q = (x * 103 >> 10) & 0x000f000f000f000fULL; /* / 10, exact below 100 */
	return q | (x - 10 * q) << 8;
}

#define ASCII_ZEROS 0x3030303030303030ULL

/* 0 < V < 10^8 without leading zeros. Eight bytes are written, the first count. */
static char *put_short(char *p, __u32 v)
{
	__u64 x = dec8(v);
	unsigned int skip = __builtin_ctzll(x) / 8;

	x = (x + ASCII_ZEROS) >> (8 * skip);
	memcpy(p, &x, 8);
	return p + 8 - skip;
}

char *csv_put_u64(char *p, __u64 v)
{
	__u64 x;

	if (v < 10) {
		*p = '0' + v;
		return p + 1;
	}
	if (v < 100000000)
		return put_short(p, v);
	p = csv_put_u64(p, v / 100000000);
	x = dec8(v % 100000000) + ASCII_ZEROS;
	memcpy(p, &x, 8);
	return p + 8;
}

static char *put_s32(char *p, __s32 v)
{
	if (v < 0) {
		*p++ = '-';
		return csv_put_u64(p, -(__s64)v);
	}
	return csv_put_u64(p, v);
}

/* Each nibble of the 32 bits of V in a byte of its own, the highest first in
 * memory, as a hexadecimal digit. */
static __u64 hex8(__u32 v)
{
	__u64 x = v, above9;

	x = (x & 0x00000000ffff0000ULL) << 16 | (x & 0xffff);
	x = (x & 0x0000ff000000ff00ULL) << 8 | (x & 0x000000ff000000ffULL);
	x = (x & 0x00f000f000f000f0ULL) << 4 | (x & 0x000f000f000f000fULL);
	above9 = (x + 0x0606060606060606ULL) >> 4 & 0x0101010101010101ULL;
	x += 0x3030303030303030ULL + above9 * ('a' - '0' - 10);
	return __builtin_bswap64(x);
}

static char *put_hex(char *p, __u64 v)
{
	int nibbles = v ? (67 - __builtin_clzll(v)) / 4 : 1;
	__u64 high, low;

	/* Left-aligned, all 16 digits are written and the first NIBBLES count. */
	v <<= 64 - 4 * nibbles;
	high = hex8(v >> 32);
	low = hex8((__u32)v);
	*p++ = '0';
	*p++ = 'x';
	memcpy(p, &high, 8);
	memcpy(p + 8, &low, 8);
	return p + nibbles;
}

/* Quoted when it holds what CSV or a line-based tool would trip over. */
char *csv_put_comm(char *p, const char comm[KVAS_COMM_LEN], bool safe)
{
	size_t len = 0;
	bool quote = comm[0] == ' ', formula = safe && format_is_formula(comm);

	*p = '\'';
	for (; len < KVAS_COMM_LEN && comm[len]; len++) {
		quote |= comm[len] == '"' || comm[len] == ',' || (unsigned char)comm[len] < ' ';
		p[formula + len] = comm[len];
	}
	quote |= len && comm[len - 1] == ' ';
	if (!quote)
		return p + formula + len;
	*p++ = '"';
	if (formula)
		*p++ = '\'';
	for (size_t i = 0; i < len; i++) {
		if (comm[i] == '"')
			*p++ = '"';
		*p++ = comm[i];
	}
	*p++ = '"';
	return p;
}

/*
 * An address that does not defeat KASLR: offset in its region. User addresses are
 * no secret of the kernel. The kernel image is randomised within its region, so
 * its offset counts from _text; without a known start only the region is told.
 */
static char *put_redacted(char *p, const struct csv_style *style, __u64 addr)
{
	enum kvas_region r = region_map_find(&style->map, addr);
	const struct layout *l = style->layout;
	__u64 start, end;

	if (r == KVAS_REGION_USER)
		return put_hex(p, addr);
	p = stpcpy(p, region_name(r));
	*p++ = '+';
	if (r == KVAS_REGION_KERNEL_IMAGE && l->text_base && addr >= l->text_base)
		return put_hex(p, addr - l->text_base);
	if (r == KVAS_REGION_KERNEL_IMAGE || r == KVAS_REGION_OTHER ||
	    r == KVAS_REGION_MODULES || !region_bounds(l, r, &start, &end)) {
		*p++ = '?';
		return p;
	}
	return put_hex(p, addr - start);
}

static char *put_addr(char *p, const struct csv_style *style, __u64 addr)
{
	if (!addr)
		return p;
	return style->redact ? put_redacted(p, style, addr) : put_hex(p, addr);
}

/* Words are short: a call costs more than the bytes. */
static char *put_word(char *p, const char *s)
{
	while (s && *s)
		*p++ = *s++;
	return p;
}

static char *put_field(char *p, const struct csv_column *c, const struct csv_style *style,
		       const void *field)
{
	const __u64 *u64 = field;
	const __u32 *u32 = field;

	switch (c->type) {
	case CSV_U64:
		return csv_put_u64(p, *u64);
	case CSV_U32:
		return csv_put_u64(p, *u32);
	case CSV_S32:
		return put_s32(p, *(const __s32 *)field);
	case CSV_KNOWN_U64:
		return *u64 ? csv_put_u64(p, *u64) : p;
	case CSV_KNOWN_U32:
		return *u32 ? csv_put_u64(p, *u32) : p;
	case CSV_GROUP_DEAD:
		return csv_at_exit(u32) ? csv_put_u64(p, *u32) : p;
	case CSV_HEX:
		return put_hex(p, *u64);
	case CSV_ADDR:
		return put_addr(p, style, *u64);
	case CSV_COMM:
		return csv_put_comm(p, field, style->safe);
	case CSV_WORD:
		return put_word(p, c->word(*u32));
	case CSV_ORDER:
		return *u32 == KVAS_ORDER_UNKNOWN ? p : csv_put_u64(p, *u32);
	case CSV_BYTES:
		return *u32 == KVAS_ORDER_UNKNOWN ? p : csv_put_u64(p, 4096ULL << (*u32 & 31));
	case CSV_REGION:
		return *u64 ? put_word(p, region_name(region_map_find(&style->map, *u64))) : p;
	case CSV_FLAGS:
		return p + fault_flags(*u64, p);
	case CSV_NAME:
		return put_word(p, field);
	}
	return p;
}

size_t csv_row(const struct csv_table *t, const struct csv_style *style,
	       const union kvas_record *r, char *out)
{
	char *p = out;

	for (unsigned int i = 0; i < t->nr; i++) {
		if (i)
			*p++ = ',';
		p = put_field(p, &t->columns[i], style, (const char *)r + t->columns[i].offset);
	}
	*p++ = '\n';
	return p - out;
}
