/* SPDX-License-Identifier: GPL-2.0 */
/* A made-up host and one record of each kind, for tests of recordings and views. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/meta.h"
#include "kvas/wire.h"

static inline void fixture_hook(struct meta *m, const char *name, const char *how,
				const char *provenance, const char *why)
{
	struct hook_info *h = &m->hooks[m->nr_hooks++];

	snprintf(h->name, sizeof(h->name), "%s", name);
	snprintf(h->how, sizeof(h->how), "%s", how);
	snprintf(h->provenance, sizeof(h->provenance), "%s", provenance);
	snprintf(h->why, sizeof(h->why), "%s", why);
}

static inline void fixture_meta(struct meta *m)
{
	static const char *const observed[] = {
		"fork",	       "exec",	    "exit",	       "switch",  "page_fault_user",
		"syscall",     "irq_timer", "irq_device",      "irq_reschedule",
		"tlb_flush",   "page_fault_kernel", "vmalloc_alloc", "vmalloc_free",
	};

	memset(m, 0, sizeof(*m));
	strcpy(m->version, "9.9");
	strcpy(m->host.kernel, "6.6.6-test");
	strcpy(m->host.arch, "x86_64");
	m->host.cpus = 4;
	m->host.kpti = ANSWER_NO;
	m->host.pcid = ANSWER_YES;
	m->host.kaslr = ANSWER_YES;
	strcpy(m->host.kpti_how, "told by the test");
	strcpy(m->host.layout_how, "made up");
	m->host.layout = (struct layout){ .levels = 4,
					  .page_offset = 0xffff9a0000000000ULL,
					  .direct_map_end = 0xffff9a0640000000ULL,
					  .vmalloc_base = 0xffffb00000000000ULL,
					  .vmemmap_base = 0xffffe00000000000ULL,
					  .text_base = 0xffffffff9d000000ULL,
					  .randomize_base = ANSWER_YES };
	for (size_t i = 0; i < sizeof(observed) / sizeof(observed[0]); i++)
		fixture_hook(m, observed[i], "tp_btf x", "observed", "");
	fixture_hook(m, "pgd_alloc", "tp_btf task_newtask", "derived", "no trampolines");
	fixture_hook(m, "pgd_free", "tp_btf mm_page_free", "derived", "no trampolines");
	fixture_hook(m, "irq_error", "none", "none", "no such tracepoint");
	m->start_ns = 1000000000;
	m->end_ns = 3000000000;
	m->start_unix_ns = 1700000000000000000LL;
	m->emit = (1u << KVAS_KIND_END) - 2;
	m->pgd_order = 1;
	m->pgd_live_start = 40;
	m->sample_hz = 99;
}

/* Every third was in the kernel, and loads; every second of those stores, too. */
static inline void fixture_access(struct kvas_rec_access *r, __u64 n)
{
	r->ip = 0xffffffff9d004000ULL + n;
	r->mode = n % 3 ? KVAS_ACCESS_IRQS_OFF : KVAS_ACCESS_KERNEL;
	r->stack_region = n % 6 ? KVAS_REGION_VMALLOC : KVAS_REGION_COUNT;
	r->load.region = r->store.region = KVAS_REGION_COUNT;
	strcpy(r->function, n % 5 ? "schedule" : "");
	for (int b = 1; b < KVAS_BASE_END && n % 3; b++) {
		r->expect_load[b] = n * 7 + b;
		r->expect_store[b] = n * 3 + b;
	}
	if (n % 3)
		return;
	r->load = (struct kvas_access){ KVAS_BASE_POINTER, KVAS_REGION_DIRECT_MAP, 8, 1,
					0xffff9a0004000000ULL + n * 8, 2048, 0 };
	if (n % 2)
		r->store = (struct kvas_access){ KVAS_BASE_STACK, KVAS_REGION_VMALLOC, 4, 2,
						 0xffffb00000200000ULL + n * 8, 4, 0 };
	if (n % 4 == 2)
		r->store = (struct kvas_access){ KVAS_BASE_POINTER, KVAS_REGION_OTHER, 8, 1, 0, 0,
						 KVAS_WHY_FS };
}

