/* SPDX-License-Identifier: GPL-2.0 */
#include "trace/watch.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dmap.skel.h"
#include "kernel/kernel_btf.h"
#include "kernel/ksyms.h"
#include "model/hooks.h"

struct watch {
	struct dmap_bpf *skel;
	struct ring_buffer *ring;
	const char *how;
	watch_fn fn;
	void *ctx;
};

/* Ways to attach, best first; collapse_large_pages() is there from 6.16 on only. */
static const struct way {
	enum attach_how how, back;
	bool collapse;
} ways[] = {
	{ HOW_FENTRY, HOW_FEXIT, true },
	{ HOW_FENTRY, HOW_FEXIT, false },
	{ HOW_KPROBE, HOW_KRETPROBE, true },
	{ HOW_KPROBE, HOW_KRETPROBE, false },
};

static void choose(struct dmap_bpf *skel, const struct way *way)
{
	bool fentry = way->how == HOW_FENTRY;

	bpf_program__set_autoload(skel->progs.cpa_fentry, fentry);
	bpf_program__set_autoload(skel->progs.cpa_fexit, fentry);
	bpf_program__set_autoload(skel->progs.cpa_kprobe, !fentry);
	bpf_program__set_autoload(skel->progs.cpa_kretprobe, !fentry);
	bpf_program__set_autoload(skel->progs.collapse_fentry, fentry && way->collapse);
	bpf_program__set_autoload(skel->progs.collapse_fexit, fentry && way->collapse);
	bpf_program__set_autoload(skel->progs.collapse_kprobe, !fentry && way->collapse);
	bpf_program__set_autoload(skel->progs.collapse_kretprobe, !fentry && way->collapse);
}

/* The exits first: a call whose entry is seen must be seen to end. Attaching changes
 * mappings itself. 0, or -errno. */
static int attach_programs(struct dmap_bpf *skel)
{
	struct {
		struct bpf_program *prog;
		struct bpf_link **link;
	} order[] = {
		{ skel->progs.cpa_fexit, &skel->links.cpa_fexit },
		{ skel->progs.cpa_kretprobe, &skel->links.cpa_kretprobe },
		{ skel->progs.collapse_fexit, &skel->links.collapse_fexit },
		{ skel->progs.collapse_kretprobe, &skel->links.collapse_kretprobe },
		{ skel->progs.cpa_fentry, &skel->links.cpa_fentry },
		{ skel->progs.cpa_kprobe, &skel->links.cpa_kprobe },
		{ skel->progs.collapse_fentry, &skel->links.collapse_fentry },
		{ skel->progs.collapse_kprobe, &skel->links.collapse_kprobe },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!bpf_program__autoload(order[i].prog))
			continue;
		*order[i].link = bpf_program__attach(order[i].prog);
		if (!*order[i].link)
			return -errno;
	}
	return 0;
}

/* 0, or -errno. */
static int attach(struct watch *w, const struct way *way, __u64 counts)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = KERNEL_BTF);
	int error;

	w->skel = dmap_bpf__open_opts(&opts);
	if (!w->skel)
		return -errno;
	choose(w->skel, way);
	w->skel->rodata->counts_at = counts;
	error = dmap_bpf__load(w->skel);
	if (!error)
		error = attach_programs(w->skel);
	if (!error) {
		w->how = attach_how_name(way->how);
		return 0;
	}
	dmap_bpf__destroy(w->skel);
	w->skel = NULL;
	return error;
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct watch *w = ctx;
	struct kvas_dmap_event ev;

	if (size < sizeof(ev))
		return 0;
	memcpy(&ev, data, sizeof(ev));
	if (ev.frames > KVAS_DMAP_FRAMES)
		ev.frames = KVAS_DMAP_FRAMES;
	w->fn(w->ctx, &ev);
	return 0;
}

static int attach_any(struct watch *w, unsigned int avoid, __u64 counts)
{
	int error = -EPERM;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && !w->skel; i++)
		if (!(avoid & (1u << ways[i].how | 1u << ways[i].back)))
			error = attach(w, &ways[i], counts);
	return w->skel ? 0 : error;
}

int watch_create(struct watch **out, unsigned int avoid, struct err *e)
{
	struct ksym counts = { "direct_pages_count", 0 };
	struct watch *w;
	int error;

	ksyms_find(KALLSYMS, &counts, 1);
	if (!counts.addr)
		return err_set(e, "kallsyms has no direct_pages_count");
	w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(e, "out of memory");
	error = attach_any(w, avoid, counts.addr);
	if (error) {
		watch_destroy(w);
		return err_set(e, "__change_page_attr_set_clr can be hooked by neither fentry nor "
				  "kprobe: %s", strerror(-error));
	}
	w->ring = ring_buffer__new(bpf_map__fd(w->skel->maps.events), on_record, w, NULL);
	if (!w->ring) {
		watch_destroy(w);
		return err_set(e, "the ring buffer cannot be mapped: %s", strerror(errno));
	}
	*out = w;
	return 0;
}

void watch_destroy(struct watch *w)
{
	if (!w)
		return;
	ring_buffer__free(w->ring);
	dmap_bpf__destroy(w->skel);
	free(w);
}

const char *watch_how(const struct watch *w)
{
	return w->how;
}

int watch_poll(struct watch *w, int timeout_ms, watch_fn fn, void *ctx, struct err *e)
{
	int n;

	w->fn = fn;
	w->ctx = ctx;
	n = ring_buffer__poll(w->ring, timeout_ms);
	if (n < 0 && n != -EINTR)
		return err_set(e, "the ring buffer cannot be read: %s", strerror(-n));
	return 0;
}

__u64 watch_lost(const struct watch *w)
{
	return w->skel->bss->lost;
}
