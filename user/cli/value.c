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

static int refuse(const struct cli_option *o, const char *value, struct err *e)
{
	char words[128], shown[CLI_SHOWN_SIZE];

	cli_shown(o, shown);
	switch (o->kind) {
	case OPT_NUMBER:
	case OPT_INTEGER:
		return err_set_status(e, KVAS_EXIT_USAGE, "%s: '%s' is not %s from %.10g to %.10g",
				      shown, value, o->want, o->min, o->max);
	case OPT_SIZE:
		return err_set_status(e, KVAS_EXIT_USAGE, "%s: '%s' is not a size from %.0fK to %.0fM",
				      shown, value, o->min / 1024, o->max / (1 << 20));
	case OPT_CHOICE:
	case OPT_LIST:
		words_of(o, words, sizeof(words));
		return err_set_status(e, KVAS_EXIT_USAGE, "%s: '%s' is not %s%s", shown, value,
				      o->kind == OPT_LIST ? "a list, with commas, of " : "", words);
	default:
		return err_set_status(e, KVAS_EXIT_USAGE, "%s: '%s' is not %s", shown, value,
				      o->want);
	}
}

static int read_number(const struct cli_option *o, const char *s, double *out)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(s, &end);
	if (end == s || *end || errno || !isfinite(v) || v < o->min || v > o->max)
		return -1;
	*out = v;
	return 0;
}

static int read_integer(const struct cli_option *o, const char *s, int *out)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	if (end == s || *end || errno || v < o->min || v > o->max)
		return -1;
	*out = v;
	return 0;
}

static int read_size(const struct cli_option *o, const char *s, __u32 *out, struct err *e)
{
	char *end, shown[CLI_SHOWN_SIZE];
	double v = *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 0;
	unsigned long nearest = o->min;

	if (v <= 0)
		return refuse(o, s, e);
	if (*end == 'K' || *end == 'k')
		v *= 1 << 10, end++;
	else if (*end == 'M' || *end == 'm')
		v *= 1 << 20, end++;
	if (*end || v > o->max)
		return refuse(o, s, e);
	while (nearest * 2 <= v)
		nearest *= 2;
	*out = nearest;
	if (nearest == v)
		return 0;
	return err_set_status(e, KVAS_EXIT_USAGE,
			      "%s: '%s' is not a power of two of %.0fK or more: try %luK",
			      cli_shown(o, shown), s, o->min / 1024, nearest >> 10);
}

static int read_text(const struct cli_option *o, const char *s, const char **out)
{
	size_t skip = o->prefix ? strlen(o->prefix) : 0;

	if (skip && strncmp(s, o->prefix, skip))
		return -1;
	if (!s[skip] || (skip && s[skip] == ','))
		return -1;
	*out = s + skip;
	return 0;
}

static int read_name(const struct cli_option *o, const char *s, char *out)
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

static int read_list(const struct cli_option *o, const char *s, __u32 *out)
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
	*out = all;
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
	void *to = (char *)c + o->offset;
	int r = 0;

	switch (o->kind) {
	case OPT_SWITCH:
		*(bool *)to = true;
		break;
	case OPT_NUMBER:
		r = read_number(o, value, to);
		break;
	case OPT_INTEGER:
		r = read_integer(o, value, to);
		break;
	case OPT_SIZE:
		return read_size(o, value, to, e); /* it has two errors */
	case OPT_TEXT:
		r = read_text(o, value, to);
		break;
	case OPT_NAME:
		r = read_name(o, value, to);
		break;
	case OPT_CHOICE:
		r = read_choice(o, value, to);
		break;
	case OPT_LIST:
		r = read_list(o, value, to);
		break;
	case OPT_HELP:
	case OPT_VERSION:
		break;
	}
	return r ? refuse(o, value, e) : 0;
}
