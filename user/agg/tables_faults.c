/* SPDX-License-Identifier: GPL-2.0 */
/* Page faults for a reader of the long text: parts of all, by class and by region. */
#include "agg/tables.h"
#include "model/regions.h"

/* Bits of the error code, arch/x86/include/asm/trap_pf.h. */
#define PF_PROT 1
#define PF_WRITE 2
#define PF_INSTR 16

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
