/* SPDX-License-Identifier: GPL-2.0 */
/* What passes from the access sampler (access.bpf.c) to user space. */
#ifndef KVAS_SAMPLE_H
#define KVAS_SAMPLE_H

#include "kvas/wire.h"

#define KVAS_SAMPLE_CODE 16 /* an instruction has 15 at most */
#define KVAS_SAMPLE_STACK 24

/* Who chose the instruction. */
enum kvas_sample_by {
	KVAS_BY_CLOCK = 0, /* a timer's interrupt, before the instruction */
	KVAS_BY_LOADS = 1, /* the PMU: one that loaded from address */
	KVAS_BY_STORES = 2,
	KVAS_BY_EITHER = 3, /* the PMU: one that loaded or stored, or did neither: address 0 */
};

/* The registers and the instruction a timer's interrupt found; or what the PMU tells. */
struct kvas_sample {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u64 ip;
	__u64 percpu; /* base of gs in the kernel; 0 not known */
	__u64 gpr[16]; /* in the order instructions number them: rax rcx rdx rbx rsp ... r15 */
	__u32 cpu;
	__u32 pid; /* thread group */
	__u32 tid;
	__u32 user; /* it interrupted user mode; gpr and stack are then 0 */
	__u32 code_bytes; /* of code: those before ip in user mode; 0 they could not be read */
	__u32 stack_words;
	char comm[KVAS_COMM_LEN];
	__u8 before[KVAS_SAMPLE_CODE]; /* the kernel's text right before ip */
	__u8 code[KVAS_SAMPLE_CODE]; /* and from there on: one read has both */
	__u64 stack[KVAS_SAMPLE_STACK]; /* from rsp on */
	__u64 address; /* of data, from the PMU: gpr and stack are then 0 */
	__u32 by; /* enum kvas_sample_by */
	__u32 before_bytes; /* of before; 0 they could not be read */
};

struct kvas_sampler_config {
	__u32 nr_rings;
	__u32 follow; /* only processes that are followed */
	char comm[KVAS_COMM_LEN]; /* only tasks of this name; "" all */
	__u64 cgroup; /* only tasks in it, or in one below it; 0 all */
	__u32 cgroup_level;
	__u32 zero;
};

/* What the sampler keeps of a CPU. */
struct kvas_sampler_cpu {
	__u64 lost; /* samples that found no room */
	__u64 missed; /* ticks that were due while a sampled task ran, and did not reach the program */
	__u64 last_ns; /* when one last did */
	__u64 last_ran; /* ns that its task had run by then */
	__u64 period_ns; /* at that time */
	__u32 last_tid; /* that task; 0 none that is sampled */
	__u32 zero;
	__u64 unfollowed; /* new processes there was no room to follow */
};

/* Processes followed at a time. */
#define KVAS_SAMPLER_FOLLOWS 16384

_Static_assert(sizeof(struct kvas_sample) == 432, "sample");

#endif
