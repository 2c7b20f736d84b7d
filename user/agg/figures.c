/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/figures.h"

#include <string.h>

static const char no_hook[] = "its hook is missing here";
static const char in_mm_switch[] = "no hook: among switch_mm";
static const char no_slots[] = "cpu_tlbstate unreadable";
static const char no_cost[] = "give --kpti-cost NS";

static bool attached(const struct summary *s, const char *hook)
{
	const struct hook_info *h = meta_hook(s->meta, hook);

	return h && strcmp(h->provenance, "none");
}

static struct figure known(__u64 value)
{
	return (struct figure){ true, value, "" };
}

static struct figure unknown(const char *why)
{
	return (struct figure){ false, 0, why };
}

/* Counter C, if the hook that feeds it is attached. */
static struct figure counted(const struct summary *s, const char *hook, unsigned int c)
{
	return attached(s, hook) ? known(s->c[c]) : unknown(no_hook);
}

static void tasks(const struct summary *s, struct figures *f)
{
	f->forks = counted(s, "fork", KVAS_C_FORK);
	f->vforks = counted(s, "fork", KVAS_C_VFORK);
	f->threads = counted(s, "fork", KVAS_C_THREAD);
	f->kthreads = counted(s, "fork", KVAS_C_KTHREAD);
	f->execs = counted(s, "exec", KVAS_C_EXEC);
	f->exits = counted(s, "exit", KVAS_C_EXIT);
}

static void pgds(const struct summary *s, struct figures *f)
{
	const struct hook_info *h = meta_hook(s->meta, "pgd_alloc");

	f->pgd_alloc = counted(s, "pgd_alloc", KVAS_C_PGD_ALLOC);
	f->pgd_free = counted(s, "pgd_free", KVAS_C_PGD_FREE);
	f->pgd_derived = h && !strcmp(h->provenance, "derived");
	f->pgd_live = unknown("how many were in use at the start is not known");
	if (f->pgd_alloc.known && f->pgd_free.known && s->meta->pgd_live_start >= 0) {
		__s64 live = s->meta->pgd_live_start + (__s64)f->pgd_alloc.value -
			     (__s64)f->pgd_free.value;

		f->pgd_live = live >= 0 ? known(live) :
					  unknown("more were freed than kvas knew of");
	}
	f->pgd_bytes_each = s->meta->pgd_order < 32 ? known(4096ULL << s->meta->pgd_order) :
						      unknown("none was seen freed yet");
}

static void crossings(const struct summary *s, struct figures *f)
{
	f->syscall = counted(s, "syscall", KVAS_C_SYSCALL);
	f->page_fault = counted(s, "page_fault_user", KVAS_C_FAULT_USER);
	f->irq = unknown(no_hook);
	f->irq_kernel = unknown(no_hook);
	/* The timer, devices and reschedule IPIs are most of it; without one of them
	 * the sum would say nothing. */
	if (attached(s, "irq_timer") && attached(s, "irq_device") &&
	    attached(s, "irq_reschedule")) {
		f->irq = known(s->c[KVAS_C_IRQ_USER]);
		f->irq_kernel = known(s->c[KVAS_C_IRQ_KERNEL]);
	}
	f->exception = counted(s, "exception", KVAS_C_EXCEPTION);
	f->nmi = counted(s, "nmi", KVAS_C_NMI_USER);
	f->nmi_kernel = counted(s, "nmi", KVAS_C_NMI_KERNEL);
	f->syscall_refused = counted(s, "syscall_refused", KVAS_C_SYSCALL_REFUSED);
	f->crossings = f->syscall.value + f->page_fault.value + f->irq.value + f->exception.value +
		       f->nmi.value;
}

/* One write per crossing of a known cause when KPTI is on, none when it is off. */
static struct figure kpti(const struct summary *s, struct figure crossing)
{
	if (s->meta->host.kpti == ANSWER_UNKNOWN)
		return unknown("whether KPTI is on is not known");
	return s->meta->host.kpti == ANSWER_NO ? known(0) : crossing;
}

