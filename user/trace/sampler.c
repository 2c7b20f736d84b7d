/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/sampler.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "access/resolve.h"
#include "clock.h"
#include "kernel/iter.h"
#include "kernel/kernel_btf.h"
#include "kernel/pmu.h"
#include "kernel/programs.h"
#include "kernel/refusal.h"
#include "kvas/sample.h"
#include "trace/budget.h"
#include "trace/events.h"

#include "access.skel.h"

#define OFTEN_HZ 500 /* from here on rings are drained often rather than made large */
#define MUCH 16384 /* samples */
#define SOME_NS 5000000ULL /* worth of them */
#define WOBBLE 10 /* percent that the period varies either way */
#define WOBBLE_PERIODS 50 /* at least between two changes: each costs half a period */
#define WOBBLE_NS 250000000ULL /* at least */

struct waiting {
	struct kvas_sample sample;
	struct kvas_rec_access rec;
	bool expects; /* rec is to be completed */
};

struct sampler {
	struct sampler_opts opts;
	const struct host_info *host;
	struct access_bpf *skel;
	struct ring_buffer *rings;
	int *ring_fd;
	__u32 nr_rings;
	struct events clock, pmu;
	struct pmu_event memory[PMU_EVENTS]; /* what sysfs lists of the PMU's */
	bool opened[PMU_EVENTS]; /* on some CPU */
	size_t nr_memory;
	int pmu_error; /* one that could not: -errno */
	bool *off; /* by CPU: it was when the events were opened */
	bool running;
	__u32 dead; /* clock events whose CPU went off */
	struct waiting *waiting; /* read, not handed on yet */
	size_t nr, room;
	struct program *programs; /* at tracepoints when the run began */
	struct resolver resolver;
	bool prepared;
	struct kvas_sampler_cpu *cpus; /* as last read */
	__u64 *lost; /* by CPU */
	__u64 bad; /* ring records that are no sample */
	__u64 dropped; /* samples that there was no memory for */
	__u64 draws; /* of the period */
	__u64 drawn_ns; /* when the last was drawn */
};

static int stage_sample(void *ctx, void *data, size_t size)
{
	struct sampler *s = ctx;
	__u64 element = s->skel->bss->cpus_percpu;
	size_t room = s->room ? s->room * 2 : 1024;
	struct waiting *w;

	if (size != sizeof(w->sample)) {
		s->bad++;
		return 0;
	}
	if (s->nr == s->room) {
		w = realloc(s->waiting, room * sizeof(*w));
		if (!w) {
			s->dropped++;
			return 0;
		}
		s->waiting = w;
		s->room = room;
	}
	w = &s->waiting[s->nr++];
	memcpy(&w->sample, data, size);
	w->sample.percpu -= element ? element : w->sample.percpu;
	w->expects = resolve_sample(&s->resolver, &w->sample, &w->rec);
	return 0;
}

int sampler_patience_ms(const struct sampler *s)
{
	return s->opts.hz < OFTEN_HZ ? 1000 : 250;
}

static int open_rings(struct sampler *s, struct err *e)
{
	__u32 bytes = budget_sample_ring_bytes(s->opts.hz, 1 + s->nr_memory);
	int outer = bpf_map__fd(s->skel->maps.sample_rings), failed = 0;

	s->ring_fd = calloc(s->nr_rings, sizeof(*s->ring_fd));
	if (!s->ring_fd)
		return err_set(e, "out of memory");
	for (__u32 i = 0; i < s->nr_rings && !failed; i++) {
		s->ring_fd[i] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "kvas_samples", 0, 0, bytes,
					       NULL);
		if (s->ring_fd[i] < 0)
			failed = errno;
		else if (!i)
			s->rings = ring_buffer__new(s->ring_fd[i], stage_sample, s, NULL);
		if (!failed && i)
			failed = -ring_buffer__add(s->rings, s->ring_fd[i], stage_sample, s);
		if (!failed && (!s->rings || bpf_map_update_elem(outer, &i, &s->ring_fd[i], BPF_ANY)))
			failed = errno;
	}
	return failed ? refusal(e, failed, "the sampler's rings cannot be made") : 0;
}

