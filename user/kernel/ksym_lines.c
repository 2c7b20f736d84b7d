/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/ksym_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel hands out a page at a time, whatever is asked for. */
#define ROOM 65536

struct ksym_lines {
	int fd;
	size_t at, end; /* of what is in the buffer */
	char text[ROOM];
};

struct ksym_lines *ksym_lines_open(const char *file)
{
	struct ksym_lines *l = malloc(sizeof(*l));

	if (!l)
		return NULL;
	l->at = l->end = 0;
	l->fd = open(file, O_RDONLY | O_CLOEXEC);
	if (l->fd >= 0)
		return l;
	free(l);
	return NULL;
}

void ksym_lines_close(struct ksym_lines *l)
{
	if (l)
		close(l->fd);
	free(l);
}

/* More of the file behind what is there; false at its end. A line without an end within the room is none. */
static bool more(struct ksym_lines *l)
{
	ssize_t got;

	memmove(l->text, l->text + l->at, l->end - l->at);
	l->end -= l->at;
	l->at = 0;
	if (l->end == ROOM)
		l->end = 0;
	do
		got = read(l->fd, l->text + l->end, ROOM - l->end);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	l->end += got;
	return true;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The line from P up to END, where its newline is, which is written over. */
static bool parse(char *p, char *end, struct ksym_text *out)
{
	char *start = p, *name;
	__u64 value = 0;

	*end = '\0';
	for (; hex(*p) >= 0; p++)
		value = value << 4 | hex(*p);
	if (p == start || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return false;
	name = p + 3;
	for (p = name; p < end && *p != '\t'; p++)
		;
	*out = (struct ksym_text){ value, name[-2], name, p - name, "" };
	if (p < end) {
		*p++ = '\0';
		out->module = p + (*p == '[');
		for (; p < end && *p != ']'; p++)
			;
		*p = '\0';
	}
	return true;
}

bool ksym_lines_next(struct ksym_lines *l, struct ksym_text *out)
{
	size_t look = l->at; /* no end of a line is before this */

	for (;;) {
		while (look < l->end && l->text[look] != '\n')
			look++;
		if (look < l->end) {
			char *line = l->text + l->at;

			l->at = look + 1;
			if (parse(line, l->text + look, out))
				return true;
			look++;
			continue;
		}
		look -= l->at;
		if (!more(l))
			return false;
		if (look > l->end)
			look = 0; /* what was there was given up */
	}
}
