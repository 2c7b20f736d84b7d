/* SPDX-License-Identifier: GPL-2.0 */
/* Page faults by region and by error code; for a reader of the long text also their classes and
 * the parts of all. */
#include "agg/tables.h"
#include "model/fault_flags.h"
#include "model/regions.h"

/* Bits of the error code, arch/x86/include/asm/trap_pf.h. */
#define PF_PROT 1
#define PF_WRITE 2
#define PF_INSTR 16

const char *faults_why(const struct figures *g)
{
	const char *user = figures_hook_why(g->summary, HOOK_page_fault_user);

	return user ? figures_hook_why(g->summary, HOOK_page_fault_kernel) :
		      figures_counter_why(g->summary, KVAS_C_FAULT_REGION);
}

static const struct {
	const char *word;
	unsigned int mask, want;
} classes[] = {
	{ "page not present", PF_PROT, 0 },
	{ "protection", PF_PROT, PF_PROT },
	{ "read", PF_WRITE | PF_INSTR, 0 },
	{ "write", PF_WRITE | PF_INSTR, PF_WRITE },
	{ "instruction fetch", PF_INSTR, PF_INSTR },
};

#define FAULT_COLUMNS(head)                                                             \
	{                                                                               \
		{ "what", head, -40, CELL_TEXT, ALWAYS, "the class or the region" },    \
		{ "faults", "FAULTS", 12, CELL_COUNT, OPTIONAL, "page faults" },        \
		{ "share", "SHARE", 8, CELL_SHARE, OPTIONAL, "part of all" },           \
	}
static const struct column class_columns[] = FAULT_COLUMNS("CLASS OF FAULT");
static const struct column region_columns[] = FAULT_COLUMNS("REGION OF THE ADDRESS");

/* N of the page faults; nothing where there were none. */
static void faults_cell(const struct figures *g, __u64 n, struct cell *out)
{
	__u64 all = g->summary->c[KVAS_C_FAULT_USER] + g->summary->c[KVAS_C_FAULT_KERNEL];

	cell_nonzero(out, n);
	out->real = all ? (double)n / all : 0;
}

static size_t class_rows(const struct figures *g)
{
	return sizeof(classes) / sizeof(classes[0]);
}

static void class_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	__u64 n = 0;

	cell_text(out, classes[row].word);
	for (unsigned int code = 0; code < 32; code++)
		if ((code & classes[row].mask) == classes[row].want)
			n += g->summary->c[KVAS_C_FAULT_CODE + code];
	if (column)
		faults_cell(g, n, out);
}

static void region_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cell_text(out, region_name(row));
	if (column)
		faults_cell(g, g->summary->c[KVAS_C_FAULT_REGION + row], out);
}

const struct table table_fault_classes = TEXT_TABLE(
	SECTION_FAULTS, TABLE_MAP, class_columns, class_rows, class_cell, faults_why,
	"page faults by what was wrong, and by what was done");
const struct table table_fault_region_shares = TEXT_TABLE(
	SECTION_FAULTS, TABLE_MAP, region_columns, rows_regions, region_cell, faults_why,
	"page faults by the region of the address");

static const struct column fault_region_columns[] = {
	{ "region", "REGION", -16, CELL_TEXT, ALWAYS, "region of the faulting address" },
	{ "faults", "FAULTS", 12, CELL_COUNT, OPTIONAL, "page faults" },
};

const struct table table_fault_regions = {
	"faults.by_region", "Page faults by the region of the address", SECTION_FAULTS, SHOWN_JSON,
	TABLE_MAP, COLUMNS(fault_region_columns), rows_regions, region_cell, faults_why, NULL,
	"page faults by the region of the address", NULL,
};

static const struct column fault_code_columns[] = {
	{ "code", "ERROR CODE", -40, CELL_TEXT, ALWAYS,
	  "bits 0 to 4 of the error code, as words joined by |; none: no bit" },
	{ "faults", "FAULTS", 12, CELL_COUNT, OPTIONAL, "page faults" },
};

static size_t fault_code_rows(const struct figures *g)
{
	return 32;
}

static void fault_code_cell(const struct figures *g, size_t row, unsigned int column,
			    struct cell *out)
{
	cell_text(out, fault_flags_word(row));
	if (column)
		cell_nonzero(out, g->summary->c[KVAS_C_FAULT_CODE + row]);
}

const struct table table_fault_codes = {
	"faults.by_code", "Page faults by error code", SECTION_FAULTS, SHOWN_DETAIL, TABLE_MAP,
	COLUMNS(fault_code_columns), fault_code_rows, fault_code_cell, faults_why, NULL,
	"page faults by error code", NULL,
};
