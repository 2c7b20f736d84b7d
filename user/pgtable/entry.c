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

static __u64 pat_bit(int level)
{
	return level == 1 ? X86_PTE_PAT : X86_PTE_PAT_LARGE;
}

const char *entry_flags(__u64 entry, int level, bool user, char *buf)
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
	bool leaf = walk_entry(entry, level) == WALK_LEAF;
	unsigned int key = entry >> X86_PTE_PKEY_SHIFT & 15;
	char word[16], *p = buf;

	*buf = '\0';
	if (!(entry & X86_PTE_P))
		return buf;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (entry & names[i].bit && (leaf || !names[i].leaf))
			p = put(p, buf, names[i].name);
	if (level > 1 && entry & X86_PTE_PS)
		p = put(p, buf, "PS");
	if (leaf && entry & pat_bit(level))
		p = put(p, buf, "PAT");
	if (leaf && user && entry & X86_PTE_SOFT_DIRTY)
		p = put(p, buf, "SD");
	if (leaf && user && key) {
		snprintf(word, sizeof(word), "KEY=%u", key);
		p = put(p, buf, word);
	}
	if (entry & X86_PTE_NX)
		put(p, buf, "NX");
	return buf;
}

const char *entry_memory_type(__u64 entry, int level)
{
	static const char *const types[8] = { "WB", "WC", "UC-", "UC", "WB", "WP", "UC-", "WT" };

	return types[(entry & X86_PTE_PWT ? 1 : 0) + (entry & X86_PTE_PCD ? 2 : 0) +
		     (entry & pat_bit(level) ? 4 : 0)];
}

const char *entry_level_name(int level, int levels)
{
	static const char *const names[] = { "PTE", "PMD", "PUD", "P4D", "PGD" };

	/* With 4 levels the P4D is folded into the PGD. */
	return level == levels ? "PGD" : names[level - 1];
}

struct access walk_access(const struct walk *w)
{
	struct access a = { true, true, true };

	for (int i = 0; i < w->nr_steps; i++) {
		a.write &= !!(w->step[i].entry & X86_PTE_RW);
		a.user &= !!(w->step[i].entry & X86_PTE_US);
		a.execute &= !(w->step[i].entry & X86_PTE_NX);
	}
	return a;
}
