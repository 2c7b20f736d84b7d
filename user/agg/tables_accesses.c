/* SPDX-License-Identifier: GPL-2.0 */
/* Where the kernel's own loads and stores go, by samples. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agg/records.h"
#include "agg/tables.h"
#include "agg/tables_accesses.h"
#include "model/regions.h"
#include "model/words.h"

const char *accesses_why(const struct figures *g)
{
	const char *why = records_sampler_why(g->summary->meta);

	return why ? why : g->summary->accesses.why;
}

static const char *not_sampled_why(const struct figures *g)
{
	return records_sampler_why(g->summary->meta);
}

/* Numbers of the estimator: absent without shares. */
enum { N_HZ, N_ASKED, N_MET_LOAD, N_MET_STORE, N_EXPECTED_LOAD, N_EXPECTED_STORE, N_TRACING_LOAD, N_TRACING_STORE,
       N_FUNCTIONS_FOLDED, N_PROCESSES_FOLDED, N_LEAF, N_LEAF_DIRECT = N_LEAF + LEAF_COUNT,
       N_PROVENANCE = N_LEAF_DIRECT + LEAF_COUNT };

#define LEAF_COLUMNS(at, name, of)                                                                   \
	[at + LEAF_4K] = { name ".4k", NULL, 0, CELL_COUNT, OPTIONAL, "addresses" of " in pages of 4K" }, \
	[at + LEAF_2M] = { name ".2m", NULL, 0, CELL_COUNT, OPTIONAL, "in pages of 2M" },             \
	[at + LEAF_1G] = { name ".1g", NULL, 0, CELL_COUNT, OPTIONAL, "in pages of 1G" },             \
	[at + LEAF_UNKNOWN] = { name ".unknown", NULL, 0, CELL_COUNT, OPTIONAL,                       \
				"whose page size is not known" }
static const struct column access_columns[] = {
	[N_HZ] = { "sample_hz", "samples a second and CPU", 0, CELL_COUNT, OPTIONAL,
		   "ticks a second of the sampler on each CPU" },
	[N_ASKED] = { "sample_hz_asked", "asked; more than this host allows", 0, CELL_COUNT, OPTIONAL,
		      "what -F asked for, when kernel.perf_event_max_sample_rate allows fewer" },
	[N_MET_LOAD] = { "met.load", "loads met at instructions", 0, CELL_COUNT, OPTIONAL,
			 "loads of the instructions at samples" },
	[N_MET_STORE] = { "met.store", "stores met at instructions", 0, CELL_COUNT, OPTIONAL,
			  "stores of the instructions at samples" },
	[N_EXPECTED_LOAD] = { "expected.load", "loads expected of code with interrupts off", 0, CELL_REAL,
			      OPTIONAL, "loads expected of code with interrupts off" },
	[N_EXPECTED_STORE] = { "expected.store", "stores expected of code with interrupts off", 0,
			       CELL_REAL, OPTIONAL, "stores expected of code with interrupts off" },
	[N_TRACING_LOAD] = { "tracing.load", "loads met in BPF and tracing functions", 0, CELL_COUNT,
			     OPTIONAL, "loads met in BPF and tracing functions" },
	[N_TRACING_STORE] = { "tracing.store", "stores met in BPF and tracing functions", 0, CELL_COUNT,
			      OPTIONAL, "stores met in BPF and tracing functions" },
	[N_FUNCTIONS_FOLDED] = { "functions_folded", NULL, 0, CELL_COUNT, OPTIONAL,
				 "functions added up in the row (others)" },
	[N_PROCESSES_FOLDED] = { "processes_folded", NULL, 0, CELL_COUNT, OPTIONAL,
				 "processes added up in the row (others)" },
	[N_PROVENANCE] = { "provenance", NULL, 0, CELL_TEXT, OPTIONAL, "sampled: an estimate" },
	LEAF_COLUMNS(N_LEAF, "leaf", ""),
	LEAF_COLUMNS(N_LEAF_DIRECT, "leaf_direct_map", " of the direct map"),
};

