// SPDX-License-Identifier: GPL-2.0
#include "pgtable/entry.h"

#include <stdio.h>
#include <string.h>

#include "kvas/x86.h"

static char *put(char *p, const char *start, const char *word)
{
	if (p != start)
		*p++ = ' ';
	return stpcpy(p, word);
}

const char *entry_flags(const struct paging *p, __u64 entry, int level, bool user, char *buf)
{
	static const struct {
		__u64 bit;
		const char *name;
		bool leaf; /* means something in leaves only */
	} names[] = {
		{ X86_PTE_P, "P", false },     { X86_PTE_RW, "W", false },
		{ X86_PTE_US, "U", false },    { X86_PTE_PWT, "PWT", false },
		{ X86_PTE_PCD, "PCD", false }, { X86_PTE_A, "A", false },
		{ X86_PTE_D, "D", true },      { X86_PTE_G, "G", true },
	};
	bool leaf = walk_entry(p, entry, level) == WALK_LEAF;
	unsigned int key = entry >> X86_PTE_PKEY_SHIFT & 15;
	char word[16], *at = buf;

	*buf = '\0';
	if (!(entry & X86_PTE_P))
		return buf;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (entry & names[i].bit && (leaf || !names[i].leaf))
			at = put(at, buf, names[i].name);
	if (level > 1 && entry & X86_PTE_PS)
		at = put(at, buf, "PS");
	if (leaf && entry & paging_level(p, level)->pat)
		at = put(at, buf, "PAT");
	if (leaf && user && entry & X86_PTE_SOFT_DIRTY)
		at = put(at, buf, "SD");
	if (leaf && user && key) {
		snprintf(word, sizeof(word), "KEY=%u", key);
		at = put(at, buf, word);
	}
	if (entry & p->cc)
		at = put(at, buf, p->cc_word);
	if (entry & p->nx)
		put(at, buf, "NX");
	return buf;
}

const char *entry_memory_type(const struct paging *p, __u64 entry, int level)
{
	static const char *const types[8] = { "WB", "WC", "UC-", "UC", "WB", "WP", "UC-", "WT" };

	return types[(entry & X86_PTE_PWT ? 1 : 0) + (entry & X86_PTE_PCD ? 2 : 0) +
		     (entry & paging_level(p, level)->pat ? 4 : 0)];
}

const char *entry_level_name(int level, int levels)
{
	static const char *const names[] = { "PTE", "PMD", "PUD", "P4D", "PGD" };

	/* With 4 levels the P4D is folded into the PGD. */
	return level == levels ? "PGD" : names[level - 1];
}

struct absent entry_absent(const struct paging *p, __u64 entry, int level)
{
	const struct paging_absent *k = &p->absent;
	__u64 plain = k->inverted ? ~entry : entry;
	struct absent a = { .what = ABSENT_EMPTY };

	/* pte_none(): some processors set these two in an entry they do not use. */
	if (!(entry & ~(X86_PTE_A | X86_PTE_D)))
		return a;
	if (!k->prot_none) {
		a.what = ABSENT_UNKNOWN;
	} else if (entry & (k->prot_none | (level > 1 ? X86_PTE_PS : 0))) {
		a.what = entry & k->prot_none ? ABSENT_PROT_NONE : ABSENT_SPLITTING;
		a.pa = plain & paging_level(p, level)->leaf_pa;
	} else {
		a.type = entry >> k->type_shift;
		a.offset = plain >> k->offset_shift & ((1ULL << k->offset_bits) - 1);
		a.what = a.type < k->first_special ? ABSENT_SWAPPED : ABSENT_MOVED;
	}
	return a;
}

struct absent walk_absent(const struct paging *p, const struct walk *w, __u64 va)
{
	const struct walk_step *s = w->nr_steps ? &w->step[w->nr_steps - 1] : NULL;
	struct absent a = { .what = ABSENT_EMPTY };

	if (!s || w->leaf_level || paging_kernel_half(p, va))
		return a;
	a = entry_absent(p, s->entry, s->level);
	if (a.what == ABSENT_PROT_NONE || a.what == ABSENT_SPLITTING)
		a.pa += va & (paging_bytes(p, s->level) - 1);
	return a;
}

struct access walk_access(const struct paging *p, const struct walk *w)
{
	struct access a = { true, true, true };

	for (int i = 0; i < w->nr_steps; i++) {
		__u64 denied = paging_level(p, w->step[i].level)->rights & ~w->step[i].entry;

		a.write &= !(denied & X86_PTE_RW);
		a.user &= !(denied & X86_PTE_US);
		a.execute &= !(w->step[i].entry & p->nx);
	}
	return a;
}
