/* SPDX-License-Identifier: GPL-2.0 */
/* The address spaces of this machine, to look into: the reader, the host's facts and a
 * list of the tasks. */
#ifndef KVAS_SPACE_H
#define KVAS_SPACE_H

#include <stddef.h>

#include "model/meta.h"
#include "err.h"
#include "kernel/layout.h"
#include "kernel/reader.h"
#include "kvas/reader.h"
#include "pgtable/view.h"

struct space {
	struct reader *reader;
	struct reader_self self; /* kvas's own task; all 0 when it cannot be told */
	struct host_info host;
	struct layout_proof proof;
	bool inner_pid_ns; /* kvas's process numbers are not those of the tasks, nor /proc's */
	struct kvas_reader_task *tasks;
	size_t nr_tasks;
};

/* Does kvas run in a PID namespace that is not the first? The kernel's programs know tasks by
 * their numbers in the first. */
bool space_inner_pid_ns(void);
/* -1 with E when there is no process PID, or one that has ended and is not waited for. */
int space_followable(int pid, struct err *e);

/* -1 with E: the host refuses BPF, or where the direct map begins is not known. */
int space_open(struct space *s, struct err *e);
void space_close(struct space *s);

/* The main thread of process PID, or when that has given up its memory another thread that
 * has not; of kvas itself for 0; NULL with E. PIDs are those of the
 * first PID namespace; in another one none can be asked for. */
const struct kvas_reader_task *space_task(const struct space *s, __u32 pid, struct err *e);
/* Is task T still there, with the same address space? To be asked after the last read: a
 * table of one that ended may have been freed, and be another's, at any time of it. -1 with
 * E when it is not. */
int space_still(const struct kvas_reader_task *t, struct err *e);

/* PGD of kvas itself, through which kernel addresses are walked; 0 not found. */
__u64 space_own_pgd(const struct space *s);

/* What ADDRESS names in process T: "0xffff...", a symbol of the kernel, a module
 * or a BPF program, "task", "stack", "mm",
 * "pgd". 1 when it is a symbol, else 0; -1 with E. */
int space_address(const struct kvas_reader_task *t, const char *address, __u64 *va,
		  struct err *e);

/* Walk VA through the tables of T. A kernel thread has none of its own: kernel addresses
 * are then walked through those of kvas, as it borrows anyone's. -1 with E: VA is no
 * address this machine translates, or a user address of a kernel thread. */
int space_walk(const struct space *s, const struct kvas_reader_task *t, __u64 va,
	       struct walk_view *out, struct err *e);

/* Name the symbols that NR walked kernel addresses are in, or the nearest one before, where
 * they have no name yet. */
void space_name_symbols(struct walk_view *v, size_t nr);

#endif