static void access_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;
	const __u64 count[] = {
		[N_ASKED] = g->summary->meta->sample_asked,
		[N_HZ] = g->summary->meta->sample_hz,	    [N_MET_LOAD] = a->met_load,
		[N_MET_STORE] = a->met_store,		    [N_TRACING_LOAD] = a->tracing_load,
		[N_TRACING_STORE] = a->tracing_store,	    [N_FUNCTIONS_FOLDED] = a->functions_folded,
		[N_PROCESSES_FOLDED] = a->processes_folded,
	};

	if (column <= N_ASKED ? !count[column] : accesses_why(g) != NULL)
		out->state = CELL_OMITTED;
	else if (column == N_PROVENANCE)
		cell_text(out, figure_source_word(SOURCE_SAMPLED));
	else if (column >= N_LEAF_DIRECT)
		out->n = a->leaf_direct[column - N_LEAF_DIRECT];
	else if (column >= N_LEAF)
		out->n = a->leaf[column - N_LEAF];
	else if (column == N_EXPECTED_LOAD || column == N_EXPECTED_STORE)
		out->real = column == N_EXPECTED_LOAD ? a->expected_load : a->expected_store;
	else
		out->n = count[column];
}

const struct table table_accesses = {
	"accesses", NULL, SECTION_ACCESSES, SHOWN_DETAIL, TABLE_ONE, COLUMNS(access_columns), rows_one,
	access_cell, NULL, NULL, "what the samples met", NULL,
};

/* What large pages serve of the addresses met. */
#define LARGE_COLUMNS(what)                                                                          \
	{                                                                                            \
		{ "share", what " in large pages", 0, CELL_SHARE, ALWAYS, "part in 2M and 1G pages" }, \
		{ "low", "at least", 0, CELL_SHARE, ALWAYS, "lower end of its 95 % interval" },       \
		{ "high", "at most", 0, CELL_SHARE, ALWAYS, "upper end" },                            \
	}
static const struct column large_columns[] = LARGE_COLUMNS("kernel addresses");
static const struct column large_direct_columns[] = LARGE_COLUMNS("direct-map addresses");

static const char *large_why(const struct figures *g, const __u64 leaf[LEAF_COUNT])
{
	const char *why = accesses_why(g);

	return why ? why : access_huge(leaf).all ? NULL : "no address was met whose page size is known";
}

/* Number WHICH of share, low, high. */
static void large_cell(const __u64 leaf[LEAF_COUNT], unsigned int which, struct cell *out)
{
	struct access_huge h = access_huge(leaf);
	double value[3] = { (double)h.n / h.all };

	access_interval(value[0], h.all, &value[1], &value[2]);
	out->real = value[which];
}

static const char *large_all_why(const struct figures *g)
{
	return large_why(g, g->summary->accesses.leaf);
}

static void large_all_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	large_cell(g->summary->accesses.leaf, column, out);
}

static const char *large_direct_why(const struct figures *g)
{
	return large_why(g, g->summary->accesses.leaf_direct);
}

static void large_direct_cell(const struct figures *g, size_t row, unsigned int column,
			      struct cell *out)
{
	large_cell(g->summary->accesses.leaf_direct, column, out);
}

const struct table table_large_pages = {
	"accesses.large_pages", "kernel addresses in large pages", SECTION_ACCESSES, SHOWN_DETAIL,
	TABLE_ONE, COLUMNS(large_columns), rows_one, large_all_cell, large_all_why, NULL,
	"what large pages serve of the kernel's addresses", NULL,
};
const struct table table_large_pages_direct = {
	"accesses.large_pages_direct_map", "direct-map addresses in large pages", SECTION_ACCESSES,
	SHOWN_DETAIL, TABLE_ONE, COLUMNS(large_direct_columns), rows_one, large_direct_cell,
	large_direct_why, NULL, "the same of those in the direct map", NULL,
};

/* Loads or stores by region: numbers, and shares with their intervals. */
static const struct column region_columns[] = {
	{ "region", NULL, 0, CELL_TEXT, ALWAYS, "the region" },
	{ "accesses", NULL, 0, CELL_COUNT, OPTIONAL, "accesses, those with interrupts off included" },
};

static void load_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cell_text(out, region_name(row));
	if (column)
		cell_some(out, g->summary->accesses.all.load[row]);
}

static void store_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	cell_text(out, region_name(row));
	if (column)
		cell_some(out, g->summary->accesses.all.store[row]);
}

