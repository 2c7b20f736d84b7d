/* SPDX-License-Identifier: GPL-2.0 */
/* The columns, in the order they are written. docs/csv.md describes them. */
#include "event/csv_table.h"

#include <string.h>

#include "model/words.h"

#define AT(rec, field) offsetof(struct kvas_rec_##rec, field)
#define COL(name, type, rec, field) { name, type, AT(rec, field), NULL, NULL }
#define WORD(name, rec, field, w) \
	{ name, CSV_WORD, AT(rec, field), word_##w##_name, word_##w##_by_name }
#define HEAD(rec)                                                                       \
	COL("time_ns", CSV_U64, rec, h.time_ns), COL("cpu", CSV_U32, rec, h.cpu),       \
		COL("pid", CSV_U32, rec, h.pid), COL("tid", CSV_U32, rec, h.tid),       \
		COL("comm", CSV_COMM, rec, h.comm)

static const struct csv_column task_columns[] = {
	HEAD(task),
	WORD("op", task, op, task_op),
	COL("child_pid", CSV_KNOWN_U32, task, child_pid),
	COL("child_tid", CSV_KNOWN_U32, task, child_tid),
	COL("clone_flags", CSV_HEX, task, clone_flags),
	COL("exit_code", CSV_U32, task, exit_code),
	COL("group_dead", CSV_GROUP_DEAD, task, group_dead),
	COL("task", CSV_ADDR, task, task),
	COL("task_region", CSV_REGION, task, task),
	COL("stack", CSV_ADDR, task, stack),
	COL("stack_region", CSV_REGION, task, stack),
	COL("mm", CSV_ADDR, task, mm),
	COL("mm_region", CSV_REGION, task, mm),
	COL("pgd", CSV_ADDR, task, pgd),
	COL("pgd_region", CSV_REGION, task, pgd),
	COL("syscalls", CSV_U64, task, counts[KVAS_T_SYSCALL]),
	COL("faults_user", CSV_U64, task, counts[KVAS_T_FAULT_USER]),
	COL("faults_kernel", CSV_U64, task, counts[KVAS_T_FAULT_KERNEL]),
	COL("interrupts", CSV_U64, task, counts[KVAS_T_IRQ]),
	COL("cr3_loads", CSV_U64, task, counts[KVAS_T_CR3]),
	COL("switches", CSV_U64, task, counts[KVAS_T_SWITCH]),
	COL("exceptions", CSV_U64, task, counts[KVAS_T_EXCEPTION]),
	COL("nmis", CSV_U64, task, counts[KVAS_T_NMI]),
	COL("tlb_flushes", CSV_U64, task, counts[KVAS_T_TLB_FLUSH]),
};
static const struct csv_column pgd_columns[] = {
	HEAD(pgd),
	WORD("op", pgd, op, pgd_op),
	WORD("how", pgd, how, how),
	COL("pgd", CSV_ADDR, pgd, pgd),
	COL("pgd_region", CSV_REGION, pgd, pgd),
	COL("mm", CSV_ADDR, pgd, mm),
	COL("order", CSV_ORDER, pgd, order),
	COL("bytes", CSV_BYTES, pgd, order),
	COL("owner_pid", CSV_KNOWN_U32, pgd, owner_pid),
	COL("owner_comm", CSV_COMM, pgd, owner_comm),
	COL("alloc_ns", CSV_KNOWN_U64, pgd, alloc_ns),
	COL("exit_ns", CSV_KNOWN_U64, pgd, exit_ns),
};
static const struct csv_column switch_columns[] = {
	HEAD(switch),
	WORD("op", switch, op, switch_op),
	COL("next_pid", CSV_U32, switch, next_pid),
	COL("next_tid", CSV_U32, switch, next_tid),
	COL("next_comm", CSV_COMM, switch, next_comm),
	COL("prev_mm", CSV_ADDR, switch, prev_mm),
	COL("prev_mm_region", CSV_REGION, switch, prev_mm),
	COL("next_mm", CSV_ADDR, switch, next_mm),
	COL("next_mm_region", CSV_REGION, switch, next_mm),
};
static const struct csv_column crossing_columns[] = {
	HEAD(crossing),
	WORD("cause", crossing, cause, cross_cause),
	COL("nr", CSV_S32, crossing, nr),
};
static const struct csv_column fault_columns[] = {
	HEAD(fault),
	WORD("mode", fault, mode, fault_mode),
	COL("address", CSV_ADDR, fault, address),
	COL("region", CSV_REGION, fault, address),
	COL("error_code", CSV_HEX, fault, error_code),
	COL("flags", CSV_FLAGS, fault, error_code),
	COL("ip", CSV_ADDR, fault, ip),
	COL("ip_region", CSV_REGION, fault, ip),
};
static const struct csv_column vmalloc_columns[] = {
	HEAD(vmalloc),
	WORD("op", vmalloc, op, vm_op),
	COL("address", CSV_ADDR, vmalloc, address),
	COL("region", CSV_REGION, vmalloc, address),
	COL("bytes", CSV_KNOWN_U64, vmalloc, bytes),
	COL("alloc_ns", CSV_KNOWN_U64, vmalloc, alloc_ns),
	COL("areas", CSV_KNOWN_U64, vmalloc, areas),
	COL("lazy_bytes", CSV_KNOWN_U64, vmalloc, lazy_bytes),
	COL("caller", CSV_NAME, vmalloc, caller),
};

#define ACCESS(name)                                                                    \
	WORD(#name "_from", access, name.from, access_base),                            \
		WORD(#name "_region", access, name.region, access_region),              \
		COL(#name "_bytes", CSV_KNOWN_U32, access, name.bytes),                 \
		COL(#name "_times", CSV_KNOWN_U32, access, name.times),                 \
		COL(#name "_address", CSV_ADDR, access, name.address),                  \
		COL(#name "_leaf_kb", CSV_KNOWN_U32, access, name.leaf_kb),           \
		WORD(#name "_why", access, name.why, access_why)
#define EXPECT(name, word, base) \
	COL("expect_" #name "_" word, CSV_KNOWN_U32, access, expect_##name[KVAS_BASE_##base])
static const struct csv_column access_columns[] = {
	HEAD(access),
	WORD("mode", access, mode, access_mode),
	COL("ip", CSV_ADDR, access, ip),
	COL("function", CSV_NAME, access, function),
	WORD("stack_region", access, stack_region, access_region),
	ACCESS(load),
	ACCESS(store),
	EXPECT(load, "pointer", POINTER),
	EXPECT(load, "stack", STACK),
	EXPECT(load, "percpu", PERCPU),
	EXPECT(load, "static", STATIC),
	EXPECT(load, "string", STRING),
	EXPECT(store, "pointer", POINTER),
	EXPECT(store, "stack", STACK),
	EXPECT(store, "percpu", PERCPU),
	EXPECT(store, "static", STATIC),
	EXPECT(store, "string", STRING),
};

static const struct csv_column memory_columns[] = {
	COL("time_ns", CSV_U64, memory, h.time_ns),
	WORD("use", memory, use, memory_use),
	WORD("region", memory, region, access_region),
	COL("order", CSV_U32, memory, order),
	COL("count", CSV_U64, memory, count),
	COL("bytes", CSV_KNOWN_U64, memory, bytes),
	COL("function", CSV_NAME, memory, function),
};

#define TABLE(kind, columns) { kind, columns, sizeof(columns) / sizeof(columns[0]) }

static const struct csv_table tables[] = {
	TABLE(KVAS_KIND_TASK, task_columns),	     TABLE(KVAS_KIND_PGD, pgd_columns),
	TABLE(KVAS_KIND_SWITCH, switch_columns),     TABLE(KVAS_KIND_CROSSING, crossing_columns),
	TABLE(KVAS_KIND_FAULT, fault_columns),	     TABLE(KVAS_KIND_VMALLOC, vmalloc_columns),
	TABLE(KVAS_KIND_ACCESS, access_columns),     TABLE(KVAS_KIND_MEMORY, memory_columns),
};

const struct csv_table *csv_table(unsigned int kind)
{
	return kind >= KVAS_KIND_TASK && kind < KVAS_KIND_END ? &tables[kind - KVAS_KIND_TASK] :
								NULL;
}

size_t csv_header(const struct csv_table *t, char *out)
{
	char *p = out;

	for (unsigned int i = 0; i < t->nr; i++) {
		if (i)
			*p++ = ',';
		p = stpcpy(p, t->columns[i].name);
	}
	*p++ = '\n';
	return p - out;
}
