/* SPDX-License-Identifier: GPL-2.0 */
#include "event/meta_json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/words.h"
#include "event/input.h"
#include "outfile.h"
#include "short_memory.h"
#include "event/json_memory.h"
#include "event/json_text.h"
#include "pgtable/region.h"

static json_t *text(const char *s)
{
	return json_text(s, strlen(s));
}

static json_t *answer(enum answer a)
{
	return a == ANSWER_UNKNOWN ? json_null() : json_boolean(a == ANSWER_YES);
}

static json_t *address(const struct meta *m, __u64 v)
{
	char buf[32];

	if (!v || m->redacted)
		return json_null();
	snprintf(buf, sizeof(buf), "0x%" PRIx64, (uint64_t)v);
	return json_string(buf);
}

static json_t *number(__u64 v)
{
	return json_integer((json_int_t)v);
}

static json_t *host_json(const struct meta *m)
{
	const struct host_info *h = &m->host;
	const struct layout *l = &h->layout;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "kernel", text(h->kernel), "arch", text(h->arch), "cpus",
			 number(h->cpus), "cpus_online", number(h->cpus_online), "paging_levels",
			 l->levels ? number(l->levels) : json_null(), "kpti", answer(h->kpti),
			 "kpti_how", text(h->kpti_how), "kpti_by_hypervisor",
			 answer(h->kpti_by_hypervisor), "pcid", answer(h->pcid), "kaslr",
			 answer(h->kaslr), "layout_how", text(h->layout_how), "page_offset",
			 address(m, l->page_offset), "direct_map_end",
			 address(m, l->direct_map_end), "vmalloc_base",
			 address(m, l->vmalloc_base), "vmemmap_base",
			 address(m, l->vmemmap_base), "text_base", address(m, l->text_base),
			 "asid_slots", answer(h->slots), "randomize_base", answer(l->randomize_base));
}

static json_t *hooks_json(const struct meta *m)
{
	json_t *hooks = json_array();

	for (unsigned int i = 0; i < m->nr_hooks; i++)
		json_array_append_new(
			hooks, json_pack("{s:o, s:o, s:o, s:o}", "name", text(m->hooks[i].name),
					 "how", text(m->hooks[i].how), "provenance",
					 text(m->hooks[i].provenance), "why",
					 text(m->hooks[i].why)));
	return hooks;
}

static json_t *emit_json(const struct meta *m)
{
	json_t *kinds = json_array();

	for (unsigned int k = KVAS_KIND_TASK; k < KVAS_KIND_END; k++)
		if (m->emit & (1u << k))
			json_array_append_new(kinds, json_string(word_kind_name(k)));
	return kinds;
}

static json_t *tables_json(const struct meta_tables *t)
{
	json_t *tables = json_object();
	char hash[24];

	for (unsigned int i = 0; t && i < t->nr; i++) {
		snprintf(hash, sizeof(hash), "0x%016" PRIx64, (uint64_t)t->table[i].xxh3);
		json_object_set_new(tables, t->table[i].file,
				    json_pack("{s:o, s:o, s:s}", "rows", number(t->table[i].rows),
					      "bytes", number(t->table[i].bytes), "xxh3", hash));
	}
	return tables;
}

/* What kvas itself cost is known when the window is SHUT. */
static json_t *self_json(const struct self_info *s, bool shut)
{
	return json_pack("{s:o, s:o, s:o}", "pid", number(s->pid), "cpu_ns",
			 shut ? number(s->cpu_ns) : json_null(), "max_rss_bytes",
			 shut ? number(s->max_rss_bytes) : json_null());
}

static json_t *meta_json(const struct meta *m, const struct meta_tables *t)
{
	json_t *clock = json_pack("{s:s, s:o, s:o, s:o}", "source", "CLOCK_MONOTONIC", "start_ns",
				  number(m->start_ns), "end_ns", number(m->end_ns),
				  "start_unix_ns", json_integer(m->start_unix_ns));

	return json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o}",
		"schema", KVAS_SCHEMA, "kvas", text(m->version), "host", host_json(m), "clock", clock,
		"hooks", hooks_json(m), "emit", emit_json(m), "pgd_order",
		m->pgd_order == KVAS_ORDER_UNKNOWN ? json_null() : number(m->pgd_order),
		"pgd_live_start",
		m->pgd_live_start < 0 ? json_null() : json_integer(m->pgd_live_start), "sample_hz",
		number(m->sample_hz), "sample_asked", number(m->sample_asked), "sample_why",
		text(m->sample_why), "precise", m->precise,
		"precise_how", text(m->precise_how), "untraced_why", text(m->untraced_why), "areas_why", text(m->areas_why), "self", self_json(&m->self, m->end_ns), "filter",
		text(m->filter), "command", text(m->command), "redacted", m->redacted, "csv_safe",
		m->csv_safe, "complete", m->complete == ANSWER_YES, "tables", tables_json(t));
}

