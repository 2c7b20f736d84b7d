/* SPDX-License-Identifier: GPL-2.0 */
/* The answers of kvas explain. What they say of the kernel holds from 5.10 to 7.3. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kvas/x86.h"
#include "model/format.h"
#include "pgtable/entry.h"
#include "view/explain.h"
#include "view/pgd.h"

__attribute__((format(printf, 2, 3))) static void say(struct explain_answer *a, const char *fmt, ...)
{
	va_list ap;

	if (a->nr >= EXPLAIN_PARAGRAPHS)
		return;
	va_start(ap, fmt);
	vsnprintf(a->text[a->nr++], sizeof(a->text[0]), fmt, ap);
	va_end(ap);
}

static __u64 page_offset(const struct explain_view *v)
{
	return v->host->layout.page_offset;
}

static void direct_map(const struct explain_view *v, struct explain_answer *a)
{
	const struct region_use *u = &v->survey.region[KVAS_REGION_DIRECT_MAP];
	char size[FORMAT_MAX], n[3][FORMAT_MAX];

	say(a, "The kernel maps all memory once, in order: the address of a byte is its physical address plus "
	       "PAGE_OFFSET, here 0x%" PRIx64 ". That direct map covers %s, by %s pages of 4K, %s of 2M and %s of 1G.",
	    (uint64_t)page_offset(v), format_bytes(size, region_use_bytes(u)), format_count(n[0], u->leaves[0]),
	    format_count(n[1], u->leaves[1]), format_count(n[2], u->leaves[2]));
	say(a, "It is kept because it makes two things cheap. The kernel reaches any page frame without changing a "
	       "table: kmalloc, the page cache and the page tables themselves are used there. And to go from a "
	       "virtual address to the physical one, or back, is one subtraction (__pa(), __va()).");
	say(a, "It is no identity mapping in the strict sense, where both addresses are equal. The kernel uses one of "
	       "those for moments only: at boot, when a CPU starts, and for kexec.");
}

static void kernel_table(const struct explain_view *v, struct explain_answer *a)
{
	struct pgd_totals t = view_pgd_totals(&v->pgds);

	if (v->pgds.kernel_va)
		say(a, "Yes, and no process runs on it: the table of init_mm, at 0x%" PRIx64 ". It is the model: the "
		       "upper half of each process's PGD, entries 256 to 511, is a copy of its upper half.",
		    (uint64_t)v->pgds.kernel_va);
	else
		say(a, "Yes, that of init_mm, though kvas did not find it here. No process runs on it: the upper half "
		       "of each process's PGD is a copy of its upper half.");
	say(a, "Here %llu processes have that same upper half, and %llu differ. %u kernel threads have no table of "
	       "their own: such a thread runs on the table of whichever process ran before it (lazy TLB).",
	    t.same, t.differ, v->pgds.kernel_threads);
	if (v->host->kpti == ANSWER_YES)
		say(a, "KPTI is on: each process has a second PGD, for user mode, that maps next to nothing of the "
		       "kernel. The first one is the kernel's.");
	else if (v->host->kpti == ANSWER_NO)
		say(a, "KPTI is off: user mode and kernel mode of a process run on the same table. The bit U of the "
		       "entries keeps user mode out of the kernel's half.");
}

static void kernel_half(const struct explain_view *v, struct explain_answer *a)
{
	const struct pgds *p = &v->pgds;
	__u64 live = p->nr - p->gone, lower = 0;
	char copies[FORMAT_MAX], shared[FORMAT_MAX], alone[FORMAT_MAX];

	for (int i = 0; i < TABLE_LOWER; i++)
		lower += p->shared.tables[i] * X86_TABLE_BYTES;
	say(a, "Only its top level is. A PGD has 512 entries of 8 bytes; 256 of them, 2 KiB, are the copy of the "
	       "kernel's. The %llu PGDs here have %s in such copies.",
	    live, format_bytes(copies, live * X86_TABLE_BYTES / 2));
	say(a, "The tables below that level, %s, are there once, and all PGDs lead to them. If each process had its own "
	       "they would take %s here, and a change to one would have to be made in all.",
	    format_bytes(shared, lower), format_bytes(alone, lower * (live ? live : 1)));
	say(a, "So a change below the top level is seen by all at once. Where a new top-level entry is needed, the "
	       "kernel copies it to every PGD (sync_global_pgds()); for vmalloc all of them are made at boot.");
}

static void kernel_faults(const struct explain_view *v, struct explain_answer *a)
{
	const struct survey *s = &v->survey;
	__u64 bytes = 0;
	char size[FORMAT_MAX];

	for (int r = 0; r < KVAS_REGION_COUNT; r++)
		bytes += region_use_bytes(&s->region[r]);
	say(a, "The kernel's memory is not paged out: it is not swapped, and not given to others while it is in use. "
	       "Its half maps %s here, in tables that are there from the start or made with the memory.",
	    format_bytes(size, bytes));
	say(a, "Page faults do happen in kernel mode. Nearly all are at user addresses, when the kernel copies to or "
	       "from a process and the page is not there yet (copy_to_user()): the fault is handled as if the process "
	       "had touched the page. A bad user address ends the copy by the exception table.");
	say(a, "At a kernel address a fault is a bug (an oops), with few exceptions: a permission that was just "
	       "raised and is still in the TLB (spurious faults), and reads that expect to fail, such as BPF's.");
}

static void kpti(const struct explain_view *v, struct explain_answer *a)
{
	say(a, "KPTI is %s here (%s).", answer_on_off(v->host->kpti), v->host->kpti_how);
	say(a, "With it, user mode runs on a table without the kernel's memory, so that a processor with Meltdown has "
	       "nothing there to read ahead of its permission check. It keeps what an entry needs: the "
	       "cpu_entry_area and the entry code.");
	say(a, "The cost is one write of CR3 at each entry from user mode and one at each exit: system calls, page "
	       "faults, interrupts. PCIDs (%s here) keep the TLB's entries of both tables over these writes. A PGD "
	       "takes 8 KiB instead of 4.",
	    answer_word(v->host->pcid));
	say(a, "Published: 141 ns for a system call with PCIDs, 262 ns without (KAISER's patch series, 2017). kvas "
	       "counts the writes; --kpti-cost NS makes time of them.");
}

static void direct_map_lines(const struct explain_view *v, struct explain_answer *a)
{
	static const char *const names[] = { "DirectMap4k", "DirectMap2M", "DirectMap1G" };
	char text[200] = "";
	size_t at = 0;

	for (int i = 0; i < 3; i++)
		if (v->dmap.known[i])
			at += snprintf(text + at, sizeof(text) - at, "%s%s %llu kB", at ? ", " : "", names[i],
				       v->dmap.kb[i]);
	say(a, "Here: %s. They are counters, not a look at the tables: how much of the direct map is mapped by "
	       "pages of each size.", at ? text : "there are no such lines");
	say(a, "The kernel begins with the largest pages. It splits one when a part needs other permissions: for BPF "
	       "programs, modules and its own read-only data, or for memory that a device must not cache. Until 6.15 "
	       "a split was never undone. 4K pages cost TLB misses, little each.");
	say(a, "The sum is no size of memory: splits of the kernel image's own mapping are counted too, and some "
	       "memory is counted that no entry maps. kvas reads the tables and shows the difference.");
}

static void where(const struct explain_view *v, struct explain_answer *a)
{
	const struct layout *l = &v->host->layout;
	const struct paging *p = paging_of(l->levels);
	char text[24] = "not known";

	if (l->text_base)
		snprintf(text, sizeof(text), "0x%" PRIx64, (uint64_t)l->text_base);
	say(a, "PAGE_OFFSET, where the direct map begins, is 0x%" PRIx64 "; without KASLR it is 0x%" PRIx64 ". vmalloc "
	       "begins at 0x%" PRIx64 " (0x%" PRIx64 "), vmemmap at 0x%" PRIx64 " (0x%" PRIx64 "), the kernel's code at "
	       "%s (0x%" PRIx64 "). 0x0 is not known.",
	    (uint64_t)l->page_offset, (uint64_t)p->direct_map.start, (uint64_t)l->vmalloc_base,
	    (uint64_t)p->vmalloc.start, (uint64_t)l->vmemmap_base, (uint64_t)p->vmemmap.start, text,
	    (uint64_t)p->text);
	say(a, "KASLR is %s. It moves the first three up by multiples of 1 GiB, in that order, and the code by a "
	       "multiple of 2 MiB within 1 GiB. The regions above them, from the cpu_entry_area on, do not move.",
	    answer_on_off(v->host->kaslr));
	say(a, "kvas asks no debug symbols: PAGE_OFFSET is the one value under which walks through the page tables "
	       "come out right (%s).", v->host->layout_how);
}

/* One line a level: which bits index it, which entry that is, and where it leads. */
static void translate(const struct explain_view *v, struct explain_answer *a)
{
	const struct walk *w = &v->walk.table.walk;
	const struct paging *p = paging_of(v->host->layout.levels);
	char steps[400] = "";
	size_t at = 0;

	for (int i = 0; i < w->nr_steps && at < sizeof(steps); i++) {
		const struct walk_step *s = &w->step[i];

		at += snprintf(steps + at, sizeof(steps) - at, "%s%s[%u] is %016" PRIx64, i ? "; " : "",
			       entry_level_name(s->level, p->levels), s->index, (uint64_t)s->entry);
	}
	say(a, "Take 0x%" PRIx64 " (%s). CR3 has the physical address of the top-level table; each table has 512 "
	       "entries of 8 bytes. Nine bits of the address index each: bits %d to %d the first, and so on down.",
	    (uint64_t)v->walk.va, v->walk.symbol[0] ? v->walk.symbol : "the stack of kvas", 9 * p->levels + 11,
	    9 * p->levels + 3);
	say(a, "%s.", steps);
	if (w->leaf_level)
		say(a, "Bits 12 to 51 of an entry are the next table's physical address; the kernel reads it at that plus "
		       "PAGE_OFFSET. The last one maps %s: its address bits and the low %d bits of 0x%" PRIx64 " make "
		       "physical 0x%" PRIx64 ".",
		    w->leaf_level == 1 ? "4K" : w->leaf_level == 2 ? "2M (its bit 7 is set)" : "1G (its bit 7 is set)",
		    9 * w->leaf_level + 3, (uint64_t)v->walk.va, (uint64_t)w->pa);
}

