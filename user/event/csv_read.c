/* SPDX-License-Identifier: GPL-2.0 */
/* A CSV row back into a record: checked, no allocation. */
#include "event/csv_table.h"

#include <string.h>

#include "event/event.h"
#include "model/fault_flags.h"
#include "model/regions.h"

/* The end of a quoted field that begins at P: behind its closing quote; NULL when
 * there is none before END. */
static const char *quoted_end(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p != '"')
			continue;
		if (p + 1 < end && p[1] == '"')
			p++;
		else
			return p + 1;
	}
	return NULL;
}

int csv_split(const char **pos, const char *end, struct csv_field *f, int max)
{
	const char *p = *pos;
	int n = 0;

	for (;;) {
		const char *start = p;

		if (p < end && *p == '"') {
			p = quoted_end(p, end);
			if (!p)
				return -1;
		} else {
			while (p < end && *p != ',' && *p != '\n')
				p++;
		}
		if (p == end)
			return -1;
		if (n == max || (*p != ',' && *p != '\n'))
			return -2;
		f[n].s = start;
		f[n++].len = p - start;
		if (*p++ == '\n')
			break;
	}
	*pos = p;
	return n;
}

static bool get_dec(const char *s, size_t len, __u64 *v)
{
	__u64 n = 0;

	/* 20 digits can overflow; leading zeros are not ours. */
	if (!len || len > 20 || (len > 1 && s[0] == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned int d = (unsigned char)s[i] - '0';

		if (d > 9)
			return false;
		if (i == 19 && (n > ~0ULL / 10 || n * 10 > ~0ULL - d))
			return false;
		n = n * 10 + d;
	}
	*v = n;
	return true;
}

bool csv_get_u64(const struct csv_field *f, __u64 *v)
{
	return get_dec(f->s, f->len, v);
}

static bool get_u32(const struct csv_field *f, __u32 *v)
{
	__u64 n;

	if (!get_dec(f->s, f->len, &n) || n > 0xffffffffULL)
		return false;
	*v = n;
	return true;
}

static bool get_s32(const struct csv_field *f, __s32 *v)
{
	bool minus = f->len && f->s[0] == '-';
	__u64 n;

	if (!get_dec(f->s + minus, f->len - minus, &n) || n > 0x7fffffffULL + minus)
		return false;
	*v = minus ? -(__s64)n : (__s64)n;
	return true;
}

static bool get_hex(const char *s, size_t len, __u64 *v)
{
	__u64 n = 0;

	if (len < 3 || len > 18 || s[0] != '0' || s[1] != 'x' || (len > 3 && s[2] == '0'))
		return false;
	for (size_t i = 2; i < len; i++) {
		unsigned char c = s[i];

		if (c >= '0' && c <= '9')
			n = n << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n << 4 | (c - 'a' + 10);
		else
			return false;
	}
	*v = n;
	return true;
}

/* One without quotes, within which alone control characters are written: NUL and the CR of a
 * foreign line end too. */
static bool get_plain_comm(const struct csv_field *f, size_t skip, char comm[KVAS_COMM_LEN])
{
	if (f->len - skip > KVAS_COMM_LEN)
		return false;
	for (size_t i = skip; i < f->len; i++)
		if ((unsigned char)f->s[i] < ' ' || f->s[i] == '"')
			return false;
	memcpy(comm, f->s + skip, f->len - skip);
	return true;
}

bool csv_get_comm(const struct csv_field *f, char comm[KVAS_COMM_LEN], bool safe)
{
	bool quoted = f->len >= 2 && f->s[0] == '"';
	size_t n = 0, skip = safe && f->len > quoted && f->s[quoted] == '\'';

	memset(comm, 0, KVAS_COMM_LEN);
	if (!quoted)
		return get_plain_comm(f, skip, comm);
	for (size_t i = 1 + skip; i + 1 < f->len; i++) {
		if (n == KVAS_COMM_LEN || !f->s[i])
			return false;
		comm[n++] = f->s[i];
		/* A quote inside is doubled. */
		if (f->s[i] == '"')
			i++;
	}
	return true;
}

bool csv_get_name(const struct csv_field *f, char *out, size_t size)
{
	if (f->len >= size)
		return false;
	for (size_t i = 0; i < f->len; i++)
		if (f->s[i] <= ' ' || f->s[i] >= 0x7f || f->s[i] == '"')
			return false;
	memcpy(out, f->s, f->len);
	out[f->len] = '\0';
	return true;
}

/* An address no layout has: KVAS_REGION_OTHER. */
#define NON_CANONICAL 0x8000000000000000ULL

/* "direct_map+0x1a2b": back to an address of the layout without KASLR. The offset
 * may be '?': the region alone, which is no address. */
static bool get_redacted(const struct layout *plain, const struct csv_field *f, __u64 *v)
{
	const char *plus = memchr(f->s, '+', f->len);
	__u64 start = 0, end, offset;
	int r;

	if (!plus)
		return false;
	r = region_by_name(f->s, plus - f->s);
	if (r < 0 || !plain)
		return false;
	if (f->s + f->len == plus + 2 && plus[1] == '?') {
		*v = region_bounds(plain, r, &start, &end) ? start : NON_CANONICAL;
		return true;
	}
	if (!get_hex(plus + 1, f->s + f->len - plus - 1, &offset))
		return false;
	if (r == KVAS_REGION_KERNEL_IMAGE)
		start = plain->text_base;
	else if (!region_bounds(plain, r, &start, &end))
		return false;
	*v = start + offset;
	return true;
}

static bool get_addr(const struct csv_style *style, const struct csv_field *f, __u64 *v)
{
	*v = 0;
	if (!f->len)
		return true;
	return get_hex(f->s, f->len, v) || (style->redact && get_redacted(style->plain, f, v));
}

/* What follows from another column must be what is written. */
static bool follows(const struct csv_column *c, const struct csv_style *style, const void *field,
		    const struct csv_field *f)
{
	const __u64 *u64 = field;
	const __u32 *u32 = field;
	char flags[FAULT_FLAGS_MAX];
	const char *word;
	__u64 bytes;

	switch (c->type) {
	case CSV_BYTES:
		if (*u32 == KVAS_ORDER_UNKNOWN)
			return !f->len;
		return csv_get_u64(f, &bytes) && bytes == 4096ULL << (*u32 & 31);
	case CSV_REGION:
		if (!*u64)
			return !f->len;
		/* Without its base a redacted address says no more than its region. */
		if (style->redact)
			return true;
		word = region_name(region_map_find(&style->map, *u64));
		return strlen(word) == f->len && !memcmp(word, f->s, f->len);
	default:
		bytes = fault_flags(*u64, flags);
		return bytes == f->len && !memcmp(flags, f->s, f->len);
	}
}

static bool get_field(const struct csv_column *c, const struct csv_style *style, void *field,
		      const struct csv_field *f)
{
	__u64 *u64 = field;
	__u32 *u32 = field;
	int value;

	switch (c->type) {
	case CSV_U64:
		return csv_get_u64(f, u64);
	case CSV_U32:
		return get_u32(f, u32);
	case CSV_S32:
		return get_s32(f, field);
	case CSV_KNOWN_U64:
		return !f->len || (csv_get_u64(f, u64) && *u64);
	case CSV_KNOWN_U32:
		return !f->len || (get_u32(f, u32) && *u32);
	case CSV_GROUP_DEAD: /* the op's column comes before */
		return csv_at_exit(u32) ? get_u32(f, u32) && *u32 <= 1 : !f->len;
	case CSV_HEX:
		return get_hex(f->s, f->len, u64);
	case CSV_ADDR:
		return get_addr(style, f, u64);
	case CSV_COMM:
		return csv_get_comm(f, field, style->safe);
	case CSV_WORD:
		value = c->value(f->s, f->len);
		if (value >= 0)
			*u32 = value;
		return value >= 0;
	case CSV_ORDER:
		*u32 = KVAS_ORDER_UNKNOWN;
		return !f->len || (get_u32(f, u32) && *u32 < 32);
	case CSV_NAME:
		return csv_get_name(f, field, KVAS_FUNCTION_LEN);
	case CSV_BYTES:
	case CSV_REGION:
	case CSV_FLAGS:
		return follows(c, style, field, f);
	}
	return false;
}

const char csv_no_field[1] = "";

int csv_parse_row(const struct csv_table *t, const struct csv_style *style,
		  const struct csv_field *f, union kvas_record *r)
{
	size_t size = event_size(t->kind);

	memset(r, 0, size);
	r->h.kind = t->kind;
	r->h.size = size;
	for (unsigned int i = 0; i < t->nr; i++)
		if (!get_field(&t->columns[i], style, (char *)r + t->columns[i].offset, &f[i]) &&
		    f[i].s != csv_no_field)
			return i;
	return -1;
}
