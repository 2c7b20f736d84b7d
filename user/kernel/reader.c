/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/reader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kvas/memory.h"
#include "memory.skel.h"

struct reader {
	struct memory_bpf *skel;
	struct kvas_memory *shared; /* the map's value, mapped */
	size_t mapped;
};

int reader_create(struct reader **out, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	long page = sysconf(_SC_PAGESIZE);
	void *p;

	if (!r)
		return err_set(e, "out of memory");
	r->skel = memory_bpf__open_and_load();
	if (!r->skel) {
		int error = errno;

		free(r);
		return err_set_status(e, KVAS_EXIT_HOST,
				      "the kernel reader cannot be loaded: %s", strerror(error));
	}
	r->mapped = (sizeof(struct kvas_memory) + page - 1) / page * page;
	p = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED,
		 bpf_map__fd(r->skel->maps.memory), 0);
	if (p == MAP_FAILED) {
		reader_destroy(r);
		return err_set(e, "the kernel reader's buffer cannot be mapped: %s",
			       strerror(errno));
	}
	r->shared = p;
	*out = r;
	return 0;
}

void reader_destroy(struct reader *r)
{
	if (!r)
		return;
	if (r->shared)
		munmap(r->shared, r->mapped);
	memory_bpf__destroy(r->skel);
	free(r);
}

static int run(const struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
}

int reader_read(void *ctx, __u64 va, void *buf, size_t len)
{
	struct reader *r = ctx;

	if (len > KVAS_MEMORY_PAGE)
		return -1;
	r->shared->va = va;
	r->shared->len = len;
	r->shared->result = -1;
	if (run(r->skel->progs.kread) || r->shared->result)
		return -1;
	memcpy(buf, r->shared->data, len);
	return 0;
}

int reader_self(struct reader *r, struct reader_self *out)
{
	r->shared->mm = 0;
	if (run(r->skel->progs.self) || !r->shared->mm)
		return -1;
	*out = (struct reader_self){
		.task = r->shared->task,
		.stack = r->shared->stack,
		.mm = r->shared->mm,
		.pgd = r->shared->pgd,
		.page_size = r->shared->page_size,
		.pt_mm_offset = r->shared->pt_mm_offset,
		.pt_mm_known = r->shared->pt_mm_known,
	};
	return 0;
}
