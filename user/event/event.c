/* SPDX-License-Identifier: GPL-2.0 */
#include "event/event.h"

#include <stdbool.h>
#include <string.h>

#include "pgtable/region.h"

struct word {
	unsigned int value;
	const char *name;
};

static const struct word kinds[] = {
	{ KVAS_KIND_TASK, "task" },	{ KVAS_KIND_PGD, "pgd" },
	{ KVAS_KIND_SWITCH, "switch" }, { KVAS_KIND_CROSSING, "crossing" },
	{ KVAS_KIND_FAULT, "fault" },	{ KVAS_KIND_VMALLOC, "vmalloc" },
	{ KVAS_KIND_ACCESS, "access" }, { KVAS_KIND_MEMORY, "memory" },
	{ 0, NULL },
};
static const struct word task_ops[] = {
	{ KVAS_TASK_FORK, "fork" },   { KVAS_TASK_THREAD, "thread" },
	{ KVAS_TASK_EXEC, "exec" },   { KVAS_TASK_EXIT, "exit" },
	{ KVAS_TASK_VFORK, "vfork" }, { KVAS_TASK_KTHREAD, "kthread" },
	{ 0, NULL },
};
static const struct word pgd_ops[] = {
	{ KVAS_PGD_ALLOC, "alloc" }, { KVAS_PGD_FREE, "free" }, { 0, NULL }
};
static const struct word hows[] = {
	{ KVAS_HOW_OBSERVED, "observed" }, { KVAS_HOW_DERIVED, "derived" }, { 0, NULL }
};
static const struct word switch_ops[] = {
	{ KVAS_SWITCH_MM_LOADED, "mm_loaded" },
	{ KVAS_SWITCH_SAME_MM, "same_mm" },
	{ KVAS_SWITCH_LAZY_KTHREAD, "lazy_kthread" },
	{ KVAS_SWITCH_LAZY_RETURN, "lazy_return" },
	{ 0, NULL },
};
static const struct word causes[] = {
	{ KVAS_CROSS_SYSCALL, "syscall" },
	{ KVAS_CROSS_PAGE_FAULT, "page_fault" },
	{ KVAS_CROSS_IRQ, "irq" },
	{ KVAS_CROSS_EXCEPTION, "exception" },
	{ 0, NULL },
};
static const struct word fault_modes[] = {
	{ KVAS_FAULT_USER, "user" }, { KVAS_FAULT_KERNEL, "kernel" }, { 0, NULL }
};
static const struct word vm_ops[] = {
	{ KVAS_VM_ALLOC, "alloc" }, { KVAS_VM_FREE, "free" }, { KVAS_VM_PURGE, "purge" },
	{ KVAS_VM_FLUSH, "flush" }, { 0, NULL }
};

static const struct word access_modes[] = {
	{ KVAS_ACCESS_KERNEL, "kernel" }, { KVAS_ACCESS_IRQS_OFF, "irqs_off" },
	{ KVAS_ACCESS_RETURN, "return" }, { KVAS_ACCESS_USER, "user" },
	{ KVAS_ACCESS_IDLE, "idle" },	  { KVAS_ACCESS_UNKNOWN, "unknown" },
	{ KVAS_ACCESS_PRECISE, "precise" },
	{ KVAS_ACCESS_NO_SYMBOLS, "no_symbols" }, { KVAS_ACCESS_UNREADABLE, "unreadable" },
	{ 0, NULL },
};
static const struct word access_bases[] = {
	{ KVAS_BASE_NONE, "" },		{ KVAS_BASE_POINTER, "pointer" },
	{ KVAS_BASE_STACK, "stack" },	{ KVAS_BASE_PERCPU, "percpu" },
	{ KVAS_BASE_STATIC, "static" }, { KVAS_BASE_STRING, "string" },
	{ 0, NULL },
};

static const struct word access_whys[] = {
	{ KVAS_WHY_KNOWN, "" },		{ KVAS_WHY_PERCPU_BASE, "percpu_base" },
	{ KVAS_WHY_FS, "fs" },		{ KVAS_WHY_VECTOR, "vector" },
	{ KVAS_WHY_NO_REGION, "no_region" }, { KVAS_WHY_IRQS_OFF, "irqs_off" },
	{ 0, NULL },
};

static const struct word memory_uses[] = {
	{ KVAS_MEMORY_TO_USER, "to_user" }, { KVAS_MEMORY_FROM_USER, "from_user" },
	{ KVAS_MEMORY_SLAB, "slab" },	    { KVAS_MEMORY_PAGES, "pages" },
	{ KVAS_MEMORY_STRINGS, "strings" }, { KVAS_MEMORY_VMALLOC, "vmalloc" },
	{ 0, NULL },
};

static const char *name_of(const struct word *w, unsigned int value)
{
	for (; w->name; w++)
		if (w->value == value)
			return w->name;
	return NULL;
}

