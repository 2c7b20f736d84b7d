/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/reader.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/iter.h"
#include "kernel/kernel_btf.h"
#include "kernel/refusal.h"
#include "kernel/thread_size.h"
#include "kvas/reader.h"
#include "reader.skel.h"

struct reader {
	struct reader_bpf *skel;
	struct kvas_kread *shared; /* the map's value, mapped */
	size_t mapped;
};

/* 0, or -errno. Only who asks for the tasks or the AREAS pays for their programs. */
static int load_reader(struct reader *r, bool areas)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = KERNEL_BTF);
	int error = 0;

	r->skel = reader_bpf__open_opts(&opts);
	if (r->skel) {
		bpf_program__set_autoload(r->skel->progs.tasks, false);
		bpf_program__set_autoload(r->skel->progs.areas, areas);
		bpf_program__set_autoload(r->skel->progs.kread, !areas);
		bpf_program__set_autoload(r->skel->progs.self, !areas);
	}
	if (!r->skel || reader_bpf__load(r->skel))
		error = -errno;
	return error;
}

static int create(struct reader **out, bool areas, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	long page = sysconf(_SC_PAGESIZE);
	int error;
	void *p;

	if (!r)
		return err_set(e, "out of memory");
	error = load_reader(r, areas);
	if (error) {
		reader_bpf__destroy(r->skel);
		free(r);
		return refusal(e, -error, "the kernel reader cannot be loaded");
	}
	r->mapped = (sizeof(struct kvas_kread) + page - 1) / page * page;
	p = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE, MAP_SHARED,
		 bpf_map__fd(r->skel->maps.kread_buffer), 0);
	if (p == MAP_FAILED) {
		reader_destroy(r);
		return err_set(e, "the kernel reader's buffer cannot be mapped: %s",
			       strerror(errno));
	}
	r->shared = p;
	*out = r;
	return 0;
}

int reader_create(struct reader **out, struct err *e)
{
	return create(out, false, e);
}

void reader_destroy(struct reader *r)
{
	if (!r)
		return;
	if (r->shared)
		munmap(r->shared, r->mapped);
	reader_bpf__destroy(r->skel);
	free(r);
}

static int run_program(const struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
}

int reader_read(void *ctx, __u64 va, void *buf, size_t len)
{
	struct reader *r = ctx;

	if (len > KVAS_KREAD_BYTES)
		return -1;
	r->shared->va = va;
	r->shared->len = len;
	r->shared->result = -1;
	if (run_program(r->skel->progs.kread) || r->shared->result)
		return -1;
	memcpy(buf, r->shared->data, len);
	return 0;
}

int reader_self(struct reader *r, struct reader_self *out)
{
	r->shared->mm = 0;
	if (run_program(r->skel->progs.self) || !r->shared->mm)
		return -1;
	*out = (struct reader_self){
		.task = r->shared->task,
		.stack = r->shared->stack,
		.mm = r->shared->mm,
		.pgd = r->shared->pgd,
		.page_size = r->shared->page_size,
		.pt_mm_offset = r->shared->pt_mm_offset,
		.pt_mm_known = r->shared->pt_mm_known,
		.thread_size = thread_size_of(r->shared->irq_stack_bytes, r->shared->stack,
					      r->shared->frame),
		.vmap_node_size = r->shared->vmap_node_size,
		.vmap_node_list = r->shared->vmap_node_list,
	};
	return 0;
}

int reader_tasks(struct kvas_reader_task **rows, size_t *nr, struct err *e)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = KERNEL_BTF);
	struct reader_bpf *skel = reader_bpf__open_opts(&opts);
	struct bpf_link *link = NULL;
	size_t room = 0, got;
	void *buf = NULL;
	int ret = -1;

	if (skel) {
		bpf_program__set_autoload(skel->progs.kread, false);
		bpf_program__set_autoload(skel->progs.self, false);
		bpf_program__set_autoload(skel->progs.areas, false);
		if (!reader_bpf__load(skel))
			link = bpf_program__attach_iter(skel->progs.tasks, NULL);
	}
	if (!link)
		refusal(e, errno, "the task iterator cannot be used here");
	else
		ret = iter_read(link, &buf, &room, &got, e);
	bpf_link__destroy(link);
	reader_bpf__destroy(skel);
	if (ret) {
		free(buf);
		return -1;
	}
	*rows = buf;
	*nr = got / sizeof(**rows);
	return 0;
}

/* Those of the list at HEAD behind the *NR of *ROWS. */
static int read_list(struct reader *r, __u64 head, struct kvas_reader_area **rows, size_t *nr, struct err *e)
{
	const struct kvas_reader_area *got = (const void *)r->shared->data;
	struct kvas_reader_area *more;
	size_t n;

	r->shared->va = head;
	r->shared->node = 0;
	do {
		r->shared->result = -1;
		if (run_program(r->skel->progs.areas) || r->shared->result)
			return err_set(e, "the list of areas changed while it was read");
		n = r->shared->areas;
		if (n > KVAS_READER_AREAS || *nr + n > READER_AREAS_MAX)
			return err_set(e, "the list of areas has no end within %u", READER_AREAS_MAX);
		more = n ? realloc(*rows, (*nr + n) * sizeof(*more)) : NULL;
		if (n && !more)
			return err_set(e, "out of memory");
		if (n)
			memcpy(more + *nr, got, n * sizeof(*got));
		*rows = n ? more : *rows;
		*nr += n;
	} while (r->shared->node);
	return 0;
}

int reader_areas_create(struct reader **out, struct err *e)
{
	return create(out, true, e);
}

int reader_areas(struct reader *r, const __u64 *heads, size_t nr_heads, struct kvas_reader_area **rows,
		 size_t *nr, struct err *e)
{
	int ret = 0;

	*rows = NULL;
	*nr = 0;
	for (size_t i = 0; i < nr_heads && !ret; i++)
		ret = read_list(r, heads[i], rows, nr, e);
	if (!ret)
		return 0;
	free(*rows);
	*rows = NULL;
	return -1;
}
