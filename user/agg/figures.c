/* SPDX-License-Identifier: GPL-2.0 */
#include "agg/figures.h"

#include <string.h>

static const char no_hook[] = "its hook is missing here";
static const char no_tracepoint[] = "no tracepoint";
static const char not_counted[] = "not counted yet";

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
	f->exception = unknown(no_tracepoint);
	f->nmi = unknown(no_tracepoint);
	f->crossings = f->syscall.value + f->page_fault.value + f->irq.value;
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
					 &f->mm_switch, &f->tlb_flush, &f->temporary_mm };

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
	f->tlb_flush = unknown(not_counted);
	f->temporary_mm = unknown(not_counted);
	f->cr3_total = known(0);
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		f->cr3_total.value += parts[i]->value;
		f->cr3_lower_bound |= !parts[i]->known;
	}
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
	f->faults_user = counted(s, "page_fault_user", KVAS_C_FAULT_USER);
	f->faults_kernel = counted(s, "page_fault_kernel", KVAS_C_FAULT_KERNEL);
	f->vm_alloc = counted(s, "vmalloc_alloc", KVAS_C_VM_ALLOC);
	f->vm_free = counted(s, "vmalloc_free", KVAS_C_VM_FREE);
	f->vm_bytes_alloc = counted(s, "vmalloc_alloc", KVAS_C_VM_ALLOC_BYTES);
	f->vm_bytes_free = counted(s, "vmalloc_free", KVAS_C_VM_FREE_BYTES);
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
		return c[KVAS_C_SYSCALL] + c[KVAS_C_FAULT_USER] + c[KVAS_C_IRQ_USER];
	case KVAS_KIND_FAULT:
		return c[KVAS_C_FAULT_USER] + c[KVAS_C_FAULT_KERNEL];
	case KVAS_KIND_VMALLOC:
		return c[KVAS_C_VM_ALLOC] + c[KVAS_C_VM_FREE];
	default:
		return 0;
	}
}