static int load_sampler(struct sampler *s, struct err *e)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = KERNEL_BTF);
	int error = 0;

	s->skel = access_bpf__open_opts(&opts);
	if (s->skel) {
		s->skel->rodata->cfg.nr_rings = s->nr_rings;
		s->skel->rodata->cfg.follow = s->opts.pid != 0;
		memcpy(s->skel->rodata->cfg.comm, s->opts.comm, KVAS_COMM_LEN);
		s->skel->rodata->cfg.cgroup = s->opts.cgroup.id;
		s->skel->rodata->cfg.cgroup_level = s->opts.cgroup.level;
		if (!s->opts.pid)
			bpf_map__set_max_entries(s->skel->maps.followed, 1);
		bpf_program__set_autoload(s->skel->progs.follow_new, s->opts.pid != 0);
		bpf_program__set_autoload(s->skel->progs.follow_freed, s->opts.pid != 0);
		error = access_bpf__load(s->skel);
	}
	if (!s->skel || error)
		return refusal(e, error ? -error : errno, "the sampler's program cannot be loaded");
	return 0;
}

/* One event, not counting yet, with the program on it. */
static int open_clock(struct sampler *s, int cpu, struct err *e)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = s->opts.hz,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED,
		.disabled = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == ENODEV) {
		s->off[cpu] = true;
		return 0;
	}
	if (fd < 0 && errno == EINVAL)
		return err_set(e, "this kernel has no cpu-clock event at %u Hz", s->opts.hz);
	if (fd < 0)
		return refusal(e, errno, "a cpu-clock event cannot be opened");
	return events_add(&s->clock, fd, -1, s->skel->progs.sample_access, e);
}

/* What there is of the PMU's events there: a hybrid's are only on some CPUs. */
static void open_pmu(struct sampler *s, int cpu)
{
	struct bpf_program *const program[] = {
		[KVAS_BY_LOADS] = s->skel->progs.sample_loads,
		[KVAS_BY_STORES] = s->skel->progs.sample_stores,
		[KVAS_BY_EITHER] = s->skel->progs.sample_either,
	};

	for (size_t i = 0; i < s->nr_memory; i++) {
		int leader, fd = pmu_open(&s->memory[i], s->opts.hz, cpu, &leader);

		if (fd >= 0)
			s->opened[i] |= !events_add(&s->pmu, fd, leader, program[s->memory[i].by],
						    NULL);
		else if (!s->pmu_error || (fd != -ENOENT && fd != -ENODEV))
			s->pmu_error = fd;
	}
}

/* On every CPU, also for one process: an event that tasks inherit begins a period anew in
 * each, so that it never meets what ends within one. Who is followed the program knows. */
static int open_events(struct sampler *s, struct err *e)
{
	s->off = calloc(s->host->cpus, sizeof(*s->off));
	if (!s->off)
		return err_set(e, "out of memory");
	for (__u32 cpu = 0; cpu < s->host->cpus; cpu++) {
		if (open_clock(s, cpu, e))
			return -1;
		open_pmu(s, cpu);
	}
	return 0;
}

/* The process, before what makes others known to be its own. */
static int follow(struct sampler *s, struct err *e)
{
	__u32 pid = s->opts.pid;
	__u64 any_start = 0;

	if (!pid)
		return 0;
	if (bpf_map_update_elem(bpf_map__fd(s->skel->maps.followed), &pid, &any_start, BPF_ANY))
		return err_set(e, "process %u cannot be followed: %s", pid, strerror(errno));
	s->skel->links.follow_freed = bpf_program__attach(s->skel->progs.follow_freed);
	s->skel->links.follow_new = bpf_program__attach(s->skel->progs.follow_new);
	if (!s->skel->links.follow_freed || !s->skel->links.follow_new)
		return err_set(e, "new processes cannot be followed: %s", strerror(errno));
	return 0;
}

/* The base of gs; not known, should any of this fail. */
static void find_percpu(struct sampler *s)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	struct bpf_link *link;
	size_t room = 0, got;
	void *buf = NULL;

	if (bpf_obj_get_info_by_fd(bpf_map__fd(s->skel->maps.sampler_cpus), &info, &len))
		return;
	s->skel->bss->cpus_id = info.id;
	link = bpf_program__attach_iter(s->skel->progs.find_percpu, NULL);
	if (link)
		iter_read(link, &buf, &room, &got, NULL);
	bpf_link__destroy(link);
	free(buf);
}

