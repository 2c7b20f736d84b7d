/* SPDX-License-Identifier: GPL-2.0 */
/* What is true of a whole run: the host, the hooks, the clock, the losses.
 * Live it comes from the machine, in a report from meta.json and loss.csv. */
#ifndef KVAS_META_H
#define KVAS_META_H

#include <linux/types.h>
#include <stdbool.h>

#include "kvas/wire.h"
#include "model/hooks.h"
#include "model/layout.h"

#define META_MAX_HOOKS 64 /* recordings of other versions may have others than hook_table */
#define META_MAX_LOSSES 32

_Static_assert(META_MAX_HOOKS >= HOOK_COUNT, "every row of hook_table fits");

/* live: where the kernel's lists of vmalloc areas are: vmap_area_list until 6.8, vmap_nodes and
 * nr_vmap_nodes since; 0 not told. */
struct vmap_lists {
	__u64 area_list, nodes, nr_nodes;
};

struct host_info {
	char kernel[65]; /* utsname.release */
	char arch[65]; /* utsname.machine */
	__u32 cpus; /* possible */
	__u32 cpus_online; /* when the run began; 0 not told */
	enum answer kpti;
	/* KPTI is on and the user tables map no kernel entry: a hypervisor, not the kernel,
	 * changes tables at entries and exits (PVM, 2026). */
	enum answer kpti_by_hypervisor;
	enum answer pcid;
	enum answer kaslr;
	__u64 tlbstate; /* live: addresses of cpu_tlbstate and __per_cpu_offset, 0 not told */
	__u64 percpu_offsets;
	__u64 kernel_table; /* live: address of init_top_pgt, 0 not told */
	struct vmap_lists vmap_lists;
	__u32 thread_size; /* live: bytes of a kernel stack, 0 unknown */
	enum answer slots; /* ASID slots can be read */
	char kpti_how[80]; /* how it is known, or why it is not */
	char layout_how[80]; /* how the bases were learnt, or why they are not */
	struct layout layout;
};

/* One row of the hook table as it ended up. */
struct hook_info {
	char name[48]; /* "pgd_alloc" */
	char how[48]; /* "fexit pgd_alloc", "tp_btf sched_switch"; "none" */
	char provenance[16]; /* "observed", "derived", "none" */
	char why[120]; /* why it is missing, or what falls back */
};

/* One way to lose something, and how much was lost. */
struct loss_info {
	char cause[24]; /* "ring_full", "map_full", "recursion", "reader_late", "bad_record" */
	char what[48]; /* kind, map or program it struck */
	__u64 count;
};

/* What the run cost: kvas's own process. */
struct self_info {
	__u32 pid; /* in the first PID namespace; 0 not known */
	__u64 cpu_ns; /* user and system time since the window opened, so far */
	__u64 max_rss_bytes; /* 0 not known, and cpu_ns neither */
};

/* How filter[] of a run with -C and with --cgroup begins. */
#define META_FILTER_COMM "comm "
#define META_FILTER_CGROUP "cgroup "

struct meta {
	char version[32];
	struct host_info host;
	struct hook_info hooks[META_MAX_HOOKS];
	unsigned int nr_hooks;
	struct loss_info losses[META_MAX_LOSSES];
	unsigned int nr_losses;
	__u64 start_ns; /* CLOCK_MONOTONIC, all hooks attached */
	__u64 end_ns;
	__s64 start_unix_ns; /* CLOCK_REALTIME at start_ns, to place it in time */
	__u32 emit; /* bit per enum kvas_kind that was recorded */
	__u32 pgd_order; /* of one PGD; KVAS_ORDER_UNKNOWN */
	__s64 pgd_live_start; /* PGDs in use at start; -1 unknown */
	__u32 sample_hz; /* of the access sampler; 0 it did not run */
	__u32 sample_asked; /* by -F, when that is more than this host allows; else 0 */
	char sample_why[400]; /* why not */
	bool precise; /* the PMU sampled too, with addresses of data */
	char precise_how[160]; /* by which events, or why not */
	char untraced_why[80]; /* why interrupts are a lower bound; "" they are not */
	char areas_why[160]; /* why it is not known which vmalloc areas were there at the start; "" it is */
	enum answer complete; /* a recording that was finished in order */
	bool under_way; /* a recording that is not, because it is still being made */
	bool redacted;
	bool csv_safe; /* names in the tables that a spreadsheet would run have a ' before them */
	bool no_group_dead; /* a recording of which task.csv does not tell when processes end */
	struct self_info self;
	char filter[256]; /* "", "pid 4711 and its children", "comm make", "cgroup /system.slice" */
	char command[256]; /* of stat/record -- COMMAND; "" none */
};

/* Add COUNT to the loss (CAUSE, WHAT); rows beyond the table's end are added
 * to its last row, named "other". */
void meta_add_loss(struct meta *m, const char *cause, const char *what, __u64 count);
/* The hook row NAME, or NULL. */
const struct hook_info *meta_hook(const struct meta *m, const char *name);

/* Does the kernel write CR3 at each entry from user mode and exit to it? Unknown where KPTI is
 * not known to be on or off, and where a hypervisor changes the tables; WHY then. Static storage. */
enum answer meta_kpti_writes(const struct host_info *h);
const char *meta_kpti_writes_why(const struct host_info *h);

/* Why a recording is not whole: what is known of it is what is there. NULL it is. Static. */
const char *meta_cut_why(const struct meta *m);

/* Is hook HOOK attached, in any way? Does its figure follow from another event by a rule? */
bool meta_attached(const struct meta *m, enum hook_id hook);
bool meta_derived(const struct meta *m, enum hook_id hook);

#endif