/* The new text takes the place of the old at once. 0 or the first errno. */
static int replace_meta(int dirfd, const char *dump)
{
	static const char name[] = "meta.json.new";
	int error = 0, fd;

	/* One that an earlier writing left. What stands there instead is not followed. */
	unlinkat(dirfd, name, 0);
	fd = outfile_new(dirfd, name);
	if (fd < 0)
		return errno;
	if (outfile_write(fd, dump, strlen(dump), &error) == strlen(dump))
		outfile_write(fd, "\n", 1, &error);
	if (close(fd) && !error)
		error = errno;
	if (!error && renameat(dirfd, name, dirfd, "meta.json"))
		error = errno;
	if (error)
		unlinkat(dirfd, name, 0);
	return error;
}

int meta_json_write(int dirfd, const struct meta *m, const struct meta_tables *t, struct err *e)
{
	unsigned long before = short_memory_noted();
	json_t *json = meta_json(m, t);
	char *dump = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
	int error;

	json_decref(json);
	/* Without a hook or a table it would be taken for whole. */
	if (!dump || short_memory_noted() != before) {
		json_memory_free(dump);
		return err_set(e, "out of memory for meta.json");
	}
	error = replace_meta(dirfd, dump);
	json_memory_free(dump);
	if (error)
		err_set(e, "meta.json cannot be written: %s", strerror(error));
	return error ? -1 : 0;
}

/* Reading: each getter notes the first key that is missing or of another type. */
struct get {
	const char *bad;
};

static void is_bad(struct get *g, const char *key)
{
	g->bad = g->bad ? g->bad : key;
}

/* What the user gave: it may have any byte. */
static bool get_any(struct get *g, json_t *o, const char *key, char *out, size_t size)
{
	json_t *v = json_object_get(o, key);

	if (json_is_string(v) && !json_text_undo(json_string_value(v), out, size))
		return true;
	is_bad(g, key);
	return false;
}

/* Words of kvas's own, which views print as they are. */
static void get_text(struct get *g, json_t *o, const char *key, char *out, size_t size)
{
	if (!get_any(g, o, key, out, size))
		return;
	for (char *p = out; *p; p++)
		if (*p < ' ' || *p == 0x7f)
			*p = '?';
}

#define U32_MOST 0xffffffffLL
#define S64_MOST INT64_MAX

/* As kvas writes it: true or false. */
static bool get_bool(struct get *g, json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_boolean(v))
		is_bad(g, key);
	return json_is_true(v);
}

/* A whole number from 0 to MOST; 0 when it is bad. */
static __u64 get_unsigned(struct get *g, json_t *o, const char *key, __s64 most)
{
	json_t *v = json_object_get(o, key);
	json_int_t n = json_integer_value(v);

	if (json_is_integer(v) && n >= 0 && n <= most)
		return n;
	is_bad(g, key);
	return 0;
}

/* The same, or NULL_IS where it is null: not known. */
static __u64 get_known(struct get *g, json_t *o, const char *key, __s64 most, __u64 null_is)
{
	return json_is_null(json_object_get(o, key)) ? null_is : get_unsigned(g, o, key, most);
}

static enum answer get_answer(struct get *g, json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	if (json_is_null(v))
		return ANSWER_UNKNOWN;
	if (!json_is_boolean(v))
		is_bad(g, key);
	return json_is_true(v) ? ANSWER_YES : ANSWER_NO;
}

static __u64 get_hex(struct get *g, json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	const char *s = json_string_value(v);
	char *end;
	__u64 n;

	if (json_is_null(v))
		return 0;
	if (!s || strncmp(s, "0x", 2)) {
		is_bad(g, key);
		return 0;
	}
	n = strtoull(s, &end, 16);
	if (*end || end > s + 18) /* 0x and 16 digits */
		is_bad(g, key);
	return n;
}