/* A record of KIND, numbered N so that records differ; every field filled. */
static inline void fixture_record(union kvas_record *r, unsigned int kind, __u64 n)
{
	memset(r, 0, sizeof(*r));
	r->h.time_ns = 1000000000 + n * 1000;
	r->h.kind = kind;
	r->h.cpu = n % 4;
	r->h.pid = 100 + n % 50;
	r->h.tid = 100 + n % 60;
	strcpy(r->h.comm, "make");
	switch (kind) {
	case KVAS_KIND_TASK:
		r->h.size = sizeof(r->task);
		r->task.op = n % 2 ? KVAS_TASK_EXIT : KVAS_TASK_FORK;
		r->task.task = 0xffff9a0001000000ULL + n * 4096;
		r->task.stack = 0xffffb00000010000ULL + n * 16384;
		r->task.mm = 0xffff9a0002000000ULL + n * 1024;
		r->task.pgd = 0xffff9a0003000000ULL + n * 8192;
		r->task.clone_flags = 0x1200011;
		r->task.group_dead = n % 4 == 1;
		r->task.child_pid = 5000 + n;
		r->task.child_tid = 5000 + n;
		for (int i = 0; i < KVAS_T_COUNT; i++)
			r->task.counts[i] = n * 10 + i;
		break;
	case KVAS_KIND_PGD:
		r->h.size = sizeof(r->pgd);
		r->pgd.op = n % 2 ? KVAS_PGD_FREE : KVAS_PGD_ALLOC;
		r->pgd.how = n % 3 ? KVAS_HOW_DERIVED : KVAS_HOW_OBSERVED;
		r->pgd.pgd = 0xffff9a0003000000ULL + n * 8192;
		r->pgd.mm = 0xffff9a0002000000ULL + n * 1024;
		r->pgd.alloc_ns = r->h.time_ns - 500 * n;
		r->pgd.exit_ns = r->h.time_ns - 100 * n;
		r->pgd.owner_pid = 77;
		r->pgd.order = n % 5 ? 1 : KVAS_ORDER_UNKNOWN;
		strcpy(r->pgd.owner_comm, "cc1");
		break;
	case KVAS_KIND_SWITCH:
		r->h.size = sizeof(r->sw);
		r->sw.op = 1 + n % 4;
		r->sw.next_pid = 9;
		r->sw.next_tid = 10;
		strcpy(r->sw.next_comm, "ld");
		r->sw.prev_mm = 0xffff9a0002000000ULL;
		r->sw.next_mm = n % 2 ? 0xffff9a0002000400ULL : 0;
		break;
	case KVAS_KIND_CROSSING:
		r->h.size = sizeof(r->crossing);
		r->crossing.cause = 1 + n % 3;
		r->crossing.nr = n % 2 ? (int)n : -1;
		break;
	case KVAS_KIND_FAULT:
		r->h.size = sizeof(r->fault);
		r->fault.mode = 1 + n % 2;
		r->fault.address = 0x7f0000001000ULL + n * 4096;
		r->fault.ip = n % 2 ? 0xffffffff9d123456ULL : 0x401000;
		r->fault.error_code = n % 32;
		break;
	case KVAS_KIND_ACCESS:
		r->h.size = sizeof(r->access);
		fixture_access(&r->access, n);
		break;
	case KVAS_KIND_MEMORY: /* a sum: of no CPU and no task */
		r->h = (struct kvas_hdr){ .time_ns = r->h.time_ns, .kind = kind,
					  .size = sizeof(r->memory) };
		r->memory.use = 1 + n % 5;
		r->memory.region = n % KVAS_REGION_COUNT;
		r->memory.order = n % 30;
		r->memory.count = n + 1;
		r->memory.bytes = n * 1000;
		strcpy(r->memory.function, n % 5 ? "load_msg" : "");
		break;
	default:
		r->h.size = sizeof(r->vm);
		r->vm.op = 1 + n % 4;
		r->vm.address = 0xffffb00000100000ULL + n * 8192;
		r->vm.bytes = n % 4 ? 20480 : 0;
		r->vm.alloc_ns = n % 4 ? r->h.time_ns - 7 : 0;
		r->vm.areas = n % 4 == 2 ? n : 0;
		r->vm.lazy_bytes = n % 4 == 1 ? n * 4096 : 0;
		strcpy(r->vm.caller, n % 5 ? "load_module" : "");
	}
}

/* A fresh directory's name, a file in it, and its removal with the files in it. */
static inline void fixture_dir(char *path, size_t len)
{
	snprintf(path, len, "/tmp/kvas-unit-XXXXXX");
	if (!mkdtemp(path))
		abort();
}

static inline void fixture_write(const char *path, const char *name, const char *text)
{
	char file[512];
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", path, name);
	f = fopen(file, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
}

static inline void fixture_remove(const char *path)
{
	char file[512];
	struct dirent *d;
	DIR *dir = opendir(path);

	while (dir && (d = readdir(dir))) {
		snprintf(file, sizeof(file), "%s/%s", path, d->d_name);
		unlink(file);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

#endif
