/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of the explorers' documents. */
#include "model/json_rows.h"

#define NR(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SCHEMA { "schema", ROW_INTEGER, ROW_ALWAYS, NULL, "the version of the document's keys: 1" }
#define KERNEL { "kernel", ROW_STRING, ROW_ALWAYS, NULL, "the kernel's release, as uname -r has it" }
#define LEVELS { "paging_levels", ROW_INTEGER, ROW_ALWAYS, NULL, "levels of page tables: 4 or 5" }
#define KPTI { "kpti", ROW_BOOLEAN, ROW_NULLABLE, NULL, "is page-table isolation on?" }

static const struct json_row layout[] = {
	SCHEMA,
	KERNEL,
	LEVELS,
	KPTI,
	{ "kaslr", ROW_BOOLEAN, ROW_NULLABLE, NULL, "does the kernel randomise its addresses?" },
	{ "page_offset", ROW_ADDRESS, ROW_ALWAYS, NULL, "where the direct map begins" },
	{ "text", ROW_ADDRESS, ROW_NULLABLE, NULL, "_text, where the kernel's code begins" },
	{ "phys_base", ROW_ADDRESS, ROW_NULLABLE, NULL,
	  "of the kernel image: physical = address - 0xffffffff80000000 + phys_base, modulo 2^64" },
	{ "kaslr_offsets.direct_map", ROW_ADDRESS, ROW_NULLABLE, NULL, "how far KASLR moved it up" },
	{ "kaslr_offsets.vmalloc", ROW_ADDRESS, ROW_NULLABLE, NULL, "how far KASLR moved it up" },
	{ "kaslr_offsets.vmemmap", ROW_ADDRESS, ROW_NULLABLE, NULL, "how far KASLR moved it up" },
	{ "kaslr_offsets.kernel_image", ROW_ADDRESS, ROW_NULLABLE, NULL, "how far KASLR moved it up" },
	{ "thread_size", ROW_INTEGER, ROW_NULLABLE, NULL, "bytes of a kernel stack" },
	{ "regions[].name", ROW_WORD, ROW_ALWAYS, "<region>", NULL },
	{ "regions[].use", ROW_STRING, ROW_ALWAYS, NULL, "what the region is for" },
	{ "regions[].how", ROW_STRING, ROW_ALWAYS, NULL, "how its place is known, or why it is not" },
	{ "regions[].start", ROW_ADDRESS, ROW_NULLABLE, NULL, "its first address" },
	{ "regions[].end", ROW_ADDRESS, ROW_NULLABLE, NULL, "one past its last address; 0: the top" },
	{ "regions[].bytes", ROW_INTEGER, ROW_NULLABLE, NULL, "its room" },
	{ "regions[].bytes_at_least", ROW_BOOLEAN, ROW_ALWAYS, NULL, "may the room be larger?" },
	{ "regions[].mapped_bytes", ROW_INTEGER, ROW_OPTIONAL, NULL,
	  "of the region user, as much as there are processes: it has none of the keys from here on" },
	{ "regions[].leaves", ROW_OBJECT, ROW_OPTIONAL, NULL, "pages that are mapped, by size" },
	{ "regions[].leaves.4k", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "regions[].leaves.2m", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "regions[].leaves.1g", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "regions[].writable_executable_bytes", ROW_INTEGER, ROW_OPTIONAL, NULL,
	  "mapped both writable and executable" },
	{ "regions[].first_mapped", ROW_ADDRESS, ROW_OPTIONAL_NULLABLE, NULL, "the lowest mapped byte" },
	{ "regions[].last_mapped", ROW_ADDRESS, ROW_OPTIONAL_NULLABLE, NULL, "the highest mapped byte" },
	{ "survey.tables_read", ROW_INTEGER, ROW_ALWAYS, NULL, "page tables that were read" },
	{ "survey.changed", ROW_INTEGER, ROW_ALWAYS, NULL, "entries that changed and were read again" },
	{ "survey.unread_ranges", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "ranges that could not be read: where there are some, what is mapped is a lower bound" },
	{ "survey.ns", ROW_INTEGER, ROW_ALWAYS, NULL, "how long reading took" },
};