#define LOUDEST 4
static void interrupts(const struct explain_view *v, struct explain_answer *a)
{
	char list[600] = "", safe[4 * sizeof(v->interrupts[0].what) + 1];
	size_t at = 0;

	for (int i = 0; i < v->nr_interrupts && i < LOUDEST && v->interrupts[i].count && at < sizeof(list); i++)
		at += snprintf(list + at, sizeof(list) - at, "%s%llu of %s (%.60s)", at ? ", " : "",
			       v->interrupts[i].count, v->interrupts[i].name,
			       safe_text(safe, v->interrupts[i].what));
	say(a, "In one second, on all CPUs: %s.", v->nr_interrupts < 0 ? "/proc/interrupts cannot be read" :
						   at		       ? list : "none");
	say(a, "LOC is the timer's tick. RES asks a CPU to schedule, CAL to run a function, TLB to forget translations: "
	       "another CPU sent these. A number is a device's line.");
	say(a, "Each one that meets user mode is an entry to the kernel; with KPTI it writes CR3 twice. kvas counts "
	       "those apart by process, and TLB flushes by what they write.");
}

static void page_tables(const struct explain_view *v, struct explain_answer *a)
{
	struct pgd_totals t = view_pgd_totals(&v->pgds);
	const struct pgd_row *most = NULL;
	char all[FORMAT_MAX], one[FORMAT_MAX], comm[SAFE_COMM_MAX];

	for (size_t i = 0; i < v->pgds.nr; i++)
		if (!v->pgds.row[i].gone &&
		    (!most || view_pgd_bytes(&v->pgds, &v->pgds.row[i]) > view_pgd_bytes(&v->pgds, most)))
			most = &v->pgds.row[i];
	say(a, "The tables of the processes here take %s%s%s.", format_bytes(all, t.bytes),
	    v->page_tables_known ? "; PageTables in /proc/meminfo says " : "",
	    v->page_tables_known ? format_bytes(one, v->page_tables_kb << 10) : "");
	if (most)
		say(a, "The most, %s, are those of %u (%s).", format_bytes(all, view_pgd_bytes(&v->pgds, most)), most->pid,
		    safe_comm(comm, most->comm));
	say(a, "A PTE table of 4 KiB maps 2 MiB, so tables take 0.2 percent of what is mapped by 4K pages. They grow "
	       "beyond it when many processes map the same memory, for each has tables of its own: 100 processes on "
	       "100 GiB of shared memory need 20 GiB. And a table stays while its range is mapped, though every page "
	       "in it was given back (MADV_DONTNEED).");
	say(a, "Large pages need no PTE tables: huge pages for shared memory (hugetlbfs), transparent ones else.");
}

