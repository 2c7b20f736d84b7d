/* SPDX-License-Identifier: GPL-2.0 */
/* What a session knows to be lost. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "model/words.h"
#include "trace/session_impl.h"

/* Times a program did not run because one was running on the CPU (5.12 on). */
static void add_recursion(struct session *s, struct meta *meta)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, s->skel->obj) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_program__fd(p);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.recursion_misses)
			meta_add_loss(meta, "recursion", bpf_program__name(p),
				      info.recursion_misses);
	}
}

static __u64 counter_sum(const struct session *s, unsigned int c)
{
	__u64 sum = 0;

	for (unsigned int cpu = 0; cpu < s->cpus; cpu++)
		sum += s->cpu[0][cpu].c[c];
	return sum;
}

/* What the kernel did and told no program of. */
static const struct {
	unsigned int counter;
	const char *what;
} undelivered[] = {
	{ KVAS_C_SWITCH_MISSED, "sched_switch" },
	{ KVAS_C_PGD_FREE_MISSED, "pgd_free" },
};

void session_losses(struct session *s, struct meta *meta)
{
	struct rings_stats st = rings_stats(s->rings);
	__u64 sum;

	if (!session_read_into(s, s->cpu[0], NULL)) {
		for (unsigned int i = 0; i < KVAS_LOSS_MAP_END; i++) {
			sum = counter_sum(s, KVAS_C_LOST_MAP + i);
			if (sum)
				meta_add_loss(meta, "map_full", word_map_loss_name(i), sum);
		}
		for (unsigned int i = 0; i < sizeof(undelivered) / sizeof(*undelivered); i++) {
			sum = counter_sum(s, undelivered[i].counter);
			if (sum)
				meta_add_loss(meta, "not_delivered", undelivered[i].what, sum);
		}
	}
	if (st.late)
		meta_add_loss(meta, "reader_late", "records", st.late);
	if (st.bad)
		meta_add_loss(meta, "bad_record", "ring", st.bad);
	add_recursion(s, meta);
}
