/* SPDX-License-Identifier: GPL-2.0 */
#include "kernel/host.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "kernel/confidential.h"
#include "kernel/ksyms.h"
#include "kernel/limits.h"
#include "kernel/proc.h"
#include "pgtable/paging.h"

static __u64 read_symbol(struct reader *r, __u64 addr)
{
	__u64 value = 0;

	if (!addr || reader_read(r, addr, &value, sizeof(value)))
		return 0;
	return value;
}

/* The kernel's entry code can change tables only if the user table maps it: the IDT, at the
 * start of the cpu_entry_area, is there for any processor that delivers an event on that
 * table (pti_clone_user_shared, 4.15 to 7.2). */
static enum answer kpti_by_hypervisor(struct reader *r, const struct host_info *h, __u64 pgd)
{
	const struct layout *l = &h->layout;
	const struct paging *p;
	struct walk w;

	if (h->kpti == ANSWER_NO)
		return ANSWER_NO;
	if (h->kpti == ANSWER_UNKNOWN || !pgd || !l->page_offset || !l->levels)
		return ANSWER_UNKNOWN;
	p = paging_of(l->levels);
	if (walk_steady(reader_read, r, pgd + X86_TABLE_BYTES, p, l->page_offset,
			p->fixed[KVAS_REGION_CPU_ENTRY_AREA].start, &w) != WALK_DONE)
		return ANSWER_UNKNOWN;
	return w.leaf_level ? ANSWER_NO : ANSWER_YES;
}

static void read_layout(struct reader *r, struct host_info *h, struct layout_proof *proof)
{
	struct ksym syms[] = { { "_text", 0 },
			       { "page_offset_base", 0 },
			       { "vmalloc_base", 0 },
			       { "vmemmap_base", 0 },
			       { "cpu_tlbstate", 0 },
			       { "__per_cpu_offset", 0 },
			       { "init_top_pgt", 0 },
			       { "kernel_randomize_memory", 0 },
			       { "nr_vmap_nodes", 0 },
			       { "vmap_nodes", 0 } };
	size_t nr = sizeof(syms) / sizeof(syms[0]);
	struct reader_self self;
	struct layout_input in = { 0 };
	enum answer la57 = cpuinfo_flag(CPUINFO, "la57");

	if (reader_self(r, &self)) {
		snprintf(h->layout_how, sizeof(h->layout_how), "the kernel reader does not run here");
		return;
	}
	/* Who looks for a name that is not there looks at all. */
	if (!self.vmap_node_size)
		syms[--nr - 1].name = "vmap_area_list";
	ksyms_find(KALLSYMS, syms, nr);
	h->tlbstate = syms[4].addr;
	h->percpu_offsets = syms[5].addr;
	h->kernel_table = syms[6].addr;
	h->vmap_lists = self.vmap_node_size ? (struct vmap_lists){ .nr_nodes = syms[8].addr, .nodes = syms[9].addr } :
					      (struct vmap_lists){ .area_list = syms[8].addr };
	h->thread_size = self.thread_size;
	in.pgd = self.pgd;
	in.mm = self.mm;
	in.stack = self.stack;
	in.max_phys = iomem_end(IOMEM);
	in.levels = la57 == ANSWER_YES ? 5 : la57 == ANSWER_NO ? 4 : 0;
	in.text = syms[0].addr;
	/* arch/x86/mm/kaslr.c is compiled with CONFIG_RANDOMIZE_MEMORY, which depends on
	 * CONFIG_RANDOMIZE_BASE (4.8 to 7.2). There are kernels with the latter alone. */
	if (syms[7].addr)
		in.randomize_base = ANSWER_YES;
	in.sym_page_offset = read_symbol(r, syms[1].addr);
	in.sym_vmalloc = read_symbol(r, syms[2].addr);
	in.sym_vmemmap = read_symbol(r, syms[3].addr);
	in.page_struct_size = self.page_size;
	in.pt_mm_offset = self.pt_mm_offset;
	in.pt_mm_known = self.pt_mm_known;
	layout_solve(&in, reader_read, r, &h->layout, proof, h->layout_how,
		     sizeof(h->layout_how));
	h->kpti_by_hypervisor = kpti_by_hypervisor(r, h, self.pgd);
}

/* Either base moved proves KASLR; both in place is how a kernel without it looks. */
static enum answer kaslr(const struct layout *l)
{
	const struct paging *p = paging_of(l->levels == 5 ? 5 : 4);

	if ((l->text_base && l->text_base != p->text) ||
	    (l->page_offset && l->page_offset != p->direct_map.start))
		return ANSWER_YES;
	return l->text_base && l->page_offset ? ANSWER_NO : ANSWER_UNKNOWN;
}

void host_learn(struct host_info *out, struct reader *r, struct layout_proof *proof)
{
	struct utsname u;

	memset(out, 0, sizeof(*out));
	memset(proof, 0, sizeof(*proof));
	confidential_learn();
	if (!uname(&u)) {
		snprintf(out->kernel, sizeof(out->kernel), "%.64s", u.release);
		snprintf(out->arch, sizeof(out->arch), "%.64s", u.machine);
	}
	out->cpus = libbpf_num_possible_cpus();
	out->cpus_online = limits_online(out->cpus);
	out->pcid = cpuinfo_flag(CPUINFO, "pcid");
	/* sysfs vulnerabilities/meltdown says "Not affected" even under pti=on. */
	out->kpti = cpuinfo_flag(CPUINFO, "pti");
	snprintf(out->kpti_how, sizeof(out->kpti_how), "%s",
		 out->kpti == ANSWER_YES ? "/proc/cpuinfo has the flag pti" :
		 out->kpti == ANSWER_NO  ? "/proc/cpuinfo has no flag pti" :
					"/proc/cpuinfo cannot be read");
	read_layout(r, out, proof);
	out->kaslr = kaslr(&out->layout);
	out->slots = out->tlbstate && out->percpu_offsets ? ANSWER_YES : ANSWER_NO;
}

int host_read(struct host_info *out, struct err *e)
{
	struct layout_proof proof;
	struct reader *r;

	if (reader_create(&r, e))
		return -1;
	host_learn(out, r, &proof);
	reader_destroy(r);
	return 0;
}