static void vmalloc(const struct explain_view *v, struct explain_answer *a)
{
	char used[FORMAT_MAX], gap[FORMAT_MAX];
	__u64 bytes = 0, areas = 0;

	for (size_t i = 0; i < v->maps.nr; i++) {
		areas += v->maps.row[i].type != KVAS_AREA_FREED;
		bytes += v->maps.row[i].type != KVAS_AREA_FREED ? v->maps.row[i].bytes : 0;
	}
	say(a, "%llu areas take %s of vmalloc's addresses here%s%s%s.", areas, format_bytes(used, bytes),
	    v->gap ? "; the largest gap between them is " : "", v->gap ? format_bytes(gap, v->gap) : "",
	    v->gap ? "" : "; their addresses are hidden, so the gaps are not known");
	say(a, "VmallocUsed counts the pages that vmalloc() holds: kernel stacks, BPF programs and maps, modules, large "
	       "tables. It leaves out ioremap() and vmap(), which map memory that is there already.");
	say(a, "'vmap allocation for size N failed' means that no gap of N bytes is left, not that memory is short. On "
	       "64 bit that is rare in vmalloc's 32 TiB, and less so in the 1 GiB of modules, where BPF programs live too. "
	       "Freed areas keep their addresses until a purge, which flushes the TLBs of all CPUs once for many.");
}

