/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints the parts of the documents that are made of the rows in include/kvas and user/model.
 * Usage: gen PART, which prints it, or gen, which lists the parts. scripts/docs.py puts each
 * where a document has "<!-- made by make docs: PART -->". To add a part, write a function and
 * add it to parts[].
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kvas/wire.h"
#include "model/counters.h"
#include "model/figures.h"

struct value {
	const char *id, *prefix, *name, *word, *doc;
	int number;
};

static const struct value values[] = {
#define ENUM(id, prefix, doc) { #id, NULL, NULL, NULL, doc, 0 },
#define VALUE(prefix, number, name, word, doc) { NULL, #prefix, #name, word, doc, number },
#include "kvas/words.def"
};
#define NR_VALUES (sizeof(values) / sizeof(values[0]))

/* A row of a table whose cells are text: '|' is escaped. */
static void print_cells(const char *first, ...)
{
	const char *cell = first;
	va_list more;

	va_start(more, first);
	for (; cell; cell = va_arg(more, const char *)) {
		printf("| ");
		for (; *cell; cell++)
			printf(*cell == '|' ? "\\|" : "%c", *cell);
		printf(" ");
	}
	va_end(more);
	printf("|\n");
}

/* TEXT, then "WORD: DOC" of each value of enum kvas_<ID>, as one cell. */
static void print_word_column(const char *column, const char *text, const char *id)
{
	char cell[4096];
	size_t at = snprintf(cell, sizeof(cell), "%s.", text);

	for (size_t i = 0; i < NR_VALUES; i++) {
		if (!values[i].id || strcmp(values[i].id, id))
			continue;
		for (i++; i < NR_VALUES && !values[i].id; i++)
			at += snprintf(cell + at, sizeof(cell) - at, " %s%s%s: %s.",
				       *values[i].word ? "*" : "",
				       *values[i].word ? values[i].word : "Empty",
				       *values[i].word ? "*" : "", values[i].doc);
	}
	print_cells(column, cell, NULL);
}

static void print_counts_column(const char *text)
{
	char names[512] = "", cell[2048];
	size_t at = snprintf(cell, sizeof(cell), "%s.", text);

#define TASK_COUNTER(number, name, word, doc)                                            \
	if (*names)                                                                      \
		strcat(names, ", ");                                                     \
	strcat(names, word);                                                             \
	at += snprintf(cell + at, sizeof(cell) - at, " *%s*: %s.", word, doc);
#include "kvas/hooks.def"
	print_cells(names, cell, NULL);
}

static void csv_head(void)
{
	printf("| column | meaning |\n|-|-|\n");
#define HDR_NUMBER(type, field, kind, doc) print_cells(#field, doc, NULL);
#define HDR_WIRE(type, field, array, doc)
#define HDR_COMM(field, doc) print_cells(#field, doc, NULL);
	KVAS_HDR_FIELDS(HDR_NUMBER, HDR_WIRE, HDR_COMM)
#undef HDR_NUMBER
#undef HDR_WIRE
#undef HDR_COMM
}

/* The notes stand before the table's head. */
static int in_table;

static void print_head(void)
{
	if (!in_table)
		printf("| column | meaning |\n|-|-|\n");
	in_table = 1;
}

#define COLUMN_WORD(part, field, id, doc) print_word_column(#part "_" #field, doc, #id);
#define COLUMN_OF(part, field, doc) print_cells(#part "_" #field, doc, NULL);
#define EXPECTED(part, name, word) ", expect_" #part "_" word

