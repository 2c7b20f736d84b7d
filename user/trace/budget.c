/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/budget.h"

#include <bpf/libbpf.h>
#include <sys/stat.h>

#include "kernel/kernel_btf.h"
#include "kernel/limits.h"
#include "kvas/sample.h"

#define MIB (1024u * 1024u)
/* All rings together, unless --ring-size says otherwise. */
#define RINGS_TOTAL (256 * MIB)
#define RING_MAX (4 * MIB)
#define RING_MIN (256u * 1024u)
#define SAMPLE_RING_SECONDS 2.5
/* Beside the rings: what a run took at least on 6.12 (31 MiB with two rings of 4 MiB, and 5 more
 * with the kernel's symbols). The kernel's types are held twice. */
#define RUN_BYTES (11 * MIB)
#define SYMBOLS_BYTES (5 * MIB)

unsigned int budget_rings(__u32 cpus)
{
	__u32 online = limits_online(cpus);

	return online < 1 ? 1 : online < KVAS_MAX_RINGS ? online : KVAS_MAX_RINGS;
}

__u32 budget_ring_bytes(__u32 asked, unsigned int nr)
{
	__u32 bytes = RING_MAX;

	if (asked)
		return asked;
	while (bytes > RING_MIN && (__u64)bytes * nr > RINGS_TOTAL)
		bytes /= 2;
	return bytes;
}

__u32 budget_sample_ring_bytes(__u32 hz, unsigned int events)
{
	__u32 want = events * hz * SAMPLE_RING_SECONDS * (sizeof(struct kvas_sample) + 8);
	__u32 bytes = 32768;

	while (bytes < want)
		bytes *= 2;
	return bytes;
}

int budget_check(const struct run_opts *opts, struct err *e)
{
	int cpus = libbpf_num_possible_cpus();
	unsigned int rings = budget_rings(cpus < 1 ? 1 : cpus);
	__u64 each = budget_ring_bytes(opts->ring_bytes, rings), need = RUN_BYTES + rings * each;
	struct memory_limit l;
	struct stat btf;

	memory_limit_read("", &l);
	if (!stat(KERNEL_BTF, &btf))
		need += 2 * btf.st_size;
	if (opts->sample_hz && opts->emit & (1u << KVAS_KIND_ACCESS))
		need += SYMBOLS_BYTES + (__u64)rings * budget_sample_ring_bytes(opts->sample_hz, 1);
	if (!l.group[0] || l.used + need <= l.max)
		return 0;
	return err_set_status(e, KVAS_EXIT_HOST,
			      "kvas needs about %llu MiB, %llu of them for %u rings (--ring-size), and its "
			      "control group has less: %s is %llu MiB, %llu in use", (need + MIB - 1) / MIB,
			      rings * each / MIB, rings, l.group, l.max / MIB, (l.used + MIB - 1) / MIB);
}
