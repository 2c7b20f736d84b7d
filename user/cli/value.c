/* SPDX-License-Identifier: GPL-2.0 */
/* An option's value: one reader for each kind, all told by the row. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

const char *cli_shown(const struct cli_option *o, char *buf)
{
	if (o->letter)
		snprintf(buf, CLI_SHOWN_SIZE, "-%c", o->letter);
	else
		snprintf(buf, CLI_SHOWN_SIZE, "--%s", o->name);
	return buf;
}

/* "text, json or csv". */
static void words_of(const struct cli_option *o, char *buf, size_t size)
{
	__u32 left = o->values;
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int v = 0; left && n < size; v++) {
		const char *between = !n ? "" : left >> v == 1 && !o->all ? " or " : ", ";

		if (!(left & (1u << v)))
			continue;
		n += snprintf(buf + n, size - n, "%s%s", between, o->word(v));
		left &= ~(1u << v);
	}
	if (o->all && n < size)
		snprintf(buf + n, size - n, " or %s", o->all);
}

void cli_option_help(const struct cli_option *o, char *buf, size_t size)
{
	char words[128];

	if (!o->word) {
		snprintf(buf, size, "%s", o->help);
		return;
	}
	words_of(o, words, sizeof(words));
	snprintf(buf, size, "%s: %s%s", o->help, words,
		 o->kind == OPT_LIST ? "; several with commas between them" : "");
}

/* What strtod() and strtol() take and people do not write; "" when nothing is odd. */
static const char *odd(const char *s)
{
	if (s[strcspn(s, " \t\n\v\f\r")])
		return " (there is a blank in it)";
	if (*s == '+')
		return ": leave the sign out";
	if (s[*s == '-'] == '0' && (s[(*s == '-') + 1] == 'x' || s[(*s == '-') + 1] == 'X'))
		return ": it is hexadecimal, write it in decimal";
	return "";
}

/* Bytes that S says, with K or M behind the digits; 0 when it is no size up to the row's max. */
static __u64 size_said(const struct cli_option *o, const char *s)
{
	char *end;
	__u64 v;

	if (*s < '0' || *s > '9')
		return 0;
	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno || v > o->max)
		return 0;
	if (*end == 'K' || *end == 'k')
		v <<= 10, end++;
	else if (*end == 'M' || *end == 'm')
		v <<= 20, end++;
	return *end || v > o->max ? 0 : v;
}

/* The power of two that the row takes and that is nearest below V. */
static __u64 nearest_size(const struct cli_option *o, __u64 v)
{
	__u64 nearest = o->min;

	while (nearest * 2 <= v)
		nearest *= 2;
	return nearest;
}

/* What the row takes, as the end of "'x' is not ...", to BUF of SIZE bytes. */
static void wanted(const struct cli_option *o, const char *value, char *buf, size_t size)
{
	char words[128];
	__u64 bytes;

	switch (o->kind) {
	case OPT_NUMBER:
	case OPT_INTEGER:
		snprintf(buf, size, "%s from %.10g to %.10g%s", o->want, o->min, o->max, odd(value));
		break;
	case OPT_SIZE:
		bytes = size_said(o, value);
		if (bytes)
			snprintf(buf, size, "a power of two of %.0fK or more: try %lluK",
				 o->min / 1024, nearest_size(o, bytes) >> 10);
		else
			snprintf(buf, size, "a size from %.0fK to %.0fM%s", o->min / 1024,
				 o->max / (1 << 20), odd(value));
		break;
	case OPT_CHOICE:
	case OPT_LIST:
		words_of(o, words, sizeof(words));
		snprintf(buf, size, "%s%s", o->kind == OPT_LIST ? "a list, with commas, of " : "",
			 words);
		break;
	default:
		snprintf(buf, size, "%s", o->want);
	}
}

/* Each reader puts VALUE, a string, to the member OUT; -1 when the row does not take it. */
static int read_switch(const struct cli_option *o, const char *value, void *out)
{
	(void)o;
	(void)value;
	*(bool *)out = true;
	return 0;
}

static int read_number(const struct cli_option *o, const char *s, void *out)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(s, &end);
	if (end == s || *end || errno || *odd(s) || !isfinite(v) || v < o->min || v > o->max)
		return -1;
	*(double *)out = v;
	return 0;
}

static int read_integer(const struct cli_option *o, const char *s, void *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (end == s || *end || errno || *odd(s) || v < o->min || v > o->max)
		return -1;
	*(int *)out = v;
	return 0;
}

static int read_size(const struct cli_option *o, const char *s, void *out)
{
	__u64 v = size_said(o, s);

	if (!v || nearest_size(o, v) != v)
		return -1;
	*(__u32 *)out = v;
	return 0;
}

static int read_text(const struct cli_option *o, const char *s, void *out)
{
	size_t skip = o->prefix ? strlen(o->prefix) : 0;

	if (skip && strncmp(s, o->prefix, skip))
		return -1;
	if (!s[skip] || (skip && s[skip] == ','))
		return -1;
	*(const char **)out = s + skip;
	return 0;
}

static int read_name(const struct cli_option *o, const char *s, void *out)
{
	size_t len = strlen(s);

	if (len < o->min || len > o->max)
		return -1;
	memset(out, 0, o->max + 1);
	memcpy(out, s, len);
	return 0;
}

/* The bits of the word of LEN bytes at S; 0 when it is none of the row's. */
static __u32 bits_of_word(const struct cli_option *o, const char *s, size_t len)
{
	if (o->all && strlen(o->all) == len && !memcmp(s, o->all, len))
		return o->values;
	for (unsigned int v = 0; v < 32; v++)
		if (o->values & (1u << v) && strlen(o->word(v)) == len &&
		    !memcmp(s, o->word(v), len))
			return 1u << v;
	return 0;
}

static int read_list(const struct cli_option *o, const char *s, void *out)
{
	__u32 all = 0;

	for (;; s++) {
		size_t len = strcspn(s, ",");
		__u32 bits = bits_of_word(o, s, len);

		if (!bits)
			return -1;
		all |= bits;
		s += len;
		if (!*s)
			break;
	}
	*(__u32 *)out = all;
	return 0;
}

static int read_choice(const struct cli_option *o, const char *s, void *out)
{
	__u32 bits = bits_of_word(o, s, strlen(s));
	unsigned int value = bits ? __builtin_ctz(bits) : 0;

	_Static_assert(sizeof(enum format) == sizeof(value) &&
		       sizeof(enum pgd_sort) == sizeof(value), "an enum is not as large as an int");
	memcpy(out, &value, sizeof(value));
	return bits ? 0 : -1;
}

int cli_set(const struct cli_option *o, struct cli *c, const char *value, struct err *e)
{
	static int (*const readers[])(const struct cli_option *, const char *, void *) = {
		[OPT_SWITCH] = read_switch, [OPT_NUMBER] = read_number, [OPT_INTEGER] = read_integer,
		[OPT_SIZE] = read_size,	    [OPT_TEXT] = read_text,	[OPT_NAME] = read_name,
		[OPT_CHOICE] = read_choice, [OPT_LIST] = read_list,
	};
	char want[192], shown[CLI_SHOWN_SIZE];

	if (!readers[o->kind](o, value, (char *)c + o->offset))
		return 0;
	wanted(o, value, want, sizeof(want));
	return err_set_status(e, KVAS_EXIT_USAGE, "%s: '%s' is not %s", cli_shown(o, shown), value,
			      want);
}