static void csv_tables(void)
{
	const char *separator = "";

#define RECORD(value, name, id, member, word, head, title)         \
	printf("%s## %s.csv: %s\n\n", separator, word, title);     \
	separator = "\n";                                          \
	in_table = 0;
#define NOTE(text) printf("%s\n\n", text);
#define NUMBER(type, field, kind, doc) print_head(), print_cells(#field, doc, NULL);
#define WORD(field, id, doc) print_head(), print_word_column(#field, doc, #id);
#define PLACE(field, doc) print_head(), print_cells(#field, doc, NULL);
#define ADDR(field, doc) print_head(), print_cells(#field, doc, NULL);
#define ADDR_IN(field, column, doc) \
	print_head(), print_cells(#field ", " column, doc ". The second column is the region where it lies", NULL);
#define COMM(field, doc) print_head(), print_cells(#field, doc, NULL);
#define NAME(field, doc) print_head(), print_cells(#field, doc, NULL);
#define ORDER(field, doc) print_head(), print_cells(#field ", bytes", doc, NULL);
#define FLAGS(field, doc) print_head(), print_cells(#field ", flags", doc, NULL);
#define ACCESS(part) KVAS_ACCESS_FIELDS(part, COLUMN_WORD, COLUMN_OF, COLUMN_OF, COLUMN_OF)
#define EXPECT(part, doc) print_cells(&(KVAS_EXPECT_BASES(part, EXPECTED))[2], doc, NULL);
#define COUNTS(field, doc) print_counts_column(doc);
#include "kvas/records.def"
}

static void print_field(const char *type, const char *name, const char *doc)
{
	print_cells(type, name, doc, NULL);
}

#define FIELD(type, field, kind, doc) print_field(#type, #field, doc);
#define FIELD_COMM(field, doc) print_field("char", #field "[KVAS_COMM_LEN]", doc);
#define FIELD_WORD(part, field, id, doc) print_field("__u32", #field, doc " (enum kvas_" #id ")");
#define FIELD_PLACE(part, field, doc) print_field("__u32", #field, doc " (enum kvas_region)");
#define FIELD_NUMBER(part, field, doc) print_field("__u32", #field, doc);
#define FIELD_ADDR(part, field, doc) print_field("__u64", #field, doc);

static void print_common(void)
{
	printf("## struct kvas_hdr\n\nEvery record begins with it.\n\n"
	       "| type | field | meaning |\n|-|-|-|\n");
	KVAS_HDR_FIELDS(FIELD, FIELD, FIELD_COMM)
	printf("\n## struct kvas_access\n\nOne memory operand, or two of the same kind that are one "
	       "after the other.\n\n| type | field | meaning |\n|-|-|-|\n");
	KVAS_ACCESS_FIELDS(part, FIELD_WORD, FIELD_PLACE, FIELD_NUMBER, FIELD_ADDR)
}

static void print_enums(void)
{
	char name[64];

	for (size_t i = 0; i < NR_VALUES; i++) {
		const struct value *v = &values[i];

		if (v->id) {
			printf("\n## enum kvas_%s\n\n%s\n\n| value | name | word | meaning |\n"
			       "|-|-|-|-|\n", v->id, v->doc);
			continue;
		}
		printf("| %d ", v->number);
		snprintf(name, sizeof(name), "KVAS_%s_%s", v->prefix, v->name);
		print_cells(name, v->word, v->doc, NULL);
	}
}

static void print_struct_head(void)
{
	if (!in_table)
		printf("\n| type | field | meaning |\n|-|-|-|\n| struct kvas_hdr | h | |\n");
	in_table = 1;
}

static void records(void)
{
	print_common();
#define RECORD(value, name, id, member, word, head, title)                             \
	printf("\n## struct kvas_rec_" #id "\n\nKVAS_KIND_" #name " (%d), %zu bytes: %s.\n", \
	       value, sizeof(struct kvas_rec_##id), title);                            \
	in_table = 0;
#define NOTE(text) printf("%s\n", text);
#define NUMBER(type, field, kind, doc) print_struct_head(), print_field(#type, #field, doc);
#define WORD(field, id, doc) \
	print_struct_head(), print_field("__u32", #field, doc " (enum kvas_" #id ")");
#define PLACE(field, doc) \
	print_struct_head(), print_field("__u32", #field, doc " (enum kvas_region)");
#define ADDR(field, doc) print_struct_head(), print_field("__u64", #field, doc);
#define ADDR_IN(field, column, doc) print_struct_head(), print_field("__u64", #field, doc);
#define COMM(field, doc) print_field("char", #field "[KVAS_COMM_LEN]", doc);
#define NAME(field, doc) print_field("char", #field "[KVAS_FUNCTION_LEN]", doc);
#define ORDER(field, doc) print_field("__u32", #field, doc);
#define FLAGS(field, doc) print_field("__u64", #field, doc);
#define ACCESS(part) print_field("struct kvas_access", #part, "");
#define EXPECT(part, doc) print_field("__u32", "expect_" #part "[KVAS_BASE_END]", doc);
#define COUNTS(field, doc) print_field("__u64", #field "[KVAS_T_COUNT]", doc);
#define WIRE(type, field, array, doc) print_struct_head(), print_field(#type, #field #array, doc);
#define UNION() print_field("union", "", "the next two share their place");
#include "kvas/records.def"
	print_enums();
}

/* The hooks that a figure needs, or a dash. */
static void hooks_of(__u64 hooks, char *cell, size_t len)
{
	size_t at = snprintf(cell, len, "%s", hooks ? "" : "-");

	for (int h = 0; h < HOOK_COUNT; h++)
		if (hooks >> h & 1)
			at += snprintf(cell + at, len - at, "%s%s", at ? ", " : "", hook_table[h].name);
}

static void figures(void)
{
	char hooks[256], what[128];

	for (size_t i = 0; i < SECTION_COUNT + FIGURE_COUNT; i++) {
		const struct figure_order *at = &figure_order[i];
		const struct figure_row *f;

		if (at->section) {
			/* A section of tables alone has no figures. */
			if (i + 1 < SECTION_COUNT + FIGURE_COUNT && !figure_order[i + 1].section)
				printf("%s### %s\n\n| JSON | in words | unit | is | needs the hooks | source |\n"
				       "|-|-|-|-|-|-|\n", i ? "\n" : "", section_rows[at->id].title);
			continue;
		}
		f = &figure_rows[at->id];
		hooks_of(f->hooks, hooks, sizeof(hooks));
		snprintf(what, sizeof(what), "%s, a %s", figure_source_word(f->source),
			 f->kind == KIND_COUNTER   ? "counter" :
			 f->kind == KIND_QUANTILES ? "distribution" :
						     "gauge");
		print_cells(f->path, f->label, figure_unit_word(f->unit), what, hooks, f->doc, NULL);
	}
}

static void counters(void)
{
	printf("| counter | fed by | counts |\n|-|-|-|\n");
#define COUNTER(number, name, word, hook, task, doc) print_cells(word, #hook, doc, NULL);
#define COUNTERS(first, count, name, prefix, words, doc) print_cells(prefix ".*", "several", doc, NULL);
#include "kvas/hooks.def"
}

static const struct {
	const char *name;
	void (*print)(void);
} parts[] = {
	{ "figures", figures },
	{ "counters", counters },
	{ "csv-head", csv_head },
	{ "csv-tables", csv_tables },
	{ "records", records },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (argc == 1)
			puts(parts[i].name);
		else if (!strcmp(parts[i].name, argv[1]))
			return parts[i].print(), 0;
	}
	if (argc > 1)
		fprintf(stderr, "gen: there is no part '%s'\n", argv[1]);
	return argc > 1;
}
