// SPDX-License-Identifier: GPL-2.0
/*
 * The access sampler: at each tick of a cpu-clock event the registers and the instruction
 * it interrupted; and what the PMU samples with the address of its data. An object of its
 * own, with rings and maps of its own: a sampler and scheduler hooks on one ring have stalled
 * kernels (6.15 to 6.18).
 */
#include "maps.bpf.h"
#include "kvas/sample.h"

#define CPL 3
#define ROW 8 /* beats: for more than so many in a row the machine stood still */
#define BEAT 10 /* a tick is on time when it is off by less than a period's part of this */

const volatile struct kvas_sampler_config cfg;

struct sample_ring RING_MEMBERS;

struct RINGS_MEMBERS(struct sample_ring) sample_rings SEC(".maps");

struct MAP_MEMBERS(BPF_MAP_TYPE_PERCPU_ARRAY, 1, u32, struct kvas_sampler_cpu) sampler_cpus
	SEC(".maps");

/* Thread groups that are followed, each with its leader's start: a number may be taken
 * again. Samples only look here, without a lock; no hook of the scheduler's does. */
struct MAP_MEMBERS(BPF_MAP_TYPE_HASH, KVAS_SAMPLER_FOLLOWS, u32, u64) followed SEC(".maps");

/* The per-CPU pointer of sampler_cpus' element, once: user space has no other way to
 * the base of gs where the kernel does not tell __per_cpu_offset. */
__u32 cpus_id; /* which map that is */
__u64 cpus_percpu;
/* kvas itself, as the kernel numbers it: it is not sampled. */
__u32 own_pid;
/* Of the clock's events, ns; 0 while it changes. */
__u64 period_ns;

SEC("iter/bpf_map")
int find_percpu(struct bpf_iter__bpf_map *ctx)
{
	struct bpf_map *map = ctx->map;

	if (!map || !cpus_id || map_id(map) != cpus_id)
		return 0;
	own_pid = bpf_get_current_pid_tgid() >> 32;
	cpus_percpu = array_pptr_read(map);
	return 0;
}

static __always_inline void kernel_state(struct kvas_sample *s, struct kvas_perf_data *ctx)
{
	s->gpr[0] = ctx->regs.ax;
	s->gpr[1] = ctx->regs.cx;
	s->gpr[2] = ctx->regs.dx;
	s->gpr[3] = ctx->regs.bx;
	s->gpr[4] = ctx->regs.sp;
	s->gpr[5] = ctx->regs.bp;
	s->gpr[6] = ctx->regs.si;
	s->gpr[7] = ctx->regs.di;
	s->gpr[8] = ctx->regs.r8;
	s->gpr[9] = ctx->regs.r9;
	s->gpr[10] = ctx->regs.r10;
	s->gpr[11] = ctx->regs.r11;
	s->gpr[12] = ctx->regs.r12;
	s->gpr[13] = ctx->regs.r13;
	s->gpr[14] = ctx->regs.r14;
	s->gpr[15] = ctx->regs.r15;
	if (!bpf_probe_read_kernel(s->stack, sizeof(s->stack), (void *)s->gpr[4]))
		s->stack_words = KVAS_SAMPLE_STACK;
}

static __always_inline void kernel_text(struct kvas_sample *s)
{
	if (!bpf_probe_read_kernel(s->before, sizeof(s->before) + sizeof(s->code),
				   (void *)(s->ip - sizeof(s->before)))) {
		s->before_bytes = sizeof(s->before);
		s->code_bytes = sizeof(s->code);
	} else if (!bpf_probe_read_kernel(s->code, sizeof(s->code), (void *)s->ip)) {
		s->code_bytes = sizeof(s->code);
	}
}

static __always_inline void state(struct kvas_sample *s, struct kvas_perf_data *ctx)
{
	if (ctx->regs.cs & CPL) {
		s->user = 1;
		if (!bpf_probe_read_user(s->code, 2, (void *)(s->ip - 2)))
			s->code_bytes = 2;
		return;
	}
	kernel_text(s);
	if (s->by == KVAS_BY_CLOCK)
		kernel_state(s, ctx);
	else
		s->address = ctx->addr;
}

/*
 * The ticks that were due between the last and this one, while one sampled task ran all the
 * time, and did not come: the kernel drops those that interrupt a bpf() call on a map or
 * another program (bpf_prog_active). The timer keeps to its beat, so such a span is so many
 * whole periods; one that is not has a late tick at an end, or the machine stood still.
 * TID 0: not sampled.
 */
