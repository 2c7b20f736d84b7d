/* SPDX-License-Identifier: GPL-2.0 */
/* A claim about this kernel, and what was seen of it. No I/O. */
#ifndef KVAS_FACT_H
#define KVAS_FACT_H

#include <linux/types.h>
#include <stdbool.h>

enum verdict { VERDICT_UNKNOWN = 0, VERDICT_HOLDS = 1, VERDICT_FAILS = 2 };

#define FACT_EVIDENCE 512

struct fact {
	const char *id; /* never changes: scripts name it */
	const char *claim;
	enum verdict verdict;
	__u64 checked; /* how many things were looked at */
	__u64 broken; /* of those that contradict the claim */
	char evidence[FACT_EVIDENCE]; /* in words; of an unknown one, why */
};

/* "holds", "fails", "unknown" */
const char *verdict_name(enum verdict v);

/* Begin a fact. */
void fact_begin(struct fact *f, const char *id, const char *claim);
/* End it with words: none checked is unknown, any broken fails, else it holds. */
void fact_end(struct fact *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* End it as unknown, with the reason. */
void fact_unknown(struct fact *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