const struct table table_access_loads = {
	"accesses.load", NULL, SECTION_ACCESSES, SHOWN_JSON, TABLE_MAP, COLUMNS(region_columns),
	rows_regions, load_cell, accesses_why, NULL, "loads by region", NULL,
};
const struct table table_access_stores = {
	"accesses.store", NULL, SECTION_ACCESSES, SHOWN_JSON, TABLE_MAP, COLUMNS(region_columns),
	rows_regions, store_cell, accesses_why, NULL, "stores by region", NULL,
};

bool access_shares_say(const struct summary *s)
{
	return s->meta->sample_hz && !s->accesses.why && s->accesses.met_load >= ACCESSES_ENOUGH &&
	       s->accesses.met_store >= ACCESSES_ENOUGH;
}

/* Before its first sample a run without samples says so in its header. */
static const char *too_few_loads(const struct figures *g, char *buf, size_t len)
{
	const struct access_summary *a = &g->summary->accesses;

	if (access_shares_say(g->summary))
		return NULL;
	if (!g->summary->meta->sample_hz || !a->samples)
		return "";
	snprintf(buf, len, "%llu loads and %llu stores were sampled%s, too few to say where they go: "
			   "%d of each would be enough", a->met_load, a->met_store,
		 g->summary->accesses_so_far ? " so far" : "", ACCESSES_ENOUGH);
	return buf;
}

static const char *too_few_stores(const struct figures *g, char *buf, size_t len)
{
	return access_shares_say(g->summary) ? NULL : "";
}

static const struct column share_columns_load[] = SHARE_COLUMNS("LOADS GO TO", -16);
static const struct column share_columns_store[] = SHARE_COLUMNS("STORES GO TO", -16);

/* Part WHICH of N's share of ALL, whose interval RESTS_ON as many: the share, or one of the
 * interval's ends; nothing where there are none. */
enum share_part { PART_SHARE, PART_LOW, PART_HIGH };
static void share_part(double n, double all, double rests_on, enum share_part which,
		       struct cell *out)
{
	double value[] = { 0, 0, 0 };

	if (n <= 0 || all <= 0) {
		out->state = CELL_OMITTED;
		return;
	}
	value[PART_SHARE] = n / all;
	access_interval(value[PART_SHARE], rests_on, &value[PART_LOW], &value[PART_HIGH]);
	out->real = value[which];
}

void access_share_cell(size_t region, double n, double all, double rests_on, unsigned int column,
		       struct cell *out)
{
	cell_text(out, region_name(region));
	if (column)
		share_part(n, all, rests_on, column - 1, out);
}

static void load_share_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;

	access_share_cell(row, a->all.load[row], a->load, a->n_load, column, out);
}

static void store_share_cell(const struct figures *g, size_t row, unsigned int column,
			     struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;

	access_share_cell(row, a->all.store[row], a->store, a->n_store, column, out);
}

const struct table table_access_load_shares = {
	"accesses.shares.load", "loads go to", SECTION_ACCESSES, SHOWN_DIGEST, TABLE_MAP,
	COLUMNS(share_columns_load), rows_regions, load_share_cell, accesses_why, NULL,
	"loads by region, as parts of all, with 95 % intervals", too_few_loads,
};
const struct table table_access_store_shares = {
	"accesses.shares.store", "stores go to", SECTION_ACCESSES, SHOWN_DIGEST, TABLE_MAP,
	COLUMNS(share_columns_store), rows_regions, store_share_cell, accesses_why, NULL,
	"stores by region, as parts of all, with 95 % intervals", too_few_stores,
};

static const struct column mode_columns[] = {
	{ "mode", "SAMPLES", -16, CELL_TEXT, ALWAYS, "what a sample stands for" },
	{ "samples", "HOW MANY", 12, CELL_COUNT, NULLABLE, "samples" },
};

/* The modes but the PMU's. */
static size_t mode_rows(const struct figures *g)
{
	return not_sampled_why(g) ? 0 : KVAS_ACCESS_END - 2;
}

/* Without symbols what is the kernel's is in none of the modes it may have. */
static void mode_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;
	unsigned int mode = row + KVAS_ACCESS_KERNEL;

	if (mode >= KVAS_ACCESS_PRECISE)
		mode++;
	cell_text(out, word_access_mode_name(mode));
	out->n = a->mode[mode];
	if (column && a->mode[KVAS_ACCESS_NO_SYMBOLS] &&
	    (mode == KVAS_ACCESS_KERNEL || mode == KVAS_ACCESS_IRQS_OFF || mode == KVAS_ACCESS_IDLE))
		cell_unknown(out, "/proc/kallsyms shows no addresses of functions");
}

