/* SPDX-License-Identifier: GPL-2.0 */
#include "model/format.h"

#include <string.h>
#include <stdint.h>
#include <stdio.h>

const char *format_count(char buf[FORMAT_MAX], __u64 v)
{
	char *p = buf + FORMAT_MAX - 1;
	int n = 0;

	*p = '\0';
	do {
		if (n && n % 3 == 0)
			*--p = ',';
		*--p = '0' + v % 10;
		v /= 10;
		n++;
	} while (v);
	return p;
}

/* V below 1000 with its unit, three significant digits. */
static const char *scaled(char buf[FORMAT_MAX], double v, const char *unit)
{
	int digits = v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;

	snprintf(buf, FORMAT_MAX, "%.*f%s", digits, v, unit);
	return buf;
}

const char *format_short(char buf[FORMAT_MAX], double v)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E" };
	int u = 0;

	while (v >= 999.5 && u < 6) {
		v /= 1000;
		u++;
	}
	if (!u && (v == (long)v || v >= 9.95)) {
		snprintf(buf, FORMAT_MAX, "%.0f", v);
		return buf;
	}
	return scaled(buf, v, units[u]);
}

const char *format_ns(char buf[FORMAT_MAX], __u64 ns)
{
	static const char *const units[] = { " ns", " us", " ms", " s" };
	double v = ns;
	int u = 0;

	while (v >= 999.5 && u < 3) {
		v /= 1000;
		u++;
	}
	if (!u || v >= 1e5) {
		snprintf(buf, FORMAT_MAX, u ? "%.0f d" : "%.0f ns", u ? v / 86400 : v);
		return buf;
	}
	return scaled(buf, v, units[u]);
}

const char *format_bytes(char buf[FORMAT_MAX], __u64 bytes)
{
	static const char *const units[] = { " B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB" };
	double v = bytes;
	int u = 0;

	while (v >= 1023.5 && u < 6) {
		v /= 1024;
		u++;
	}
	if (!u) {
		snprintf(buf, FORMAT_MAX, "%.0f B", v);
		return buf;
	}
	return scaled(buf, v, units[u]);
}

/* A terminal obeys more than it shows: only plain ASCII goes through. */
const char *safe_bytes(char *buf, const char *s, size_t max)
{
	char *p = buf;

	for (size_t i = 0; i < max && s[i]; i++) {
		unsigned char c = s[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			*p++ = c;
		else
			p += sprintf(p, "\\x%02x", c);
	}
	*p = '\0';
	return buf;
}

bool format_is_formula(const char *text)
{
	return *text && strchr("=+-@\t\r'", *text);
}

const char *safe_comm(char *buf, const char comm[KVAS_COMM_LEN])
{
	return safe_bytes(buf, comm, KVAS_COMM_LEN);
}

const char *safe_text(char *buf, const char *s)
{
	return safe_bytes(buf, s, SIZE_MAX);
}
