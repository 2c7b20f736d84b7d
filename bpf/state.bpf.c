// SPDX-License-Identifier: GPL-2.0
#include "state.bpf.h"
#include "emit.bpf.h"
#include "pgd.bpf.h"

const volatile struct kvas_config cfg = {};

struct cpus_map cpus SEC(".maps");
struct task_states_map task_states SEC(".maps");
struct rings_map rings SEC(".maps");
struct pgds_map pgds SEC(".maps");

__u32 gate;

/* Of one PGD, once one was seen being freed. */
__u32 pgd_order = KVAS_ORDER_UNKNOWN;

char LICENSE[] SEC("license") = "GPL";