static int value_of(const struct word *w, const char *s, size_t len)
{
	for (; w->name; w++)
		if (strlen(w->name) == len && !memcmp(w->name, s, len))
			return w->value;
	return -1;
}

#define WORDS(enumeration, table)                                             \
	const char *event_##enumeration##_name(unsigned int v)                \
	{                                                                     \
		return name_of(table, v);                                     \
	}                                                                     \
	int event_##enumeration##_by_name(const char *s, size_t len)          \
	{                                                                     \
		return value_of(table, s, len);                               \
	}

WORDS(kind, kinds)
WORDS(task_op, task_ops)
WORDS(pgd_op, pgd_ops)
WORDS(how, hows)
WORDS(switch_op, switch_ops)
WORDS(cause, causes)
WORDS(fault_mode, fault_modes)
WORDS(vm_op, vm_ops)
WORDS(access_mode, access_modes)
WORDS(access_base, access_bases)
WORDS(access_why, access_whys)
WORDS(memory_use, memory_uses)

const char *event_access_region_name(unsigned int region)
{
	return region == KVAS_REGION_COUNT ? "" : region_name(region);
}

int event_access_region_by_name(const char *s, size_t len)
{
	return len ? region_by_name(s, len) : KVAS_REGION_COUNT;
}

size_t event_size(unsigned int kind)
{
	switch (kind) {
	case KVAS_KIND_TASK:
		return sizeof(struct kvas_rec_task);
	case KVAS_KIND_PGD:
		return sizeof(struct kvas_rec_pgd);
	case KVAS_KIND_SWITCH:
		return sizeof(struct kvas_rec_switch);
	case KVAS_KIND_CROSSING:
		return sizeof(struct kvas_rec_crossing);
	case KVAS_KIND_FAULT:
		return sizeof(struct kvas_rec_fault);
	case KVAS_KIND_VMALLOC:
		return sizeof(struct kvas_rec_vmalloc);
	case KVAS_KIND_ACCESS:
		return sizeof(struct kvas_rec_access);
	case KVAS_KIND_MEMORY:
		return sizeof(struct kvas_rec_memory);
	default:
		return 0;
	}
}

static bool access_holds(const struct kvas_access *a)
{
	return event_access_base_name(a->from) && event_access_region_name(a->region) &&
	       (a->region == KVAS_REGION_COUNT) == (a->from == KVAS_BASE_NONE) &&
	       a->why < KVAS_WHY_IRQS_OFF &&
	       (a->region != KVAS_REGION_OTHER || a->why != KVAS_WHY_KNOWN);
}

static int enums_hold(const union kvas_record *r)
{
	switch (r->h.kind) {
	case KVAS_KIND_TASK:
		return event_task_op_name(r->task.op) != NULL;
	case KVAS_KIND_PGD:
		return event_pgd_op_name(r->pgd.op) && event_how_name(r->pgd.how);
	case KVAS_KIND_SWITCH:
		return event_switch_op_name(r->sw.op) != NULL;
	case KVAS_KIND_CROSSING:
		return event_cause_name(r->crossing.cause) != NULL;
	case KVAS_KIND_FAULT:
		return event_fault_mode_name(r->fault.mode) != NULL;
	case KVAS_KIND_VMALLOC:
		return event_vm_op_name(r->vm.op) != NULL;
	case KVAS_KIND_ACCESS:
		return event_access_mode_name(r->access.mode) && access_holds(&r->access.load) &&
		       access_holds(&r->access.store) &&
		       r->access.stack_region <= KVAS_REGION_COUNT;
	case KVAS_KIND_MEMORY:
		return event_memory_use_name(r->memory.use) &&
		       r->memory.region < KVAS_REGION_COUNT && r->memory.order < 64;
	default:
		return 0;
	}
}

int event_decode(const void *data, size_t size, union kvas_record *out)
{
	size_t want;

	if (size < sizeof(out->h))
		return -1;
	memcpy(&out->h, data, sizeof(out->h));
	want = event_size(out->h.kind);
	/* The ring rounds a record's length up to 8; the records are multiples. */
	if (!want || out->h.size != want || size != want)
		return -1;
	memcpy(out, data, want);
	return enums_hold(out) ? 0 : -1;
}

/* Fixed-size names: a copy of constant length is two instructions. */
struct flag {
	char name[15];
	unsigned char len;
};

size_t event_fault_flags(__u64 error_code, char *buf)
{
	static const struct flag flags[16] = {
		[0] = { "present", 7 },	 [1] = { "write", 5 }, [2] = { "user", 4 },
		[3] = { "reserved", 8 }, [4] = { "exec", 4 },  [5] = { "pkey", 4 },
		[6] = { "shadow_stack", 12 }, [15] = { "sgx", 3 },
	};
	size_t at = 0;

	for (unsigned int left = error_code & 0x807f; left; left &= left - 1) {
		const struct flag *f = &flags[__builtin_ctz(left)];

		if (at)
			buf[at++] = '|';
		memcpy(buf + at, f->name, sizeof(f->name));
		at += f->len;
	}
	return at;
}