static void read_host(struct get *g, json_t *o, struct meta *m)
{
	struct host_info *h = &m->host;

	get_text(g, o, "kernel", h->kernel, sizeof(h->kernel));
	get_text(g, o, "arch", h->arch, sizeof(h->arch));
	h->cpus = get_unsigned(g, o, "cpus", U32_MOST);
	if (json_object_get(o, "cpus_online"))
		h->cpus_online = get_unsigned(g, o, "cpus_online", U32_MOST);
	h->kpti = get_answer(g, o, "kpti");
	get_text(g, o, "kpti_how", h->kpti_how, sizeof(h->kpti_how));
	/* Recordings made before it was looked for have none. */
	if (json_object_get(o, "kpti_by_hypervisor"))
		h->kpti_by_hypervisor = get_answer(g, o, "kpti_by_hypervisor");
	h->pcid = get_answer(g, o, "pcid");
	h->kaslr = get_answer(g, o, "kaslr");
	h->slots = get_answer(g, o, "asid_slots");
	get_text(g, o, "layout_how", h->layout_how, sizeof(h->layout_how));
	h->layout.levels = get_known(g, o, "paging_levels", 5, 0);
	if (h->layout.levels && h->layout.levels < 4)
		is_bad(g, "paging_levels");
	h->layout.page_offset = get_hex(g, o, "page_offset");
	h->layout.direct_map_end = get_hex(g, o, "direct_map_end");
	h->layout.vmalloc_base = get_hex(g, o, "vmalloc_base");
	h->layout.vmemmap_base = get_hex(g, o, "vmemmap_base");
	h->layout.text_base = get_hex(g, o, "text_base");
	if (m->redacted)
		layout_redact(&h->layout);
	/* Recordings made before it was looked for have none. */
	if (json_object_get(o, "randomize_base"))
		h->layout.randomize_base = get_answer(g, o, "randomize_base");
}

static void read_hooks(struct get *g, json_t *list, struct meta *m)
{
	json_t *v;
	size_t i;

	if (!json_is_array(list))
		is_bad(g, "hooks");
	json_array_foreach(list, i, v) {
		struct hook_info *h = &m->hooks[m->nr_hooks];

		get_text(g, v, "name", h->name, sizeof(h->name));
		get_text(g, v, "how", h->how, sizeof(h->how));
		get_text(g, v, "provenance", h->provenance, sizeof(h->provenance));
		get_text(g, v, "why", h->why, sizeof(h->why));
		m->nr_hooks++;
	}
}

/* Without it no table of events would be looked at, and a report of nothing be a success. */
static void read_emit(struct get *g, json_t *list, struct meta *m)
{
	json_t *v;
	size_t i;

	if (!json_is_array(list))
		is_bad(g, "emit");
	json_array_foreach(list, i, v) {
		const char *s = json_string_value(v);
		int kind = s ? word_kind_by_name(s, strlen(s)) : -1;

		if (kind < KVAS_KIND_TASK)
			is_bad(g, "emit");
		else
			m->emit |= 1u << kind;
	}
}

static void read_tables(struct get *g, json_t *tables, struct meta_tables *t)
{
	const char *file;
	json_t *v;

	if (!json_is_object(tables) || json_object_size(tables) > META_MAX_TABLES) {
		is_bad(g, "tables");
		return;
	}
	json_object_foreach(tables, file, v) {
		struct meta_table *mt = &t->table[t->nr];

		snprintf(mt->file, sizeof(mt->file), "%s", file);
		mt->rows = get_unsigned(g, v, "rows", S64_MOST);
		mt->bytes = get_unsigned(g, v, "bytes", S64_MOST);
		mt->xxh3 = get_hex(g, v, "xxh3");
		t->nr++;
	}
}

static void read_self(struct get *g, json_t *o, struct self_info *s)
{
	s->pid = get_unsigned(g, o, "pid", U32_MOST);
	s->cpu_ns = get_known(g, o, "cpu_ns", S64_MOST, 0);
	s->max_rss_bytes = get_known(g, o, "max_rss_bytes", S64_MOST, 0);
}

static void read_clock(struct get *g, json_t *clock, struct meta *m)
{
	m->start_ns = get_unsigned(g, clock, "start_ns", S64_MOST);
	m->end_ns = get_unsigned(g, clock, "end_ns", S64_MOST);
	m->start_unix_ns = get_unsigned(g, clock, "start_unix_ns", S64_MOST);
	/* 0 until the window was shut. */
	if (m->end_ns < m->start_ns && (m->end_ns || m->complete == ANSWER_YES))
		is_bad(g, "end_ns");
}

