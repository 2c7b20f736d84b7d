/* SPDX-License-Identifier: GPL-2.0 */
#include "event/event.h"

#include <stdbool.h>
#include <string.h>

#include "model/words.h"

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
	return word_access_base_name(a->from) && word_access_region_name(a->region) &&
	       (a->region == KVAS_REGION_COUNT) == (a->from == KVAS_BASE_NONE) &&
	       a->why < KVAS_WHY_IRQS_OFF &&
	       (a->region != KVAS_REGION_OTHER || a->why != KVAS_WHY_KNOWN);
}

static int enums_hold(const union kvas_record *r)
{
	switch (r->h.kind) {
	case KVAS_KIND_TASK:
		return word_task_op_name(r->task.op) != NULL;
	case KVAS_KIND_PGD:
		return word_pgd_op_name(r->pgd.op) && word_how_name(r->pgd.how);
	case KVAS_KIND_SWITCH:
		return word_switch_op_name(r->sw.op) != NULL;
	case KVAS_KIND_CROSSING:
		return word_cross_cause_name(r->crossing.cause) != NULL;
	case KVAS_KIND_FAULT:
		return word_fault_mode_name(r->fault.mode) != NULL;
	case KVAS_KIND_VMALLOC:
		return word_vm_op_name(r->vm.op) != NULL;
	case KVAS_KIND_ACCESS:
		return word_access_mode_name(r->access.mode) && access_holds(&r->access.load) &&
		       access_holds(&r->access.store) &&
		       r->access.stack_region <= KVAS_REGION_COUNT;
	case KVAS_KIND_MEMORY:
		return word_memory_use_name(r->memory.use) &&
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
