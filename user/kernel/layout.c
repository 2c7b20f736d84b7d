// SPDX-License-Identifier: GPL-2.0
/*
 * The layout is read off the page tables themselves. Every base is an address
 * that only the right value explains: PAGE_OFFSET one under which a walk of the
 * direct map ends on the physical address it began with, vmemmap one under which
 * the PGD's struct page names the mm that owns it.
 */
#include "kernel/layout.h"

#include <stdio.h>
#include <string.h>

#include "pgtable/scan.h"

#define GIB (1ULL << 30)
/* Of PAGE_OFFSET: 64 TiB of memory, a GiB each. */
#define MAX_CANDIDATES 65536
/* Of vmemmap: its GiB each describe 64 GiB of memory. */
#define MAX_CHUNKS 1024
#define MAX_PAGE_STRUCT 4096

struct solver {
	const struct layout_input *in;
	kread_fn read;
	void *ctx;
	struct layout *l;
	const struct paging *paging;
	__u64 low, high; /* where tables may be: [low, high) */
	__u64 top; /* where the randomised regions end */
	struct scan_leaf after; /* the first leaf above the direct map */
	bool after_known;
	struct layout_proof *proof;
};

/*
 * Tables are in memory, so in the direct map. A wrong candidate takes any bytes
 * for entries; following them out of it could reach a device's registers, which
 * a mere read may change.
 */
static int read_table(void *ctx, __u64 va, void *buf, size_t len)
{
	struct solver *s = ctx;

	if (va < s->low || va >= s->high || len > s->high - va)
		return -1;
	return s->read(s->ctx, va, buf, len);
}

static void bound_tables(struct solver *s, __u64 page_offset)
{
	__u64 bytes = s->in->max_phys ? s->in->max_phys : MAX_CANDIDATES * GIB;

	s->low = page_offset;
	s->high = page_offset + bytes < page_offset || page_offset + bytes > s->top ?
			  s->top : page_offset + bytes;
}

/* Does the direct map from BASE on map VA to VA - BASE? */
static bool identity(struct solver *s, __u64 base, __u64 va, struct walk *w)
{
	return !walk_va(read_table, s, s->in->pgd, s->paging, base, va, w) && w->leaf_level &&
	       w->pa == va - base;
}

/* The PGD, the mm and every table on the way to the PGD must be where BASE says:
 * stray bytes may fit one of them by chance. */
static bool candidate_holds(struct solver *s, __u64 base)
{
	struct walk to_pgd, w;

	bound_tables(s, base);
	if (!identity(s, base, s->in->pgd, &to_pgd))
		return false;
	for (int i = 1; i < to_pgd.nr_steps; i++)
		if (!identity(s, base, to_pgd.step[i].table_va, &w))
			return false;
	return !s->in->mm || identity(s, base, s->in->mm, &w);
}

/* PAGE_OFFSET is a multiple of 1 GiB, so the PGD's place within its GiB is known
 * and which GiB of memory it is in is to be found. */
static void solve_page_offset(struct solver *s, __u64 lowest)
{
	__u64 pgd = s->in->pgd;

	for (__u64 k = 0; k < MAX_CANDIDATES; k++) {
		__u64 pa = pgd % GIB + k * GIB;

		if (pgd < lowest || pa > pgd - lowest ||
		    (s->in->max_phys && pa >= s->in->max_phys))
			break;
		s->proof->candidates++;
		if (!candidate_holds(s, pgd - pa))
			continue;
		s->proof->holds++;
		s->l->page_offset = pgd - pa;
	}
}

/* Where the direct map ends, to the page, and the first leaf above it. Leaves of
 * the direct map are told by their physical address; one leaf vouches for its
 * GiB, as the regions begin on a multiple of it. */
static void solve_end(struct solver *s, struct scan *scan)
{
	__u64 base = s->l->page_offset, at = base, last = base, end = 0, stop;
	struct scan_leaf leaf;
	int got;

	while ((got = scan_next(scan, at, s->top, &leaf)) == 1 && leaf.pa == leaf.va - base) {
		last = leaf.va;
		at = (leaf.va | (GIB - 1)) + 1;
	}
	if (got < 0)
		return;
	s->after_known = got == 1;
	if (s->after_known)
		s->after = leaf;
	stop = at;
	for (at = last; (got = scan_next(scan, at, stop, &leaf)) == 1; at = end)
		end = leaf.va + leaf.bytes;
	if (got < 0 || !end)
		return;
	s->l->direct_map_end = end;
	s->proof->end = BASE_KNOWN;
}