/* What decoding needs of the kernel. What cannot be had leaves its fields unknown. */
void sampler_prepare(struct sampler *s)
{
	const struct layout *l = &s->host->layout;
	struct resolver *r = &s->resolver;
	struct reader_self self;
	struct symbols *symbols;
	size_t nr = 0;

	if (s->prepared)
		return;
	s->prepared = true;
	symbols = symbols_later_get(s->opts.symbols);
	if (symbols)
		nr = programs_read(&s->programs, symbols);
	r->symbols = symbols;
	r->site = calloc(RESOLVER_SITES, sizeof(*r->site));
	if (symbols)
		r->text = text_create(symbols, reader_read, s->opts.reader);
	if (r->text)
		r->irqoff = irqoff_create(r->text, s->programs, nr);
	if (l->page_offset && !reader_self(s->opts.reader, &self))
		r->leaf = leaf_cache_create(reader_read, s->opts.reader, self.pgd, paging_of(l->levels),
					    l->page_offset);
}

void sampler_destroy(struct sampler *s)
{
	if (!s)
		return;
	events_close(&s->clock);
	events_close(&s->pmu);
	ring_buffer__free(s->rings);
	for (__u32 i = 0; s->ring_fd && i < s->nr_rings; i++)
		if (s->ring_fd[i] > 0)
			close(s->ring_fd[i]);
	access_bpf__destroy(s->skel);
	irqoff_destroy(s->resolver.irqoff);
	text_destroy(s->resolver.text);
	leaf_cache_destroy(s->resolver.leaf);
	free(s->resolver.site);
	free(s->cpus);
	free(s->lost);
	free(s->off);
	free(s->ring_fd);
	free(s->waiting);
	free(s->programs);
	free(s);
}

int sampler_create(struct sampler **out, const struct sampler_opts *opts,
		   const struct host_info *host, struct err *e)
{
	struct sampler *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, "out of memory");
	s->opts = *opts;
	s->host = host;
	s->nr_rings = budget_rings(host->cpus);
	s->nr_memory = pmu_memory_events(PMU_SYSFS, s->memory);
	region_map_make(&s->resolver.map, &host->layout);
	s->resolver.thread_size = host->thread_size;
	if (load_sampler(s, e) || open_rings(s, e) || open_events(s, e) || follow(s, e)) {
		sampler_destroy(s);
		return -1;
	}
	find_percpu(s);
	*out = s;
	return 0;
}

/* 0 while events change: a tick then says nothing of how many should have come. */
static void tell_period(struct sampler *s, __u64 ns)
{
	*(volatile __u64 *)&s->skel->bss->period_ns = ns;
}

void sampler_start(struct sampler *s)
{
	s->running = true;
	tell_period(s, 1000000000ULL / s->opts.hz);
	events_switch(&s->clock, PERF_EVENT_IOC_ENABLE);
	events_switch(&s->pmu, PERF_EVENT_IOC_ENABLE);
}

void sampler_stop(struct sampler *s)
{
	if (s->running)
		s->dead = events_dead(&s->clock);
	s->running = false;
	events_switch(&s->pmu, PERF_EVENT_IOC_DISABLE);
	events_switch(&s->clock, PERF_EVENT_IOC_DISABLE);
}

bool sampler_precise(const struct sampler *s, char *how, size_t len)
{
	size_t at = 0;

	how[0] = '\0';
	for (size_t i = 0; i < s->nr_memory && at < len; i++)
		if (s->opened[i])
			at += snprintf(how + at, len - at, "%s%s", at ? ", " : "", s->memory[i].name);
	if (at)
		return true;
	if (s->nr_memory)
		snprintf(how, len, "%s cannot be opened: %s", s->memory[0].name,
			 strerror(-s->pmu_error));
	else
		snprintf(how, len, "no PMU here has mem-loads (PEBS) or is ibs_op (IBS)");
	return false;
}

/* Work that repeats in step with the timer would be met at the same places for ever: now and
 * then the period is drawn anew. It begins at once, and what was left of the old is gone. */