static void cr3(const struct summary *s, struct figures *f)
{
	const struct figure *parts[] = { &f->kpti_syscall, &f->kpti_page_fault, &f->kpti_irq,
					 &f->kpti_exception, &f->kpti_nmi, &f->kpti_exit,
					 &f->mm_switch, &f->tlb_flush };

	f->kpti_syscall = kpti(s, f->syscall);
	f->kpti_page_fault = kpti(s, f->page_fault);
	f->kpti_irq = kpti(s, f->irq);
	f->kpti_exception = kpti(s, f->exception);
	f->kpti_nmi = kpti(s, f->nmi);
	f->kpti_exit = kpti(s, known(f->crossings));
	f->kpti_would_be = known(2 * f->crossings);
	f->mm_switch = attached(s, "tlb_flush") ?
			       known(s->c[KVAS_C_CR3_FLUSH] + s->c[KVAS_C_CR3_NOFLUSH]) :
			       unknown(no_hook);
	f->tlb_flush = counted(s, "tlb_flush", KVAS_C_CR3_TLB_FLUSH);
	/* Without both hooks these loads count as any other of switch_mm_irqs_off. */
	f->temporary_mm = attached(s, "temporary_begin") && attached(s, "temporary_end") ?
				  known(s->c[KVAS_C_CR3_TEMPORARY]) :
				  unknown(in_mm_switch);
	f->cr3_total = known(0);
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		f->cr3_total.value += parts[i]->value;
		if (!parts[i]->known) {
			f->cr3_lower_bound = true;
			f->cr3_lower_why = parts[i]->why;
		}
	}
	f->cr3_total.value += f->temporary_mm.value;
	/* The way out of an NMI of kernel mode restores CR3: always in 6.1, only when the
	 * way in had to change it in 7.2 (RESTORE_CR3 and PARANOID_RESTORE_CR3,
	 * arch/x86/entry/calling.h). Nothing tells which this kernel does. */
	if (s->meta->host.kpti == ANSWER_YES && s->c[KVAS_C_NMI_KERNEL]) {
		f->cr3_lower_bound = true;
		f->cr3_lower_why = "NMIs may write CR3 too";
	}
	f->kpti_ns = s->kpti_cost_ns > 0 ? known((__u64)(f->crossings * s->kpti_cost_ns)) :
					   unknown(no_cost);
}

/* The kernel's own decision to leave CR3 alone: a switch to a kernel thread, and one
 * back to the mm that stayed loaded. */
static void lazy(const struct summary *s, struct figures *f)
{
	f->lazy_avoided = unknown(no_hook);
	if (f->lazy_kthread.known && attached(s, "tlb_flush"))
		f->lazy_avoided = known(f->lazy_kthread.value + f->lazy_return.value -
					s->c[KVAS_C_LAZY_LOADED]);
	f->slot_reused = f->slot_evicted = f->slot_empty = f->slot_global = unknown(no_slots);
	/* All 0 in spite of such switches: the state could not be read after all. */
	if (s->meta->host.slots == ANSWER_YES && f->switches.known &&
	    (!f->mm_loaded.value || s->c[KVAS_C_SLOT_REUSED] || s->c[KVAS_C_SLOT_EVICTED] ||
	     s->c[KVAS_C_SLOT_EMPTY] || s->c[KVAS_C_SLOT_GLOBAL])) {
		f->slot_reused = known(s->c[KVAS_C_SLOT_REUSED]);
		f->slot_evicted = known(s->c[KVAS_C_SLOT_EVICTED]);
		f->slot_empty = known(s->c[KVAS_C_SLOT_EMPTY]);
		f->slot_global = known(s->c[KVAS_C_SLOT_GLOBAL]);
	}
}

static struct writes sum_writes(const struct summary *s, struct writes w)
{
	w.kpti = s->meta->host.kpti == ANSWER_YES ? 2 * w.crossings : 0;
	w.total = w.kpti + w.mm_switch + w.tlb_flush + w.temporary_mm;
	return w;
}

struct writes figures_cpu(const struct summary *s, __u32 cpu)
{
	const __u64 *c = s->cpu[cpu];