static unsigned int top_index(const struct solver *s, __u64 va)
{
	return paging_index(s->paging, s->l->levels, va);
}

/*
 * Can vmalloc begin at BASE? Its top-level entries were filled at boot
 * (preallocate_vmalloc_pages(), arch/x86/mm/init_64.c, 5.8), so BASE is in the
 * first one after the direct map's, or in the direct map's last.
 */
static bool vmalloc_at(struct solver *s, struct scan *scan, __u64 base)
{
	struct layout trial = *s->l;
	unsigned int last = top_index(s, trial.direct_map_end - 1);
	__u64 start, end;

	trial.vmalloc_base = base;
	if (base % GIB || base < trial.direct_map_end || base > s->after.va ||
	    !region_bounds(&trial, KVAS_REGION_VMALLOC, &start, &end) || s->after.va >= end)
		return false;
	/* A stack is in the direct map or, with VMAP_STACK, in vmalloc. */
	if (s->in->stack >= trial.direct_map_end && (s->in->stack < start || s->in->stack >= end))
		return false;
	return top_index(s, base) == last ||
	       (int)top_index(s, base) == scan_top(scan, last + 1);
}

/* vmalloc hands out its lowest addresses first, so its first GiB is in use. */
static void solve_vmalloc(struct solver *s, struct scan *scan)
{
	__u64 sym = s->in->sym_vmalloc;
	__u64 base = sym ? sym : s->after.va & ~(GIB - 1);

	if (!s->after_known)
		return;
	if (!vmalloc_at(s, scan, base)) {
		s->proof->vmalloc = sym ? BASE_SYMBOL_DIFFERS : BASE_UNPROVEN;
		return;
	}
	s->l->vmalloc_base = base;
	s->proof->vmalloc = BASE_KNOWN;
}

/* Is the struct page of the PGD's frame, were vmemmap at BASE, marked with the mm
 * (pgd_set_mm(), arch/x86/mm/pgtable.c)? It is read where the direct map has it:
 * what a wrong BASE leads to may be a device. */
static bool page_names_mm(struct solver *s, __u64 base)
{
	__u64 pfn = (s->in->pgd - s->l->page_offset) >> 12, mm;
	__u64 field = base + pfn * s->in->page_struct_size + s->in->pt_mm_offset;
	struct walk w;

	if (field < base || field >= s->top ||
	    walk_va(read_table, s, s->in->pgd, s->paging, s->l->page_offset, field, &w) ||
	    !w.leaf_level)
		return false;
	return !read_table(s, s->l->page_offset + w.pa, &mm, sizeof(mm)) && mm == s->in->mm;
}

/* Where to look: what is mapped above vmalloc, or above the direct map when
 * vmalloc is not known. */
static __u64 vmemmap_from(const struct solver *s)
{
	__u64 start, end;

	if (region_bounds(s->l, KVAS_REGION_VMALLOC, &start, &end))
		return end;
	return s->after.va & ~(GIB - 1);
}

static void solve_vmemmap(struct solver *s, struct scan *scan)
{
	const struct layout_input *in = s->in;
	bool marked = s->proof->marked && in->mm && in->page_struct_size &&
		      in->page_struct_size <= MAX_PAGE_STRUCT;
	unsigned int chunks = 0, hits = 0;
	__u64 at, base, found = 0;
	struct scan_leaf leaf;
	int got = 0;

	if (!s->after_known)
		return;
	for (at = vmemmap_from(s); chunks < MAX_CHUNKS; chunks++, at = base + GIB) {
		got = scan_next(scan, at, s->top, &leaf);
		if (got != 1)
			break;
		base = leaf.va & ~(GIB - 1);
		/* Page 0 has its struct page: vmemmap is mapped from its start, which
		 * without the mark is enough to confirm a symbol. */
		if (marked ? page_names_mm(s, base) : !chunks && in->sym_vmemmap &&
							      s->l->vmalloc_base) {
			found = base;
			hits++;
		}
	}
	if (got < 0 || hits != 1)
		return;
	if (in->sym_vmemmap && in->sym_vmemmap != found) {
		s->proof->vmemmap = BASE_SYMBOL_DIFFERS;
		return;
	}
	s->l->vmemmap_base = found;
	s->proof->vmemmap = BASE_KNOWN;
}