const struct explain_topic explain_topics[] = {
	{ "direct-map", "Why does the kernel map all memory one to one?", EXPLAIN_SURVEY, direct_map, "kvas dmap" },
	{ "kernel-table", "Does the kernel have its own page table?", EXPLAIN_PGDS, kernel_table, "kvas pgd -a" },
	{ "kernel-half", "Is the kernel's half repeated in each process? At what cost?", EXPLAIN_PGDS,
	  kernel_half, "kvas pgd -p PID" },
	{ "kernel-faults", "Do page faults and paging happen to the kernel?", EXPLAIN_SURVEY, kernel_faults,
	  "kvas stat -v -d 5" },
	{ "kpti", "What does KPTI change, and what does it cost?", 0, kpti, "kvas stat --kpti-cost NS -- PROGRAM" },
	{ "directmap-lines", "What do the DirectMap lines of /proc/meminfo mean?", EXPLAIN_MEMINFO, direct_map_lines,
	  "kvas dmap" },
	{ "page-offset", "Where is PAGE_OFFSET, and what has KASLR moved?", 0, where, "kvas layout" },
	{ "translate", "How does one go from a virtual to a physical address by hand?", EXPLAIN_WALK, translate,
	  "kvas walk ADDR" },
	{ "interrupts", "Who interrupts my CPU?", EXPLAIN_INTERRUPTS, interrupts, "kvas stat -v -d 5" },
	{ "page-tables", "Why are page tables large?", EXPLAIN_PGDS | EXPLAIN_MEMINFO, page_tables,
	  "kvas pgd -a --sort bytes --top 20" },
	{ "vmalloc", "Why is vmalloc large, and why does it fail?", EXPLAIN_AREAS, vmalloc, "kvas vmalloc" },
	{ 0 },
};
