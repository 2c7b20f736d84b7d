/* SPDX-License-Identifier: GPL-2.0 */
/* What the bits of a page-table entry say. No I/O. */
#ifndef KVAS_ENTRY_H
#define KVAS_ENTRY_H

#include <linux/types.h>
#include <stdbool.h>

#include "pgtable/walk.h"

#define ENTRY_FLAGS_MAX 80

/* ENTRY's flags at LEVEL in words of one blank between: P W U PWT PCD A D PS
 * PAT G SD (soft-dirty) KEY=n ENC or SHARED (paging_confidential()) NX. SD and KEY only for leaves of user memory (USER).
 * "" when not present. Returns BUF, ENTRY_FLAGS_MAX bytes. */
const char *entry_flags(const struct paging *p, __u64 entry, int level, bool user, char *buf);

/* The memory type a leaf ENTRY at LEVEL gets from the PAT as Linux sets it up
 * (pat_bp_init, arch/x86/mm/pat/memtype.c, 4.x to 7.2): "WB" "WC" "UC-" "UC" "WP" "WT". */
const char *entry_memory_type(const struct paging *p, __u64 entry, int level);

/* What an ENTRY of user memory says that has no X86_PTE_P. */
enum entry_absent {
	ABSENT_EMPTY = 0, /* nothing */
	ABSENT_PROT_NONE = 1, /* its page is in memory at PA; mprotect(PROT_NONE), or NUMA balancing
				 that waits for a fault */
	ABSENT_SPLITTING = 2, /* so is a large page at PA, which the kernel is about to split */
	ABSENT_SWAPPED = 3, /* at OFFSET, in pages, of swap area TYPE */
	ABSENT_MOVED = 4, /* TYPE is no swap area's: a migration, poison, device or marker entry */
	ABSENT_UNKNOWN = 5, /* not known for these tables */
};
#define ABSENT_KINDS (ABSENT_UNKNOWN + 1)
struct absent {
	enum entry_absent what;
	__u64 pa;
	unsigned int type;
	__u64 offset;
};
struct absent entry_absent(const struct paging *p, __u64 entry, int level);
/* The same of the hole, in user memory, that the walk W ended at; PA is that of the byte. */
struct absent walk_absent(const struct paging *p, const struct walk *w, __u64 va);

/* "PGD", "P4D", "PUD", "PMD", "PTE" for LEVEL of a table of LEVELS. */
const char *entry_level_name(int level, int levels);

/* What the levels of W allow together: a right that one level denies is denied. */
struct access {
	bool write, user, execute;
};
struct access walk_access(const struct paging *p, const struct walk *w);

#endif