/*
 * _text, where its symbol is hidden (kptr_restrict 2): the kernel unmaps all of the image's room that is
 * not between _text and its end (cleanup_highmap(), arch/x86/mm/init_64.c, 5.10 to 7.2), and _text, of
 * code, is on a multiple of CONFIG_PHYSICAL_ALIGN, 2 MiB at least.
 */
static void solve_text(struct solver *s, struct scan *scan)
{
	const struct paging_range *image = &s->paging->fixed[KVAS_REGION_KERNEL_IMAGE];
	struct scan_leaf leaf;

	if (!s->l->text_base && scan_next(scan, image->start, image->end, &leaf) == 1 && !leaf.nx &&
	    !(leaf.va & (paging_bytes(s->paging, 2) - 1)))
		s->l->text_base = leaf.va;
}

static void name_those(const struct solver *s, enum base_state state, const char *title,
		       char *how, size_t len)
{
	size_t n = strlen(how);

	if (s->proof->end != state && s->proof->vmalloc != state && s->proof->vmemmap != state)
		return;
	snprintf(how + n, len - n, "; %s:%s%s%s", title, s->proof->end == state ? " direct_map_end" : "",
		 s->proof->vmalloc == state ? " vmalloc" : "", s->proof->vmemmap == state ? " vmemmap" : "");
}

/* The direct maps of 4 and 5 levels share no address. */
static int levels_of(__u64 direct_map_va)
{
	return direct_map_va >= paging_of(4)->direct_map.start ? 4 : 5;
}

/* Why PAGE_OFFSET is not known. */
static int unknown(struct layout *l, const char *why, char *how, size_t len)
{
	l->page_offset = 0;
	snprintf(how, len, "unknown: %s", why);
	return -1;
}

static void solve_bases(struct solver *s)
{
	struct scan scan;

	bound_tables(s, s->l->page_offset);
	scan_init(&scan, read_table, s, s->in->pgd, s->paging, s->l->page_offset);
	solve_end(s, &scan);
	if (s->proof->end != BASE_KNOWN)
		return;
	solve_vmalloc(s, &scan);
	solve_vmemmap(s, &scan);
	solve_text(s, &scan);
}

int layout_solve(const struct layout_input *in, kread_fn read, void *ctx, struct layout *out,
		 struct layout_proof *proof, char *how, size_t howlen)
{
	struct solver s = { .in = in, .read = read, .ctx = ctx, .l = out, .proof = proof };
	char why[64];

	*proof = (struct layout_proof){
		.sym_page_offset = in->sym_page_offset,
		.sym_vmalloc = in->sym_vmalloc,
		.sym_vmemmap = in->sym_vmemmap,
		.marked = in->pt_mm_known,
	};
	*out = (struct layout){ .levels = in->levels, .text_base = in->text,
				.randomize_base = in->randomize_base };
	if (!in->pgd)
		return unknown(out, "no address of a PGD is known", how, howlen);
	if (!out->levels)
		out->levels = levels_of(in->pgd);
	if (out->levels != levels_of(in->pgd)) {
		out->levels = 0;
		return unknown(out, "the PGD's address contradicts the paging levels", how,
			       howlen);
	}
	s.paging = paging_of(out->levels);
	s.top = s.paging->randomized_end;
	solve_page_offset(&s, s.paging->direct_map.start);
	if (s.proof->holds != 1) {
		snprintf(why, sizeof(why), "%u of %u candidates for PAGE_OFFSET hold", s.proof->holds,
			 s.proof->candidates);
		return unknown(out, why, how, howlen);
	}
	if (in->sym_page_offset && in->sym_page_offset != out->page_offset) {
		proof->page_offset = BASE_SYMBOL_DIFFERS;
		return unknown(out, "page tables and the symbol page_offset_base differ", how,
			       howlen);
	}
	proof->page_offset = BASE_KNOWN;
	solve_bases(&s);
	snprintf(how, howlen, "page tables: 1 of %u candidates", s.proof->candidates);
	name_those(&s, BASE_SYMBOL_DIFFERS, "symbol differs", how, howlen);
	name_those(&s, BASE_UNPROVEN, "unproven", how, howlen);
	return 0;
}