#define WALK_TABLE(t)                                                                            \
	{ "walks[]." t ".steps", ROW_LIST, ROW_ALWAYS, NULL, "the entries met, from the top down" }, \
	{ "walks[]." t ".steps[].level", ROW_INTEGER, ROW_ALWAYS, NULL, "5 or 4 the top, 1 the last" }, \
	{ "walks[]." t ".steps[].name", ROW_WORD, ROW_ALWAYS, "PGD|P4D|PUD|PMD|PTE", NULL },        \
	{ "walks[]." t ".steps[].table", ROW_ADDRESS, ROW_ALWAYS, NULL,                             \
	  "where the table is in the direct map" },                                                 \
	{ "walks[]." t ".steps[].index", ROW_INTEGER, ROW_ALWAYS, NULL, "of the entry: 0 to 511" }, \
	{ "walks[]." t ".steps[].entry", ROW_ADDRESS, ROW_ALWAYS, NULL, "the entry as it is in memory" }, \
	{ "walks[]." t ".steps[].flags", ROW_STRING, ROW_ALWAYS, NULL, "the entry's bits in letters" }, \
	{ "walks[]." t ".outcome", ROW_WORD, ROW_ALWAYS, "done|unreadable|changing", NULL },        \
	{ "walks[]." t ".mapped", ROW_BOOLEAN, ROW_NULLABLE, NULL, NULL },                          \
	{ "walks[]." t ".state", ROW_WORD, ROW_ALWAYS,                                              \
	  "mapped|not_mapped|prot_none|splitting|swapped|moved|unknown",                            \
	  "prot_none and splitting: the page is in memory, and not mapped" },                       \
	{ "walks[]." t ".physical", ROW_ADDRESS, ROW_NULLABLE, NULL,                                \
	  "the byte's physical address; also of prot_none and splitting" },                         \
	{ "walks[]." t ".leaf_bytes", ROW_INTEGER, ROW_NULLABLE, NULL, "the size of its page" },    \
	{ "walks[]." t ".write", ROW_BOOLEAN, ROW_NULLABLE, NULL, "do all levels allow writing?" }, \
	{ "walks[]." t ".user", ROW_BOOLEAN, ROW_NULLABLE, NULL, "do all levels allow user mode?" }, \
	{ "walks[]." t ".execute", ROW_BOOLEAN, ROW_NULLABLE, NULL, "does no level forbid executing?" }, \
	{ "walks[]." t ".memory_type", ROW_STRING, ROW_NULLABLE, NULL, "WB, WC, UC-, UC, ..." },    \
	{ "walks[]." t ".swap_type", ROW_INTEGER, ROW_NULLABLE, NULL,                               \
	  "of swapped and moved: the swap area, or the kind of mark" },                             \
	{ "walks[]." t ".swap_offset", ROW_INTEGER, ROW_NULLABLE, NULL, "in it, in pages" }

static const struct json_row walks[] = {
	SCHEMA,
	KERNEL,
	LEVELS,
	KPTI,
	{ "walks[].asked", ROW_STRING, ROW_ALWAYS, NULL, "the address as the command line has it" },
	{ "walks[].address", ROW_ADDRESS, ROW_ALWAYS, NULL, NULL },
	{ "walks[].pid", ROW_INTEGER, ROW_ALWAYS, NULL, "the process asked for" },
	{ "walks[].comm", ROW_STRING, ROW_ALWAYS, NULL, "the process's name" },
	{ "walks[].region", ROW_WORD, ROW_ALWAYS, "<region>", "where the address lies" },
	{ "walks[].table_of", ROW_WORD, ROW_ALWAYS, "process|kvas",
	  "whose table was walked: kvas's where the process has none" },
	{ "walks[].symbol", ROW_STRING, ROW_NULLABLE, NULL, "the symbol the address is in" },
	{ "walks[].nearest_symbol", ROW_STRING, ROW_NULLABLE, NULL,
	  "the symbol before the address, which may be in something else" },
	{ "walks[].direct_map_alias", ROW_ADDRESS, ROW_NULLABLE, NULL,
	  "where the direct map has the same byte" },
	{ "walks[].in_direct_map", ROW_BOOLEAN, ROW_NULLABLE, NULL, "does the direct map have it?" },
	{ "walks[].table", ROW_OBJECT, ROW_ALWAYS, NULL, "by the table that the kernel runs on" },
	WALK_TABLE("table"),
	{ "walks[].user_table", ROW_OBJECT, ROW_NULLABLE, NULL,
	  "KPTI: by the table that user mode runs on" },
	WALK_TABLE("user_table"),
};

