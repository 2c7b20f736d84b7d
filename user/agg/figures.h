/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The figures a reader sees, from a summary: each is known, or it is unknown with
 * a reason. The CR3 ledger is here. No I/O.
 */
#ifndef KVAS_FIGURES_H
#define KVAS_FIGURES_H

#include <linux/types.h>
#include <stdbool.h>

#include "agg/summary.h"

struct figure {
	bool known;
	__u64 value;
	const char *why; /* when unknown; static storage */
};

struct figures {
	/* tasks */
	struct figure forks, vforks, threads, kthreads, execs, exits;
	/* PGDs; bytes_each follows from the order of one that was seen freed */
	struct figure pgd_alloc, pgd_free, pgd_live, pgd_bytes_each;
	bool pgd_derived;
	/* kernel entries from user mode, by cause */
	struct figure syscall, page_fault, irq, exception, nmi, irq_kernel, nmi_kernel;
	struct figure syscall_refused; /* those of syscall that seccomp refused */
	__u64 crossings; /* of the known causes */
	/* CR3 writes. Under KPTI every crossing is one write in and one out; without
	 * it none. would_be is what the known crossings would cost with it. */
	struct figure kpti_syscall, kpti_page_fault, kpti_irq, kpti_exception, kpti_nmi;
	struct figure kpti_exit, kpti_would_be;
	struct figure mm_switch, tlb_flush, temporary_mm;
	struct figure cr3_total; /* of the known; then a lower bound */
	bool cr3_lower_bound;
	const char *cr3_lower_why;
	/* context switches */
	struct figure switches, mm_loaded, same_mm, lazy_kthread, lazy_return, flush, noflush;
	struct figure lazy_avoided; /* switches to and from kernel threads that wrote no CR3 */
	/* ASID slots at switches to another mm */
	struct figure slot_reused, slot_evicted, slot_empty;
	struct figure slot_global; /* of these switches, those that took no slot (INVLPGB) */
	struct figure kpti_ns; /* time KPTI's writes take or would take, at the cost given */
	/* page faults */
	struct figure faults_user, faults_kernel;
	/* vmalloc */
	struct figure vm_alloc, vm_free, vm_bytes_alloc, vm_bytes_free;
	/* of the areas allocated in the window, at its end, from their records */
	struct figure vm_live, vm_bytes_live, vm_leaked, vm_bytes_leaked;
	struct figure vm_lazy, vm_bytes_lazy, vm_bytes_purged; /* freed; purged or not */
	/* the whole system's, whatever the filter */
	struct figure vm_purges, vm_purged_areas, vm_bytes_lazy_system;
	struct figure kernel_flushes; /* observed, or those that purges make */
	bool kernel_flushes_derived;
};

/* The writes of one CPU or one process, of the known causes. */
struct writes {
	__u64 crossings;
	__u64 kpti; /* 2 a crossing when KPTI is on, else 0 */
	__u64 mm_switch, tlb_flush, temporary_mm;
	__u64 total;
};

void figures_of(const struct summary *s, struct figures *f);
struct writes figures_cpu(const struct summary *s, __u32 cpu);
/* Each crossing counts as one write in and one out: a process that began or ended
 * in the window has one more or one less. Temporary mms belong to no process. */
struct writes figures_process(const struct summary *s, const struct process_sum *p);

/* Why the objects met at HOOK are not known; NULL they are. Static storage. */
const char *figures_met_why(const struct summary *s, enum object_hook hook);

/* Records of KIND that happened while it was recorded, by the counters. */
__u64 figures_happened(const struct summary *s, unsigned int kind);

#endif
