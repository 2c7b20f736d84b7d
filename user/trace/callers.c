/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/callers.h"

#include <stdbool.h>
#include <string.h>

#include "model/kernel_functions.h"

/* The first function of STACK, NR addresses at most, behind those of SET. Before these
 * come those of tracing and kvas's own program. */
static const char *first_caller(const struct symbols *s, const __u64 *stack, int nr,
				enum kfunc_set set)
{
	bool inside = false;
	struct symbol at;
	__u64 end;

	for (int i = 0; i < nr && stack[i]; i++) {
		/* A return address may lie behind the last instruction. */
		if (!symbols_at(s, stack[i] - 1, &at, &end))
			continue;
		if (kfunc_in(set, at.name))
			inside = true;
		else if (inside)
			return at.name;
	}
	return "";
}

static bool in_any(const struct symbols *s, const __u64 *stack, enum kfunc_set set)
{
	struct symbol at;
	__u64 end;

	for (int i = 0; i < KVAS_MEMORY_STACK && stack[i]; i++)
		if (symbols_at(s, stack[i] - 1, &at, &end) && kfunc_in(set, at.name))
			return true;
	return false;
}

const char *callers_of_memory(const struct symbols *s, const __u64 *stack, __u32 use)
{
	if (use != KVAS_MEMORY_PAGES && in_any(s, stack, KFUNC_KERNEL_COPY))
		return NULL;
	return first_caller(s, stack, KVAS_MEMORY_STACK,
			    use == KVAS_MEMORY_PAGES ? KFUNC_PAGES : KFUNC_COPY_CHECK);
}

void callers_name(const struct symbols *s, struct kvas_rec_vmalloc *r)
{
	enum kfunc_set set = r->op == KVAS_VM_FLUSH ? KFUNC_KERNEL_FLUSH : KFUNC_VMALLOC;
	const char *name = s ? first_caller(s, r->stack, KVAS_VM_STACK, set) : "";
	size_t len = strnlen(name, KVAS_FUNCTION_LEN - 1);

	memset(r->stack, 0, sizeof(r->stack));
	memcpy(r->caller, name, len);
}
