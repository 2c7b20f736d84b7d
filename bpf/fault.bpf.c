// SPDX-License-Identifier: GPL-2.0
/* Page faults from user and kernel mode. */
#include "crossing.bpf.h"
#include "region.bpf.h"

static __always_inline void fault(struct kvas_cpu *c, u64 address, struct pt_regs *regs,
				  u64 error_code, u32 mode)
{
	struct kvas_rec_fault *r;

	count_nested(c, KVAS_C_FAULT_CODE + (error_code & 31), 1);
	count_nested(c, KVAS_C_FAULT_REGION + region(address), 1);
	if (!emits(KVAS_KIND_FAULT))
		return;
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

SEC("tp_btf/page_fault_user")
int BPF_PROG(page_fault_user, unsigned long address, struct pt_regs *regs,
	     unsigned long error_code)
{
	struct kvas_cpu *c = this_cpu();

	if (!c || !in_scope(c))
		return 0;
	count(c, KVAS_C_FAULT_USER, 1);
	fault(c, address, regs, error_code, KVAS_FAULT_USER);
	if (emits(KVAS_KIND_CROSSING))
		emit_crossing(c, KVAS_CROSS_PAGE_FAULT, -1);
	return 0;
}

SEC("tp_btf/page_fault_kernel")
int BPF_PROG(page_fault_kernel, unsigned long address, struct pt_regs *regs,
	     unsigned long error_code)
{
	struct kvas_cpu *c = this_cpu();

	if (!c || !in_scope(c))
		return 0;
	count_nested(c, KVAS_C_FAULT_KERNEL, 1);
	fault(c, address, regs, error_code, KVAS_FAULT_KERNEL);
	return 0;
}
