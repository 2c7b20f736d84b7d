/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sample of the access sampler into a record: what the instruction it stands at loads
 * and stores, in which regions, by which page size; or what was done with interrupts off
 * before. No I/O but by the callbacks of the text and the leaf cache.
 */
#ifndef KVAS_RESOLVE_H
#define KVAS_RESOLVE_H

#include "access/irqoff.h"
#include "access/leaf.h"
#include "kernel/symbols.h"
#include "kvas/sample.h"
#include "pgtable/region.h"

/* What is known of a place in the kernel's text. */
struct site {
	__u64 ip; /* 0 empty */
	const char *function; /* NULL no symbol */
	enum { SITE_PLAIN, SITE_WAITED, SITE_IRQS_OFF_BEFORE } what;
	__u8 code[KVAS_SAMPLE_CODE]; /* of form; the text is patched now and then */
	__u32 code_bytes; /* of which the kernel could read as many */
	bool parsed, decodes;
	struct insn_form form;
};
#define RESOLVER_SITES 8192 /* a power of two */

struct resolver {
	struct region_map map;
	__u32 thread_size; /* bytes of a kernel stack; 0 unknown */
	struct site *site; /* RESOLVER_SITES of them, zeroed at first; NULL none remembered */
	const struct symbols *symbols; /* any of these NULL: not known */
	struct irqoff *irqoff;
	struct text *text;
	struct leaf_cache *leaf;
};

/* All fields of OUT are set but what is expected of code with interrupts off: true when
 * that is still to be found out. Of memory what is true now is told: soon after the sample
 * is best. */
bool resolve_sample(const struct resolver *r, const struct kvas_sample *s,
		    struct kvas_rec_access *out);
/* That: for the first samples it takes long, some 0.1 s in all. */
void resolve_expected(const struct resolver *r, const struct kvas_sample *s,
		      struct kvas_rec_access *out);

#endif