static void wobble(struct sampler *s)
{
	__u64 ns = 1000000000ULL / s->opts.hz, now = clock_monotonic_ns();

	if (now - s->drawn_ns < WOBBLE_NS || now - s->drawn_ns < WOBBLE_PERIODS * ns)
		return;
	s->drawn_ns = now;
	s->draws = s->draws * 6364136223846793005ULL + 1442695040888963407ULL;
	ns = ns * (1000 - 10 * WOBBLE + (s->draws >> 33) % (20 * WOBBLE + 1)) / 1000;
	tell_period(s, 0);
	events_period(&s->clock, ns);
	tell_period(s, ns);
}

static int by_time(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return x->rec.h.time_ns < y->rec.h.time_ns ? -1 : x->rec.h.time_ns > y->rec.h.time_ns;
}

void sampler_drain(struct sampler *s, enum sampler_hand hand, sampler_fn fn, void *ctx)
{
	__u64 until = clock_monotonic_ns();
	union kvas_record rec;
	size_t done = 0;

	wobble(s);
	ring_buffer__consume(s->rings);
	if (!s->nr || (hand == SAMPLER_KEEP && s->nr < MUCH))
		return;
	qsort(s->waiting, s->nr, sizeof(*s->waiting), by_time);
	/* What came while the rings were read may not be all of its time. */
	for (; done < s->nr && s->waiting[done].rec.h.time_ns < until; done++) {
		struct waiting *w = &s->waiting[done];

		if (w->expects && hand != SAMPLER_ALL && clock_monotonic_ns() > until + SOME_NS)
			break;
		if (w->expects)
			resolve_expected(&s->resolver, &w->sample, &w->rec);
		rec.access = w->rec;
		fn(ctx, &rec);
	}
	memmove(s->waiting, s->waiting + done, (s->nr - done) * sizeof(*s->waiting));
	s->nr -= done;
}

/* What the program counted by CPU; NULL it cannot be read. */
static const struct kvas_sampler_cpu *read_cpus(struct sampler *s)
{
	__u32 zero = 0;

	if (!s->cpus)
		s->cpus = calloc(s->host->cpus, sizeof(*s->cpus));
	if (!s->cpus ||
	    bpf_map_lookup_elem(bpf_map__fd(s->skel->maps.sampler_cpus), &zero, s->cpus))
		return NULL;
	return s->cpus;
}

const __u64 *sampler_lost(struct sampler *s)
{
	const struct kvas_sampler_cpu *cpu = read_cpus(s);

	if (!s->lost)
		s->lost = calloc(s->host->cpus, sizeof(*s->lost));
	for (__u32 i = 0; cpu && s->lost && i < s->host->cpus; i++)
		s->lost[i] = cpu[i].lost;
	return cpu ? s->lost : NULL;
}

static bool counted(const struct kvas_cpu *cpu)
{
	for (unsigned int c = 0; c < KVAS_C_COUNT; c++)
		if (cpu->c[c])
			return true;
	return false;
}

/* CPUs that went off while the sampler ran, or were off before and came on: something was counted
 * there. They could be sampled anew only with the right to open events, which kvas has given up. */
static __u64 unsampled_cpus(const struct sampler *s, const struct kvas_cpu *cpus)
{
	__u64 nr = s->dead;

	for (__u32 cpu = 0; cpus && cpu < s->host->cpus; cpu++)
		nr += s->off[cpu] && counted(&cpus[cpu]);
	return nr;
}

void sampler_losses(struct sampler *s, const struct kvas_cpu *cpus, struct meta *meta)
{
	const struct kvas_sampler_cpu *cpu = read_cpus(s);
	__u64 unfollowed = 0, missed = 0, unsampled = unsampled_cpus(s, cpus);

	for (__u32 i = 0; cpu && i < s->host->cpus; i++) {
		missed += cpu[i].missed;
		unfollowed += cpu[i].unfollowed;
	}
	if (missed)
		meta_add_loss(meta, "not_delivered", "sampler_ticks", missed);
	if (unfollowed)
		meta_add_loss(meta, "map_full", "sampler_processes", unfollowed);
	if (unsampled)
		meta_add_loss(meta, "not_sampled", "cpus_switched", unsampled);
	if (s->bad)
		meta_add_loss(meta, "bad_record", "samples", s->bad);
	if (s->dropped)
		meta_add_loss(meta, "no_memory", "samples", s->dropped);
}