static __always_inline void count_missed(struct kvas_sampler_cpu *cpu, u64 now, u32 tid)
{
	u64 period = *(volatile u64 *)&period_ns, span = now - cpu->last_ns, beats, run;
	s64 off, away;

	if (!period || !tid) {
		cpu->last_tid = 0;
		return;
	}
	run = task_runtime_read((struct task_struct *)bpf_get_current_task(), now);
	away = span - (run - cpu->last_ran);
	/* The first behind a change ends a span that was part old, part new. */
	if (cpu->last_tid == tid && cpu->period_ns == period) {
		beats = (span + period / 2) / period;
		off = span - beats * period;
		if (beats > 1 && beats <= ROW && off * BEAT < (s64)period && -off * BEAT < (s64)period &&
		    away * BEAT < (s64)period)
			cpu->missed += beats - 1;
	}
	cpu->last_ns = now;
	cpu->last_ran = run;
	cpu->last_tid = tid;
	cpu->period_ns = period;
}

static __always_inline bool wanted(u32 pid)
{
	char comm[KVAS_COMM_LEN] = {};

	if (own_pid && pid == own_pid)
		return false;
	if (cfg.comm[0]) {
		bpf_get_current_comm(comm, sizeof(comm));
		for (int i = 0; i < KVAS_COMM_LEN; i++)
			if (comm[i] != cfg.comm[i])
				return false;
	}
	if (cfg.cgroup && !in_cgroup(current_cgroups(), cfg.cgroup, cfg.cgroup_level))
		return false;
	return !cfg.follow || bpf_map_lookup_elem(&followed, &pid);
}

static __always_inline void fill(struct kvas_sample *s, struct kvas_perf_data *ctx, u64 now, u64 id)
{
	s->time_ns = now;
	s->ip = ctx->regs.ip;
	s->cpu = bpf_get_smp_processor_id();
	s->pid = id >> 32;
	s->tid = id;
	bpf_get_current_comm(s->comm, sizeof(s->comm));
}

static __always_inline int take_sample(struct kvas_perf_data *ctx, u32 by)
{
	u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
	u32 ring_at = bpf_get_smp_processor_id(), zero = 0;
	struct kvas_sampler_cpu *cpu = bpf_map_lookup_elem(&sampler_cpus, &zero);
	struct kvas_sample *s = 0;
	bool is_wanted;
	void *ring;

	if (!cpu)
		return 0;
	is_wanted = wanted(id >> 32);
	if (by == KVAS_BY_CLOCK)
		count_missed(cpu, now, is_wanted ? (u32)id : 0);
	/* Not every PMU can be told to leave user mode out. */
	if (!is_wanted || (by != KVAS_BY_CLOCK && (ctx->regs.cs & CPL)))
		return 0;
	if (cfg.nr_rings)
		ring_at %= cfg.nr_rings;
	ring = bpf_map_lookup_elem(&sample_rings, &ring_at);
	if (ring)
		s = bpf_ringbuf_reserve(ring, sizeof(*s), 0);
	if (!s) {
		cpu->lost++;
		return 0;
	}
	/* A ring's memory holds old samples. */
	__builtin_memset(s, 0, sizeof(*s));
	fill(s, ctx, now, id);
	s->percpu = (u64)cpu; /* the per-CPU pointer of it is still to come off */
	s->by = by;
	state(s, ctx);
	bpf_ringbuf_submit(s, BPF_RB_NO_WAKEUP); /* the reader comes by itself */
	return 0;
}

/* What a followed process makes is followed. */
SEC("tp_btf/task_newtask")
int BPF_PROG(follow_new, struct task_struct *task, u64 clone_flags)
{
	u32 parent = bpf_get_current_pid_tgid() >> 32, pid = task_pid(task), zero = 0;
	u64 start = task_start_time(task);
	struct kvas_sampler_cpu *cpu;

	if (clone_flags & CLONE_THREAD || !bpf_map_lookup_elem(&followed, &parent) ||
	    !bpf_map_update_elem(&followed, &pid, &start, BPF_ANY))
		return 0;
	cpu = bpf_map_lookup_elem(&sampler_cpus, &zero);
	if (cpu)
		cpu->unfollowed++;
	return 0;
}

/* Until the very end: closing what is open is work of the process too. */
SEC("tp_btf/sched_process_free")
int BPF_PROG(follow_freed, struct task_struct *task)
{
	u32 pid = task_pid(task);
	u64 *start = bpf_map_lookup_elem(&followed, &pid);

	if (start && task_tid(task) == pid && (!*start || *start == task_start_time(task)))
		bpf_map_delete_elem(&followed, &pid);
	return 0;
}

#define SAMPLER(name, by) \
	PROGRAM_OF(struct kvas_perf_data, "perf_event", name, take_sample(ctx, by))

SAMPLER(sample_access, KVAS_BY_CLOCK)
/* On events of the PMU that tell the address of the data: PEBS's, IBS's. */
SAMPLER(sample_loads, KVAS_BY_LOADS)
SAMPLER(sample_stores, KVAS_BY_STORES)
SAMPLER(sample_either, KVAS_BY_EITHER)

char LICENSE[] SEC("license") = "GPL";