#define TABLES(at)                                                                               \
	{ at ".p4d", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                                          \
	{ at ".pud", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                                          \
	{ at ".pmd", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                                          \
	{ at ".pte", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                                          \
	{ at ".unsure", ROW_INTEGER, ROW_ALWAYS, NULL,                                               \
	  "entries that could not be followed: where there are some, the counts are lower bounds" }

#define PGD_PARTS                                                                                \
	SCHEMA, KERNEL, LEVELS, KPTI,                                                                \
	{ "kernel_table", ROW_ADDRESS, ROW_NULLABLE, NULL, "the kernel's own top-level table" },     \
	{ "kernel_table_how", ROW_WORD, ROW_NULLABLE, "symbol|content", "how it was found" },        \
	{ "kernel_table_found", ROW_ADDRESS, ROW_NULLABLE, NULL, "what the search by content found" }, \
	{ "kernel_half.same", ROW_INTEGER, ROW_ALWAYS, NULL,                                         \
	  "processes whose upper half is the kernel's" },                                            \
	{ "kernel_half.differ", ROW_INTEGER, ROW_ALWAYS, NULL, "processes whose upper half is not" }, \
	{ "kernel_half.ended", ROW_INTEGER, ROW_ALWAYS, NULL, "processes that ended meanwhile" },    \
	{ "kernel_half.unread", ROW_INTEGER, ROW_ALWAYS, NULL,                                       \
	  "processes whose table could not be read" },                                               \
	{ "kernel_threads", ROW_INTEGER, ROW_NULLABLE, NULL, "tasks without a table of their own" }, \
	{ "hidden_processes", ROW_INTEGER, ROW_NULLABLE, NULL,                                       \
	  "processes of /proc that the kernel's task iterator does not list" },                      \
	{ "hidden_processes_why", ROW_STRING, ROW_NULLABLE, NULL, "why that is not known" },         \
	TABLES("tables_shared"), TABLES("tables_private"),                                           \
	{ "pmd_tables_shared", ROW_INTEGER, ROW_ALWAYS, NULL,                                        \
	  "PMD tables counted more than once: processes share them" },                               \
	{ "pgds", ROW_INTEGER, ROW_ALWAYS, NULL, "top-level tables" },                               \
	{ "bytes_each", ROW_INTEGER, ROW_NULLABLE, NULL, "of one top-level table" },                 \
	{ "bytes_top_level", ROW_INTEGER, ROW_NULLABLE, NULL, "of all top-level tables" },           \
	{ "bytes_kernel_half_copies", ROW_INTEGER, ROW_ALWAYS, NULL,                                 \
	  "of their upper halves, which are copies of the kernel's" },                               \
	{ "timing.kernel_tables_ns", ROW_INTEGER, ROW_ALWAYS, NULL,                                  \
	  "to read the tables of the kernel's half" },                                               \
	{ "timing.compare_ns", ROW_INTEGER, ROW_ALWAYS, NULL, "to compare all top-level tables" },   \
	{ "timing.compare_max_ns", ROW_INTEGER, ROW_ALWAYS, NULL, "to compare the slowest of them" }

static const struct json_row pgd[] = {
	PGD_PARTS,
	{ "pid", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "comm", ROW_STRING, ROW_ALWAYS, NULL, "the process's name" },
	{ "pgd", ROW_ADDRESS, ROW_ALWAYS, NULL, "its top-level table, in the direct map" },
	{ "physical", ROW_ADDRESS, ROW_ALWAYS, NULL, "the table's physical address" },
	{ "bytes", ROW_INTEGER, ROW_ALWAYS, NULL, "of all its tables" },
	{ "bytes_at_least", ROW_BOOLEAN, ROW_ALWAYS, NULL, "may that be more?" },
	TABLES("tables"),
	{ "groups[].first", ROW_INTEGER, ROW_ALWAYS, NULL, "the first entry of the group" },
	{ "groups[].last", ROW_INTEGER, ROW_ALWAYS, NULL, "the last entry of the group" },
	{ "groups[].present", ROW_INTEGER, ROW_ALWAYS, NULL, "how many of its entries are present" },
	{ "groups[].address", ROW_ADDRESS, ROW_ALWAYS, NULL, "the first address they translate" },
	{ "groups[].tables", ROW_WORD, ROW_ALWAYS, "none|private|shared|differs",
	  "whose tables the entries lead to" },
	{ "groups[].regions[]", ROW_WORD, ROW_ALWAYS, "<region>", NULL },
	{ "entries.*", ROW_ADDRESS, ROW_ALWAYS, NULL, "entries that are not 0, by index" },
	{ "user_memory.mapped", ROW_INTEGER, ROW_ALWAYS, NULL, "bytes that entries of user memory map" },
	{ "user_memory.prot_none", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "bytes in memory to which no access is allowed: mprotect(PROT_NONE), NUMA balancing" },
	{ "user_memory.splitting", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "bytes of large pages that are about to be split" },
	{ "user_memory.swapped", ROW_INTEGER, ROW_ALWAYS, NULL, "bytes in swap areas" },
	{ "user_memory.moved", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "bytes of migration, poison, device and marker entries" },
	{ "user_memory.unknown", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "bytes of entries that are not present, for a reason that is not known" },
	{ "user_table", ROW_OBJECT, ROW_NULLABLE, NULL,
	  "KPTI: what the table of user mode maps of the kernel, by region" },
	{ "user_table.<region>.bytes", ROW_INTEGER, ROW_ALWAYS, NULL, "mapped there" },
	{ "user_table.<region>.of_bytes", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "mapped in the kernel's own table" },
	{ "user_table.<region>.writable_executable_bytes", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "user_table_unread_ranges", ROW_INTEGER, ROW_NULLABLE, NULL,
	  "ranges of it that could not be read" },
};

static const struct json_row pgds[] = {
	PGD_PARTS,
	{ "processes[].pid", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "processes[].comm", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "processes[].tasks", ROW_INTEGER, ROW_ALWAYS, NULL, "tasks that share the address space" },
	{ "processes[].mm", ROW_ADDRESS, ROW_ALWAYS, NULL, "its struct mm_struct" },
	{ "processes[].pgd", ROW_ADDRESS, ROW_ALWAYS, NULL, "its top-level table" },
	{ "processes[].ended", ROW_BOOLEAN, ROW_ALWAYS, NULL,
	  "it ended while the tables were read, and has none of the keys below" },
	{ "processes[].unread", ROW_BOOLEAN, ROW_ALWAYS, NULL,
	  "its table could not be read, and it has none of the keys below" },
	{ "processes[].kernel_half", ROW_OBJECT, ROW_OPTIONAL, NULL,
	  "its upper half, beside the kernel's own table" },
	{ "processes[].kernel_half.present", ROW_INTEGER, ROW_ALWAYS, NULL, "entries present" },
	{ "processes[].kernel_half.same", ROW_INTEGER, ROW_ALWAYS, NULL, "entries that are the same" },
	{ "processes[].kernel_half.differ", ROW_INTEGER, ROW_ALWAYS, NULL, "entries that differ" },
	{ "processes[].kernel_half.first_differing", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "processes[].kernel_half.ldt", ROW_BOOLEAN, ROW_ALWAYS, NULL, "has it an LDT?" },
	{ "processes[].user_entries", ROW_INTEGER, ROW_OPTIONAL, NULL,
	  "entries present in its lower half" },
	{ "processes[].tables", ROW_OBJECT, ROW_OPTIONAL, NULL, "its own lower tables" },
	TABLES("processes[].tables"),
	{ "processes[].bytes", ROW_INTEGER, ROW_OPTIONAL, NULL, "of all its tables" },
	{ "processes[].bytes_at_least", ROW_BOOLEAN, ROW_OPTIONAL, NULL, "may that be more?" },
};

#define BY_SIZE(at, presence)                                                                    \
	{ at ".4k", ROW_INTEGER, presence, NULL, NULL }, { at ".2m", ROW_INTEGER, presence, NULL, NULL }, \
	{ at ".1g", ROW_INTEGER, presence, NULL, NULL }

static const struct json_row dmap[] = {
	SCHEMA,
	KERNEL,
	{ "start", ROW_ADDRESS, ROW_ALWAYS, NULL, "where the direct map begins" },
	{ "end", ROW_ADDRESS, ROW_ALWAYS, NULL, "one past its last byte" },
	{ "leaves", ROW_OBJECT, ROW_ALWAYS, NULL, "pages that map it, by size" },
	BY_SIZE("leaves", ROW_ALWAYS),
	{ "kb", ROW_OBJECT, ROW_ALWAYS, NULL, "what these pages map" },
	BY_SIZE("kb", ROW_ALWAYS),
	{ "meminfo_kb", ROW_OBJECT, ROW_ALWAYS, NULL, "what /proc/meminfo says of the same" },
	BY_SIZE("meminfo_kb", ROW_NULLABLE),
	{ "meminfo_steady", ROW_BOOLEAN, ROW_ALWAYS, NULL,
	  "did /proc/meminfo stand still while the tables were read?" },
	{ "image_splits", ROW_INTEGER, ROW_ALWAYS, NULL,
	  "2M of the kernel image's own mapping that 4K pages map: /proc/meminfo counts them too" },
	{ "whole_gib_split", ROW_INTEGER, ROW_ALWAYS, NULL, "GiB mapped without a gap by smaller pages" },
	{ "ranges_4k", ROW_LIST, ROW_ALWAYS, NULL, "where 4K pages map it, in order of address" },
	{ "ranges_4k[].start", ROW_ADDRESS, ROW_ALWAYS, NULL, NULL },
	{ "ranges_4k[].end", ROW_ADDRESS, ROW_ALWAYS, NULL, "one past the last byte" },
	{ "ranges_4k[].pages_4k", ROW_INTEGER, ROW_ALWAYS, NULL, "pages that are mapped" },
	{ "ranges_4k[].missing", ROW_INTEGER, ROW_ALWAYS, NULL, "pages that are not" },
	{ "ranges_4k[].read_only", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "ranges_4k[].executable", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "ranges_4k[].uncached", ROW_INTEGER, ROW_ALWAYS, NULL, "pages not of the type write-back" },
	{ "changed", ROW_INTEGER, ROW_ALWAYS, NULL, "entries that changed and were read again" },
	{ "unread_ranges", ROW_INTEGER, ROW_ALWAYS, NULL, "ranges that could not be read" },
	{ "unread_gib", ROW_INTEGER, ROW_ALWAYS, NULL, "GiB of which it is unknown what is split" },
	{ "complete", ROW_BOOLEAN, ROW_ALWAYS, NULL, "was all of it read?" },
};

static const struct json_row watch_begin[] = {
	SCHEMA,
	{ "type", ROW_WORD, ROW_ALWAYS, "watch", NULL },
	{ "hooks", ROW_WORD, ROW_NULLABLE, "fentry|kprobe", "the hooks that see who changes the map" },
	{ "why", ROW_STRING, ROW_NULLABLE, NULL, "why there are no hooks" },
};

static const struct json_row watch_change[] = {
	{ "type", ROW_WORD, ROW_ALWAYS, "split|collapse", NULL },
	{ "unix_ns", ROW_INTEGER, ROW_ALWAYS, NULL, "when: nanoseconds since 1970 (UTC)" },
	{ "from", ROW_WORD, ROW_ALWAYS, "4K|2M|1G", "the pages' size before" },
	{ "to", ROW_WORD, ROW_ALWAYS, "4K|2M|1G", "the pages' size after" },
	{ "address", ROW_ADDRESS, ROW_ALWAYS, NULL, NULL },
	{ "elsewhere", ROW_WORD, ROW_NULLABLE, "<region>",
	  "the region of a change that the direct map does not show" },
	{ "pid", ROW_INTEGER, ROW_NULLABLE, NULL, "who made the change" },
	{ "tid", ROW_INTEGER, ROW_NULLABLE, NULL, NULL },
	{ "comm", ROW_STRING, ROW_NULLABLE, NULL, NULL },
	{ "shared", ROW_BOOLEAN, ROW_NULLABLE, NULL, "did others change mappings at the same time?" },
	{ "stack", ROW_LIST, ROW_NULLABLE, NULL, "the call, innermost first" },
	{ "stack[]", ROW_STRING, ROW_ALWAYS, NULL, NULL },
};

static const struct json_row watch_end[] = {
	{ "type", ROW_WORD, ROW_ALWAYS, "end", NULL },
	{ "splits_1g", ROW_INTEGER, ROW_ALWAYS, NULL, "splits of pages of 1G" },
	{ "splits_2m", ROW_INTEGER, ROW_ALWAYS, NULL, "splits of pages of 2M" },
	{ "collapses_1g", ROW_INTEGER, ROW_ALWAYS, NULL, "collapses to pages of 1G" },
	{ "collapses_2m", ROW_INTEGER, ROW_ALWAYS, NULL, "collapses to pages of 2M" },
	{ "by_nobody_known", ROW_INTEGER, ROW_ALWAYS, NULL, "how many of these nobody is known to have made" },
	{ "elsewhere", ROW_INTEGER, ROW_ALWAYS, NULL, "further changes that the direct map does not show" },
	{ "untold", ROW_INTEGER, ROW_ALWAYS, NULL, "further changes, too many at once to have lines" },
	{ "lost", ROW_INTEGER, ROW_ALWAYS, NULL, "events that were lost" },
	{ "unread_gib", ROW_INTEGER, ROW_ALWAYS, NULL, "how many times a GiB could not be read" },
};

static const struct json_row explain[] = {
	SCHEMA,
	{ "topics[].topic", ROW_STRING, ROW_ALWAYS, NULL, "its name on the command line" },
	{ "topics[].question", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "topics[].answer", ROW_LIST, ROW_ALWAYS, NULL, "paragraphs; none in the list of all topics" },
	{ "topics[].answer[]", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "topics[].more", ROW_STRING, ROW_ALWAYS, NULL, "the command that shows more" },
};

static const struct json_row check[] = {
	SCHEMA,
	KERNEL,
	{ "facts[].id", ROW_STRING, ROW_ALWAYS, NULL, "never changes" },
	{ "facts[].claim", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "facts[].verdict", ROW_WORD, ROW_ALWAYS, "<verdict>", NULL },
	{ "facts[].checked", ROW_INTEGER, ROW_ALWAYS, NULL, "how many things were looked at" },
	{ "facts[].broken", ROW_INTEGER, ROW_ALWAYS, NULL, "how many of them contradict the claim" },
	{ "facts[].evidence", ROW_STRING, ROW_ALWAYS, NULL, "in words; why, of an unknown one" },
};

static const struct json_row hooks[] = {
	SCHEMA,
	KERNEL,
	{ "hooks[].name", ROW_STRING, ROW_ALWAYS, NULL, NULL },
	{ "hooks[].what", ROW_STRING, ROW_ALWAYS, NULL, "what the hook sees" },
	{ "hooks[].required", ROW_BOOLEAN, ROW_ALWAYS, NULL, "does kvas refuse to run without it?" },
	{ "hooks[].provenance", ROW_WORD, ROW_ALWAYS, "observed|derived|missing", NULL },
	{ "hooks[].candidates", ROW_LIST, ROW_ALWAYS, NULL, "the ways to see it, best first" },
	{ "hooks[].candidates[].how", ROW_WORD, ROW_ALWAYS, "<attach_how>", NULL },
	{ "hooks[].candidates[].target", ROW_STRING, ROW_ALWAYS, NULL, "function or tracepoint" },
	{ "hooks[].candidates[].derived", ROW_BOOLEAN, ROW_ALWAYS, NULL,
	  "the figure follows from this event by a rule" },
	{ "hooks[].candidates[].result", ROW_WORD, ROW_ALWAYS, "chosen|not tried|refused", NULL },
	{ "hooks[].candidates[].why", ROW_STRING, ROW_NULLABLE, NULL, "why the kernel refused it" },
};

#define AREA_SUM(list)                                                                          \
	{ list "[].type", ROW_WORD, ROW_ALWAYS, "<area_type>", NULL },                           \
	{ list "[].areas", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },                                \
	{ list "[].bytes", ROW_INTEGER, ROW_ALWAYS, NULL, "of addresses, guard pages included" }, \
	{ list "[].pages", ROW_INTEGER, ROW_ALWAYS, NULL, "of 4K, that they have of their own" }, \
	{ list "[].large_pages", ROW_INTEGER, ROW_ALWAYS, NULL, "of these, in pages of 2M" },     \
	{ list "[].contiguous_areas", ROW_INTEGER, ROW_NULLABLE, NULL,                            \
	  "areas whose pages lie in one piece" }
static const struct json_row vmalloc[] = {
	SCHEMA,
	KERNEL,
	{ "source", ROW_WORD, ROW_ALWAYS, "bpf|vmallocinfo", "where the areas were read" },
	{ "addresses", ROW_BOOLEAN, ROW_ALWAYS, NULL, "are addresses known?" },
	{ "types", ROW_LIST, ROW_ALWAYS, NULL, NULL },
	AREA_SUM("types"),
	{ "callers", ROW_LIST, ROW_ALWAYS, NULL, "most pages first" },
	AREA_SUM("callers"),
	{ "callers[].caller", ROW_STRING, ROW_NULLABLE, NULL, "the function that asked for the areas" },
	{ "areas", ROW_LIST, ROW_ALWAYS, NULL, "by address" },
	{ "areas[].type", ROW_WORD, ROW_ALWAYS, "<area_type>", NULL },
	{ "areas[].bytes", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "areas[].pages", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "areas[].large_pages", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "areas[].start", ROW_ADDRESS, ROW_NULLABLE, NULL, NULL },
	{ "areas[].caller", ROW_STRING, ROW_NULLABLE, NULL, NULL },
	{ "areas[].physical", ROW_ADDRESS, ROW_NULLABLE, NULL, "of ioremap" },
	{ "areas[].pieces", ROW_INTEGER, ROW_NULLABLE, NULL,
	  "how many physically contiguous pieces its pages make" },
	{ "largest_gap.vmalloc", ROW_OBJECT, ROW_NULLABLE, NULL,
	  "the largest range without an area, those freed lazily aside" },
	{ "largest_gap.vmalloc.bytes", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "largest_gap.vmalloc.start", ROW_ADDRESS, ROW_ALWAYS, NULL, NULL },
	{ "largest_gap.modules", ROW_OBJECT, ROW_NULLABLE, NULL, NULL },
	{ "largest_gap.modules.bytes", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
	{ "largest_gap.modules.start", ROW_ADDRESS, ROW_ALWAYS, NULL, NULL },
	{ "pages_kb", ROW_INTEGER, ROW_ALWAYS, NULL, "pages that vmalloc allocated" },
	{ "vmalloc_used_kb", ROW_INTEGER, ROW_NULLABLE, NULL, "VmallocUsed of /proc/meminfo" },
	{ "unwalked_pages", ROW_INTEGER, ROW_ALWAYS, NULL, NULL },
};

static const struct json_rows explorers[] = {
	{ "layout", "kvas layout: the map of the kernel's address space", layout, NR(layout) },
	{ "walks", "kvas walk: walks through the page tables", walks, NR(walks) },
	{ "pgd", "kvas pgd: the top-level table of a process", pgd, NR(pgd) },
	{ "pgds", "kvas pgd -a: the top-level tables of all processes", pgds, NR(pgds) },
	{ "dmap", "kvas dmap: the direct map by page size", dmap, NR(dmap) },
	{ "watch_begin", "kvas dmap --watch: the first line", watch_begin, NR(watch_begin) },
	{ "watch_change", "kvas dmap --watch: a change", watch_change, NR(watch_change) },
	{ "watch_end", "kvas dmap --watch: the last line", watch_end, NR(watch_end) },
	{ "vmalloc", "kvas vmalloc: every vmalloc area there is", vmalloc, NR(vmalloc) },
	{ "explain", "kvas explain: questions, answered", explain, NR(explain) },
	{ "check", "kvas check: facts about the kernel", check, NR(check) },
	{ "hooks", "kvas hooks: where kvas can look, and what was refused", hooks, NR(hooks) },
};

const struct json_rows *json_rows(size_t i)
{
	return i < NR(explorers) ? &explorers[i] : NULL;
}
