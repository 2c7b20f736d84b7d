// SPDX-License-Identifier: GPL-2.0
/* Page faults from user and kernel mode. */
#include "crossing.bpf.h"
#include "region.bpf.h"

static __always_inline void emit_fault(struct kvas_cpu *c, u64 address, struct pt_regs *regs,
				       u64 error_code, u32 mode)
{
	struct kvas_rec_fault *r;

	count_nested(c, KVAS_C_FAULT_CODE + (error_code & 31), 1);
	count_nested(c, KVAS_C_FAULT_REGION + region(address), 1);
	r = RESERVE(c, struct kvas_rec_fault, KVAS_KIND_FAULT);
	if (!r)
		return;
	r->address = address;
	r->ip = PT_REGS_IP(regs);
	r->error_code = error_code;
	r->mode = mode;
	r->zero = 0;
	submit(c, r, sizeof(*r));
}

static __always_inline int faulted(u64 address, struct pt_regs *regs, u64 error_code, u32 mode)
{
	struct kvas_cpu *c = this_cpu_in_scope();

	if (!c)
		return 0;
	if (mode == KVAS_FAULT_USER)
		count(c, KVAS_C_FAULT_USER, 1);
	else
		count_nested(c, KVAS_C_FAULT_KERNEL, 1);
	emit_fault(c, address, regs, error_code, mode);
	if (mode == KVAS_FAULT_USER)
		emit_crossing(c, KVAS_CROSS_PAGE_FAULT, -1);
	return 0;
}

#define FAULT(name, mode)                                                          \
	PROGRAM("tp_btf/" #name,                                                   \
		(name, unsigned long address, struct pt_regs *regs, unsigned long error_code), \
		faulted(address, regs, error_code, mode))

FAULT(page_fault_user, KVAS_FAULT_USER)
FAULT(page_fault_kernel, KVAS_FAULT_KERNEL)