static void read_all(struct get *g, json_t *root, struct meta *m, struct meta_tables *t)
{
	get_text(g, root, "kvas", m->version, sizeof(m->version));
	m->redacted = get_bool(g, root, "redacted");
	m->csv_safe = json_object_get(root, "csv_safe") && get_bool(g, root, "csv_safe");
	m->complete = get_bool(g, root, "complete") ? ANSWER_YES : ANSWER_NO;
	read_host(g, json_object_get(root, "host"), m);
	read_clock(g, json_object_get(root, "clock"), m);
	m->pgd_order = get_known(g, root, "pgd_order", 31, KVAS_ORDER_UNKNOWN);
	m->pgd_live_start = get_known(g, root, "pgd_live_start", U32_MOST, (__u64)-1);
	/* Recordings made before there was a sampler have neither. */
	if (json_object_get(root, "sample_hz"))
		m->sample_hz = get_unsigned(g, root, "sample_hz", U32_MOST);
	if (json_object_get(root, "sample_asked"))
		m->sample_asked = get_unsigned(g, root, "sample_asked", U32_MOST);
	if (json_object_get(root, "sample_why"))
		get_text(g, root, "sample_why", m->sample_why, sizeof(m->sample_why));
	else
		snprintf(m->sample_why, sizeof(m->sample_why), "kvas %s did not sample", m->version);
	if (json_object_get(root, "precise_how")) {
		m->precise = get_bool(g, root, "precise");
		get_text(g, root, "precise_how", m->precise_how, sizeof(m->precise_how));
	}
	if (json_object_get(root, "untraced_why"))
		get_text(g, root, "untraced_why", m->untraced_why, sizeof(m->untraced_why));
	if (json_object_get(root, "areas_why"))
		get_text(g, root, "areas_why", m->areas_why, sizeof(m->areas_why));
	else
		snprintf(m->areas_why, sizeof(m->areas_why), "the recording does not tell");
	/* Recordings of schema 1 do not tell what kvas cost. */
	if (json_object_get(root, "self"))
		read_self(g, json_object_get(root, "self"), &m->self);
	get_any(g, root, "filter", m->filter, sizeof(m->filter));
	get_any(g, root, "command", m->command, sizeof(m->command));
	read_hooks(g, json_object_get(root, "hooks"), m);
	read_emit(g, json_object_get(root, "emit"), m);
	read_tables(g, json_object_get(root, "tables"), t);
}

/* The number of the format comes before all else: it says what the rest is. -1 with E. */
static int read_schema(json_t *root, const char *dir, struct meta_tables *t, struct err *e)
{
	json_t *v = json_object_get(root, "schema");
	json_int_t n = json_integer_value(v);
	char *odd;

	if (json_is_integer(v) && n > KVAS_SCHEMA)
		return err_set(e, "%s/meta.json: schema %lld is newer than this kvas reads (%d): use a "
				  "newer kvas", dir, (long long)n, KVAS_SCHEMA);
	if (json_is_integer(v) && n >= 1) {
		t->schema = n;
		return 0;
	}
	odd = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	err_set(e, "%s/meta.json: schema %.40s is no format of kvas's (1 to %d): it was edited, or is "
		   "not kvas's", dir, odd ? odd : "(none)", KVAS_SCHEMA);
	json_memory_free(odd);
	return -1;
}

static int read_root(json_t *root, const char *dir, struct meta *m, struct meta_tables *t,
		     struct err *e)
{
	size_t hooks = json_array_size(json_object_get(root, "hooks"));
	struct get g = { NULL };

	if (read_schema(root, dir, t, e))
		return -1;
	if (hooks > META_MAX_HOOKS)
		return err_set(e, "%s/meta.json: it lists %zu hooks, and this kvas reads no more than "
				  "%d: it was edited, or is not kvas's", dir, hooks,
			       META_MAX_HOOKS);
	read_all(&g, root, m, t);
	if (g.bad)
		return err_set(e, "%s/meta.json: key '%s' is missing or malformed: it was edited, or "
				  "is not kvas's", dir, g.bad);
	return 0;
}

int meta_json_parse(const char *text, size_t len, const char *dir, struct meta *m,
		    struct meta_tables *t, struct err *e)
{
	unsigned long before = short_memory_noted();
	json_error_t je;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	int ret;

	memset(m, 0, sizeof(*m));
	memset(t, 0, sizeof(*t));
	if (short_memory_noted() != before) {
		json_decref(root);
		return err_set(e, "out of memory for %s/meta.json", dir);
	}
	if (!root) {
		/* What the file holds is not repeated: it may be anything. */
		char *near = strstr(je.text, " near ");

		return err_set(e, "%s/meta.json:%d: %.*s: it is damaged, or not kvas's", dir, je.line,
			       near ? (int)(near - je.text) : (int)strlen(je.text), je.text);
	}
	ret = read_root(root, dir, m, t, e);
	json_decref(root);
	return ret;
}

int meta_json_read(int dirfd, const char *dir, struct meta *m, struct meta_tables *t,
		   struct err *e)
{
	struct err why = { 0 };
	char *text;
	__u64 size;
	int fd, ret;

	memset(m, 0, sizeof(*m));
	memset(t, 0, sizeof(*t));
	fd = input_open(dirfd, dir, "meta.json", &size, &why);
	if (fd < 0)
		return err_set(e, "'%.100s' is no kvas recording: %.360s", dir, why.text);
	if (size > META_MAX_BYTES) {
		close(fd);
		return err_set(e, "%s/meta.json has %llu bytes, and kvas writes no more than %d: it is "
				  "not kvas's", dir, (unsigned long long)size, META_MAX_BYTES);
	}
	text = input_read_whole(fd, size);
	if (!text)
		err_set(e, "%s/meta.json cannot be read: %s", dir, strerror(errno));
	close(fd);
	ret = text ? meta_json_parse(text, size, dir, m, t, e) : -1;
	free(text);
	return ret;
}
