/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/visitor.h"

#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "kernel/features.h"
#include "model/hooks.h"

enum visit {
	VISIT_OPEN = 0, /* not tried, or the CPU is off or not for kvas */
	VISIT_DONE = 1,
	VISIT_NO_TURN = 2,
};

struct visitor {
	unsigned int cpus;
	enum visit *visit; /* by CPU, the last; but for visitor_switched() */
	cpu_set_t *home, *one; /* where kvas may run; the CPU to visit */
	size_t size; /* bytes of each */
	pthread_t thread;
	pid_t tid;
	bool running; /* the thread is there */
	bool usable; /* it has given up its rights */
	bool ends;
	sem_t go, here;
};

/* sem_wait() that no signal ends. */
static void await(sem_t *s)
{
	while (sem_wait(s) && errno == EINTR)
		;
}

static void *visit(void *arg)
{
	struct visitor *v = arg;

	v->tid = gettid();
	/* It needs none, and a thread that has more rights than another is not moved by it
	 * (cap_safe_nice(), security/commoncap.c, 5.10 to 7.2): kvas drops its own once all is attached. */
	capng_clear(CAPNG_SELECT_CAPS);
	v->usable = !capng_apply(CAPNG_SELECT_CAPS);
	sem_post(&v->here);
	for (;;) {
		await(&v->go);
		if (v->ends)
			return NULL;
		sem_post(&v->here);
	}
}

struct visitor *visitor_create(void)
{
	int cpus = libbpf_num_possible_cpus();
	struct visitor *v = cpus > 0 ? calloc(1, sizeof(*v)) : NULL;

	if (!v)
		return NULL;
	v->cpus = cpus;
	v->size = CPU_ALLOC_SIZE(cpus);
	v->visit = calloc(cpus, sizeof(*v->visit));
	v->home = CPU_ALLOC(cpus);
	v->one = CPU_ALLOC(cpus);
	if (v->visit && v->home && v->one && !sched_getaffinity(0, v->size, v->home) &&
	    !sem_init(&v->go, 0, 0) && !sem_init(&v->here, 0, 0))
		v->running = !pthread_create(&v->thread, NULL, visit, v);
	if (v->running) {
		await(&v->here);
		if (v->usable)
			return v;
	}
	visitor_destroy(v);
	return NULL;
}

void visitor_destroy(struct visitor *v)
{
	if (!v)
		return;
	if (v->running) {
		v->ends = true;
		sem_post(&v->go);
		pthread_join(v->thread, NULL);
	}
	free(v->visit);
	CPU_FREE(v->home);
	CPU_FREE(v->one);
	free(v);
}

/* Has the thread got to run within MS? */
static bool has_run(struct visitor *v, unsigned int ms)
{
	__u64 end = clock_monotonic_ns() + ms * 1000000ULL;
	struct timespec until = { end / NS_PER_S, end % NS_PER_S };
	int r;

	do
		r = sem_clockwait(&v->here, CLOCK_MONOTONIC, &until);
	while (r && errno == EINTR);
	return !r;
}

static void visit_one(struct visitor *v, unsigned int cpu, unsigned int ms)
{
	CPU_ZERO_S(v->size, v->one);
	CPU_SET_S(cpu, v->size, v->one);
	/* It sleeps: this says where it is to wake. */
	if (sched_setaffinity(v->tid, v->size, v->one))
		return;
	sem_post(&v->go);
	v->visit[cpu] = has_run(v, ms) ? VISIT_DONE : VISIT_NO_TURN;
	if (v->visit[cpu] == VISIT_DONE)
		return;
	/* It waits there for its turn. A task that does not run is moved at once to a CPU that it may run
	 * on (__set_cpus_allowed_ptr(), kernel/sched/core.c, 5.10 to 7.2), and stays if it may. */
	for (unsigned int other = 0; other < v->cpus; other++)
		CPU_SET_S(other, v->size, v->one);
	CPU_CLR_S(cpu, v->size, v->one);
	sched_setaffinity(v->tid, v->size, v->one);
	await(&v->here);
}

void visitor_round(struct visitor *v, unsigned int ms)
{
	for (unsigned int cpu = 0; v && cpu < v->cpus; cpu++)
		visit_one(v, cpu, ms);
	if (v)
		sched_setaffinity(v->tid, v->size, v->home);
}

unsigned int visitor_waits(struct visitor *v, char *why, size_t len)
{
	visitor_round(v, VISIT_HOOKS_MS);
	for (unsigned int cpu = 0; v && cpu < v->cpus; cpu++) {
		if (v->visit[cpu] != VISIT_NO_TURN)
			continue;
		snprintf(why, len, "attaching it would wait for cpu%u, which another task holds", cpu);
		return 1u << HOW_FENTRY | 1u << HOW_FEXIT | 1u << HOW_KPROBE | 1u << HOW_KRETPROBE;
	}
	return 0;
}

void visitor_leave_out(struct visitor *v, struct features *f)
{
	char why[100] = "";

	features_avoid(f, visitor_waits(v, why, sizeof(why)), why);
}

void visitor_switched(struct visitor *v, unsigned int cpu)
{
	if (v)
		v->visit[cpu] = VISIT_DONE;
}

void visitor_losses(const struct visitor *v, struct meta *meta)
{
	char name[16];

	for (unsigned int cpu = 0; v && cpu < v->cpus; cpu++) {
		if (v->visit[cpu] != VISIT_NO_TURN)
			continue;
		snprintf(name, sizeof(name), "cpu%u", cpu);
		meta_add_loss(meta, "not_visited", name, 1);
	}
}
