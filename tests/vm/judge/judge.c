// SPDX-License-Identifier: GPL-2.0
/*
 * The judge: a QEMU TCG plugin that counts what the processor executes, whatever
 * the kernel or kvas think happened. It shares no code or rule with kvas.
 *
 * Every move to CR3 (0f 22 with CR3 in the ModRM's reg field, behind an optional
 * REX byte) is counted per site and CPU. With mem=on, every load and store of an
 * instruction in the upper half of the address space is counted by the region of
 * its address, between markers MEM_ON and MEM_OFF; as "percpu" when it has a gs prefix,
 * wherever that leads.
 *
 * When a guest program executes a marker, the plugin writes its counts, as one line of
 * JSON, with the marker's number.
 *
 * Arguments: out=FILE, mem=on, region=NAME:START-END (hexadecimal, END exclusive;
 * an address outside all is "other").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "plugin_api.h"

#define MAX_CPUS 16
#define MAX_SITES 256
#define MAX_REGIONS 32
#define MARKER_MEM_ON 0xfff0
#define MARKER_MEM_OFF 0xfff1

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_VERSION;

struct site {
	uint64_t vaddr;
	uint8_t before[16]; /* the bytes of the instruction before it in its block */
	size_t before_len;
	uint64_t count[MAX_CPUS];
};

struct region {
	char name[24];
	uint64_t start, end;
};

static struct site sites[MAX_SITES];
static size_t nr_sites;
static struct region regions[MAX_REGIONS + 2]; /* then "other" and "percpu" */
static size_t nr_regions;
static uint64_t accesses[2][MAX_REGIONS + 2]; /* [store][region] */
static int count_memory, memory_open;
static FILE *out;

static void fatal(const char *what)
{
	fprintf(stderr, "judge: %s\n", what);
	exit(99);
}

static void on_cr3(unsigned int cpu, void *udata)
{
	struct site *s = udata;

	if (cpu >= MAX_CPUS)
		fatal("more CPUs than it has room for");
	__atomic_fetch_add(&s->count[cpu], 1, __ATOMIC_RELAXED);
}

static void print_regions(const char *name, const uint64_t *count)
{
	fprintf(out, "\"%s\":{", name);
	for (size_t r = 0; r < nr_regions + 2; r++)
		fprintf(out, "%s\"%s\":%lu", r ? "," : "", regions[r].name, count[r]);
	fputc('}', out);
}

static void on_marker(unsigned int cpu, void *udata)
{
	unsigned int number = (unsigned int)(uintptr_t)udata;

	if (number == MARKER_MEM_ON)
		memory_open = 1;
	if (number == MARKER_MEM_OFF)
		memory_open = 0;
	fprintf(out, "{\"marker\":%u,\"cpu\":%u,\"sites\":[", number, cpu);
	for (size_t i = 0; i < nr_sites; i++) {
		const struct site *s = &sites[i];

		fprintf(out, "%s{\"va\":\"%lx\",\"before\":\"", i ? "," : "", s->vaddr);
		for (size_t b = 0; b < s->before_len; b++)
			fprintf(out, "%02x", s->before[b]);
		fprintf(out, "\",\"count\":[");
		for (int c = 0; c < MAX_CPUS; c++)
			fprintf(out, "%s%lu", c ? "," : "", s->count[c]);
		fprintf(out, "]}");
	}
	fputc(']', out);
	if (count_memory) {
		fputc(',', out);
		print_regions("load", accesses[0]);
		fputc(',', out);
		print_regions("store", accesses[1]);
	}
	fprintf(out, "}\n");
	fflush(out);
}

static void on_memory(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *udata)
{
	size_t r = udata ? nr_regions + 1 : 0; /* UDATA: not NULL with a gs prefix */

	(void)cpu;
	if (!memory_open)
		return;
	while (r < nr_regions && !(vaddr >= regions[r].start && vaddr < regions[r].end))
		r++;
	__atomic_fetch_add(&accesses[qemu_plugin_mem_is_store(info)][r], 1, __ATOMIC_RELAXED);
}

static int writes_cr3(const uint8_t *p, size_t len)
{
	if (len && (p[0] & 0xf0) == 0x40)
		p++, len--;
	return len == 3 && p[0] == 0x0f && p[1] == 0x22 && (p[2] >> 3 & 7) == 3;
}

static int has_gs(const uint8_t *p, size_t len)
{
	for (; len && strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3", *p) && *p; p++, len--)
		if (*p == 0x65)
			return 1;
	return 0;
}

/* A block may be translated again: the site stays the same one. */
static struct site *site_at(uint64_t vaddr, const struct qemu_plugin_insn *before)
{
	struct site *s;

	for (size_t i = 0; i < nr_sites; i++)
		if (sites[i].vaddr == vaddr)
			return &sites[i];
	if (nr_sites == MAX_SITES)
		fatal("more sites that write CR3 than it has room for");
	s = &sites[nr_sites++];
	s->vaddr = vaddr;
	if (before) {
		s->before_len = qemu_plugin_insn_size(before);
		memcpy(s->before, qemu_plugin_insn_data(before),
		       s->before_len < sizeof(s->before) ? s->before_len : sizeof(s->before));
	}
	return s;
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *p = qemu_plugin_insn_data(insn);
		size_t len = qemu_plugin_insn_size(insn);
		uint64_t vaddr = qemu_plugin_insn_vaddr(insn);

		if (writes_cr3(p, len))
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, on_cr3, QEMU_PLUGIN_CB_NO_REGS,
				site_at(vaddr, i ? qemu_plugin_tb_get_insn(tb, i - 1) : NULL));
		else if (is_marker(p, len))
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, on_marker, QEMU_PLUGIN_CB_NO_REGS,
				(void *)(uintptr_t)marker_number(p));
		if (count_memory && vaddr >> 63)
			qemu_plugin_register_vcpu_mem_cb(insn, on_memory, QEMU_PLUGIN_CB_NO_REGS,
							 QEMU_PLUGIN_MEM_RW,
							 has_gs(p, len) ? out : NULL);
	}
}

static void add_region(const char *spec)
{
	struct region *r = &regions[nr_regions];

	if (nr_regions == MAX_REGIONS ||
	    sscanf(spec, "%23[^:]:%lx-%lx", r->name, &r->start, &r->end) != 3)
		fatal("region= wants NAME:START-END, at most 32 of them");
	nr_regions++;
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
				      char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (!strcmp(argv[i], "mem=on"))
			count_memory = 1;
		else if (!strncmp(argv[i], "region=", 7))
			add_region(argv[i] + 7);
		else
			fatal("an argument that it does not know");
	}
	strcpy(regions[nr_regions].name, "other");
	strcpy(regions[nr_regions + 1].name, "percpu");
	if (!out)
		fatal("out= is missing, or cannot be written");
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
