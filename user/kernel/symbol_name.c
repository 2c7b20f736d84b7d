/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/symbol_name.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/ksyms.h"

/* Copy LEN bytes of FROM to TO of SIZE; false when they are none or too many. */
static bool copy(char *to, size_t size, const char *from, size_t len)
{
	if (!len || len >= size)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* The number at *P, which moves on past it. False where there is none. */
static bool number(const char **p, int base, __u64 *out)
{
	char *end;

	if (!isxdigit((unsigned char)**p))
		return false;
	errno = 0;
	*out = strtoull(*p, &end, base);
	if (end == *p || errno)
		return false;
	*p = end;
	return true;
}

/* "+0x10", "+0x10/0x50", "+0x10/0x50 [ext4]": what follows a name in an oops. */
static bool parse_rest(const char *p, struct symbol_name *n)
{
	__u64 size;
	size_t len;

	if (*p == '+') {
		p++;
		if (!number(&p, 0, &n->offset))
			return false;
		if (*p == '/') {
			p++;
			if (!number(&p, 0, &size))
				return false;
		}
	}
	if (!*p)
		return true;
	len = strlen(p);
	return p[0] == ' ' && p[1] == '[' && p[len - 1] == ']' && !n->module[0] &&
	       copy(n->module, sizeof(n->module), p + 2, len - 3);
}

bool symbol_name_parse(const char *text, struct symbol_name *n)
{
	const char *colon = strchr(text, ':'), *p;
	__u64 nth = 0;

	memset(n, 0, sizeof(*n));
	if (colon && !copy(n->module, sizeof(n->module), text, colon - text))
		return false;
	if (colon)
		text = colon + 1;
	p = text + strcspn(text, "#+ ");
	if (!copy(n->name, sizeof(n->name), text, p - text))
		return false;
	if (*p == '#') {
		p++;
		if (!number(&p, 10, &nth) || !nth || nth > 0xffffffff)
			return false;
		n->nth = nth;
	}
	return parse_rest(p, n);
}

struct search {
	const struct symbol_name *name;
	struct symbol_places *out;
	size_t own; /* of the places: the kernel's */
	int last_own;
};

static void look_at(void *ctx, const struct ksym_line *l)
{
	struct search *s = ctx;
	struct symbol_places *o = s->out;
	size_t kept = o->nr < SYMBOL_PLACES ? o->nr : SYMBOL_PLACES;

	if (strcmp(l->name, s->name->name) ||
	    (s->name->module[0] && strcmp(l->module, s->name->module)))
		return;
	for (size_t i = 0; i < kept; i++)
		if (o->place[i].value == l->value && !strcmp(o->place[i].module, l->module))
			return;
	if (o->nr < SYMBOL_PLACES) {
		o->place[o->nr].value = l->value;
		snprintf(o->place[o->nr].module, sizeof(o->place[0].module), "%s", l->module);
	}
	if (!l->module[0]) {
		s->own++;
		s->last_own = o->nr;
	}
	o->nr++;
}

int symbol_places(const char *file, const struct symbol_name *n, struct symbol_places *out)
{
	struct search s = { .name = n, .out = out };

	memset(out, 0, sizeof(*out));
	out->chosen = -1;
	if (ksyms_each(file, look_at, &s))
		return -1;
	if (n->nth)
		out->chosen = (int)n->nth - 1;
	else if (out->nr == 1)
		out->chosen = 0;
	else if (s.own == 1)
		out->chosen = s.last_own;
	if (out->chosen >= SYMBOL_PLACES || out->chosen >= (int)out->nr)
		out->chosen = -1;
	return 0;
}