	return sum_writes(s, (struct writes){
		.crossings = c[KVAS_C_SYSCALL] + c[KVAS_C_FAULT_USER] + c[KVAS_C_IRQ_USER] +
			     c[KVAS_C_EXCEPTION] + c[KVAS_C_NMI_USER],
		.mm_switch = c[KVAS_C_CR3_FLUSH] + c[KVAS_C_CR3_NOFLUSH],
		.tlb_flush = c[KVAS_C_CR3_TLB_FLUSH],
		.temporary_mm = c[KVAS_C_CR3_TEMPORARY],
	});
}

struct writes figures_process(const struct summary *s, const struct process_sum *p)
{
	const __u64 *c = p->c;

	return sum_writes(s, (struct writes){
		.crossings = c[KVAS_T_SYSCALL] + c[KVAS_T_FAULT_USER] + c[KVAS_T_IRQ] +
			     c[KVAS_T_EXCEPTION] + c[KVAS_T_NMI],
		.mm_switch = c[KVAS_T_CR3],
		.tlb_flush = c[KVAS_T_TLB_FLUSH],
	});
}

/* Why what follows from records of vmalloc areas is not known; NULL it is. */
static const char *areas_why(const struct summary *s)
{
	if (!(s->meta->emit & (1u << KVAS_KIND_VMALLOC)))
		return "vmalloc is not recorded";
	if (!attached(s, "vmalloc_alloc") || !attached(s, "vmalloc_free"))
		return no_hook;
	if (s->c[KVAS_C_LOST_RING + KVAS_KIND_VMALLOC] || s->areas.untracked)
		return "records were lost";
	return NULL;
}

/* Why it is not known who ended. */
static const char *leaked_why(const struct summary *s, const char *areas)
{
	if (areas)
		return areas;
	if (!(s->meta->emit & (1u << KVAS_KIND_TASK)))
		return "task is not recorded";
	if (!attached(s, "fork") || !attached(s, "exit"))
		return no_hook;
	return s->c[KVAS_C_LOST_RING + KVAS_KIND_TASK] ? "records were lost" : NULL;
}

static struct figure of_areas(const char *why, __u64 value)
{
	return why ? unknown(why) : known(value);
}

static void purges(const struct summary *s, const char *why, struct figures *f)
{
	const struct area_row *all = &s->areas.all;

	f->vm_purges = counted(s, "vmalloc_purge", KVAS_C_VM_PURGE);
	f->vm_purged_areas = f->vm_purges;
	if (f->vm_purges.known)
		f->vm_purged_areas = s->c[KVAS_C_VM_PURGED_AREAS] || !f->vm_purges.value ?
					     known(s->c[KVAS_C_VM_PURGED_AREAS]) :
					     unknown("this kernel's hook does not tell");
	if (!why && !f->vm_purges.known)
		why = no_hook;
	f->vm_lazy = of_areas(why, all->lazy.areas);
	f->vm_bytes_lazy = of_areas(why, all->lazy.bytes);
	f->vm_bytes_purged = of_areas(why, all->purged.bytes);
	f->vm_bytes_lazy_system = s->areas.lazy_system_known ?
					  known(s->areas.lazy_system_bytes) :
					  unknown("no free told it");
	f->kernel_flushes = counted(s, "kernel_flush", KVAS_C_KERNEL_FLUSH);
	if (!f->kernel_flushes.known && f->vm_purges.known) {
		f->kernel_flushes = f->vm_purges;
		f->kernel_flushes_derived = true;
	}
}

static void areas(const struct summary *s, struct figures *f)
{
	const struct area_row *all = &s->areas.all;
	const char *why = areas_why(s);

	f->vm_alloc = counted(s, "vmalloc_alloc", KVAS_C_VM_ALLOC);
	f->vm_free = counted(s, "vmalloc_free", KVAS_C_VM_FREE);
	f->vm_bytes_alloc = counted(s, "vmalloc_alloc", KVAS_C_VM_ALLOC_BYTES);
	f->vm_bytes_free = counted(s, "vmalloc_free", KVAS_C_VM_FREE_BYTES);
	f->vm_live = of_areas(why, all->live.areas);
	f->vm_bytes_live = of_areas(why, all->live.bytes);
	f->vm_leaked = of_areas(leaked_why(s, why), all->leaked.areas);
	f->vm_bytes_leaked = of_areas(leaked_why(s, why), all->leaked.bytes);
	purges(s, why, f);
}