const struct table table_access_modes = {
	"accesses.modes", NULL, SECTION_ACCESSES, SHOWN_JSON, TABLE_MAP, COLUMNS(mode_columns),
	mode_rows, mode_cell, not_sampled_why, NULL, "samples by what they stand for", NULL,
};

static const struct column other_columns[] = {
	{ "why", "IN REGION OTHER, AS", -24, CELL_TEXT, ALWAYS, "why no region is known" },
	{ "accesses", "ACCESSES", 12, CELL_REAL, OPTIONAL, "loads and stores" },
};

static size_t other_rows(const struct figures *g)
{
	return accesses_why(g) ? 0 : KVAS_WHY_END - 1;
}

static void other_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	out->real = g->summary->accesses.other[row + 1];
	cell_text(out, word_access_why_name(row + 1));
	if (column && out->real <= 1e-6)
		out->state = CELL_OMITTED;
}

const struct table table_access_other = {
	"accesses.other", NULL, SECTION_ACCESSES, SHOWN_JSON, TABLE_MAP, COLUMNS(other_columns),
	other_rows, other_cell, accesses_why, NULL, "accesses in region other, by why", NULL,
};

/* Samples of the PMU. */
enum { P_EVENTS, P_WITHOUT, P_LOADS, P_STORES = P_LOADS + KVAS_REGION_COUNT,
       P_LOAD_SHARES = P_STORES + KVAS_REGION_COUNT,
       P_STORE_SHARES = P_LOAD_SHARES + 3 * KVAS_REGION_COUNT };
static const struct column precise_columns[] = {
	[P_EVENTS] = { "events", NULL, 0, CELL_TEXT, ALWAYS, "the PMU's events" },
	[P_WITHOUT] = { "without_address", NULL, 0, CELL_COUNT, ALWAYS,
			"samples without an address" },
#define PRECISE_SHARE(at, path, value, word)                                                         \
	[at + 3 * value] = { "shares." path "." word ".share", NULL, 0,    \
			     CELL_SHARE, OPTIONAL, "part of all" },                                    \
	[at + 3 * value + 1] = { "shares." path "." word ".low", NULL, 0, CELL_SHARE, OPTIONAL,  \
				 "lower end of its 95 % interval" },                                   \
	[at + 3 * value + 2] = { "shares." path "." word ".high", NULL, 0, CELL_SHARE, OPTIONAL,  \
				 "upper end" }
#define REGION(value, name, word, letter, use)                                                       \
	[P_LOADS + value] = { "load." word, NULL, 0, CELL_COUNT, ENTRY, "loads in " word },       \
	[P_STORES + value] = { "store." word, NULL, 0, CELL_COUNT, ENTRY, "stores in " word },    \
	PRECISE_SHARE(P_LOAD_SHARES, "load", value, word),                                            \
	PRECISE_SHARE(P_STORE_SHARES, "store", value, word),
#include "kvas/regions.def"
#undef REGION
};

static const char *precise_why(const struct figures *g)
{
	return records_precise_why(g->summary->meta);
}

static void precise_cell(const struct figures *g, size_t row, unsigned int column, struct cell *out)
{
	const struct access_summary *a = &g->summary->accesses;
	unsigned int at;

	if (column == P_EVENTS) {
		cell_text(out, g->summary->meta->precise_how);
	} else if (column == P_WITHOUT) {
		out->n = a->precise_unknown;
	} else if (column >= P_STORE_SHARES) {
		at = column - P_STORE_SHARES;
		share_part(a->precise.store[at / 3], a->precise_store, a->precise_store, at % 3, out);
	} else if (column >= P_LOAD_SHARES) {
		at = column - P_LOAD_SHARES;
		share_part(a->precise.load[at / 3], a->precise_load, a->precise_load, at % 3, out);
	} else if (column >= P_STORES) {
		cell_some(out, a->precise.store[column - P_STORES]);
	} else {
		cell_some(out, a->precise.load[column - P_LOADS]);
	}
}

const struct table table_access_precise = {
	"accesses.precise", "accesses by the addresses that the PMU gave", SECTION_ACCESSES,
	SHOWN_DETAIL, TABLE_ONE, COLUMNS(precise_columns), rows_one, precise_cell, precise_why, NULL,
	"accesses by the addresses that the PMU gave", NULL,
};