void figures_of(const struct summary *s, struct figures *f)
{
	memset(f, 0, sizeof(*f));
	tasks(s, f);
	pgds(s, f);
	crossings(s, f);
	cr3(s, f);
	f->switches = counted(s, "switch", KVAS_C_SWITCH);
	f->mm_loaded = counted(s, "switch", KVAS_C_SWITCH_MM_LOADED);
	f->same_mm = counted(s, "switch", KVAS_C_SWITCH_SAME_MM);
	f->lazy_kthread = counted(s, "switch", KVAS_C_SWITCH_LAZY_KTHREAD);
	f->lazy_return = counted(s, "switch", KVAS_C_SWITCH_LAZY_RETURN);
	f->flush = counted(s, "tlb_flush", KVAS_C_CR3_FLUSH);
	f->noflush = counted(s, "tlb_flush", KVAS_C_CR3_NOFLUSH);
	lazy(s, f);
	f->faults_user = counted(s, "page_fault_user", KVAS_C_FAULT_USER);
	f->faults_kernel = counted(s, "page_fault_kernel", KVAS_C_FAULT_KERNEL);
	areas(s, f);
}

const char *figures_met_why(const struct summary *s, enum object_hook hook)
{
	static const struct {
		unsigned int kind;
		const char *hook, *why;
	} from[MET_COUNT] = {
		[MET_PGD_ALLOC] = { KVAS_KIND_PGD, "pgd_alloc", "pgd is not recorded" },
		[MET_PGD_FREE] = { KVAS_KIND_PGD, "pgd_free", "pgd is not recorded" },
		[MET_SWITCH] = { KVAS_KIND_SWITCH, "switch", "switch is not recorded" },
	};
	bool task = hook < MET_PGD_ALLOC;
	const char *name = hook == MET_TASK + KVAS_TASK_EXEC - 1 ? "exec" :
			   hook == MET_TASK + KVAS_TASK_EXIT - 1 ? "exit" : "fork";

	if (!(s->meta->emit & (1u << (task ? KVAS_KIND_TASK : from[hook].kind))))
		return task ? "task is not recorded" : from[hook].why;
	return attached(s, task ? name : from[hook].hook) ? NULL : no_hook;
}

__u64 figures_happened(const struct summary *s, unsigned int kind)
{
	const __u64 *c = s->c;

	switch (kind) {
	case KVAS_KIND_TASK:
		return c[KVAS_C_FORK] + c[KVAS_C_THREAD] + c[KVAS_C_KTHREAD] + c[KVAS_C_EXEC] +
		       c[KVAS_C_EXIT];
	case KVAS_KIND_PGD:
		return c[KVAS_C_PGD_ALLOC] + c[KVAS_C_PGD_FREE];
	case KVAS_KIND_SWITCH:
		return c[KVAS_C_SWITCH];
	case KVAS_KIND_CROSSING:
		return c[KVAS_C_SYSCALL] + c[KVAS_C_FAULT_USER] + c[KVAS_C_IRQ_USER] +
		       c[KVAS_C_EXCEPTION];
	case KVAS_KIND_FAULT:
		return c[KVAS_C_FAULT_USER] + c[KVAS_C_FAULT_KERNEL];
	case KVAS_KIND_VMALLOC:
		return c[KVAS_C_VM_ALLOC] + c[KVAS_C_VM_FREE] + c[KVAS_C_VM_PURGE] +
		       c[KVAS_C_KERNEL_FLUSH];
	case KVAS_KIND_MEMORY: /* sums */
	case KVAS_KIND_ACCESS: /* nothing counts the ticks but the sampler itself */
		return s->seen[kind] + c[KVAS_C_LOST_RING + kind];
	default:
		return 0;
	}
}
