// SPDX-License-Identifier: GPL-2.0
/*
 * What an operation costs, in instructions: a QEMU TCG plugin that counts what the one CPU
 * of a guest executes. At each marker it writes a line: the marker's number, then how many
 * instructions were executed so far by static programs (user addresses below 4 GiB), by
 * others, and by the kernel.
 *
 * With profile=on, it also counts by block of instructions between the markers PROFILE and
 * PROFILE_END, and writes then a line "profile ADDRESS COUNT" for each block that ran.
 *
 * Arguments: out=FILE, profile=on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "plugin_api.h"

#define MARKER_PROFILE 0xffe0
#define MARKER_PROFILE_END 0xffe1
#define MAX_BLOCKS (1 << 20) /* a power of two */

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_VERSION;

struct block {
	uint64_t vaddr; /* of its first instruction; 0: free */
	uint64_t count, before; /* instructions executed in it, and until the marker PROFILE */
};

enum who { STATIC, OTHERS, KERNEL, WHO_COUNT };

static uint64_t executed[WHO_COUNT];
static struct block *blocks; /* by address, open addressing; NULL without profile=on */
static FILE *out;

static void fatal(const char *what)
{
	fprintf(stderr, "cost: %s\n", what);
	exit(99);
}

static void profile_begin(void)
{
	for (size_t i = 0; i < MAX_BLOCKS; i++)
		blocks[i].before = blocks[i].count;
}

static void profile_end(void)
{
	for (size_t i = 0; i < MAX_BLOCKS; i++)
		if (blocks[i].count != blocks[i].before)
			fprintf(out, "profile %lx %lu\n", blocks[i].vaddr,
				blocks[i].count - blocks[i].before);
}

static void on_marker(unsigned int cpu, void *udata)
{
	unsigned int number = (unsigned int)(uintptr_t)udata;

	if (cpu)
		fatal("a second CPU: it counts for one (-smp 1)");
	if (blocks && number == MARKER_PROFILE)
		profile_begin();
	if (blocks && number == MARKER_PROFILE_END)
		profile_end();
	fprintf(out, "%u %lu %lu %lu\n", number, executed[STATIC], executed[OTHERS],
		executed[KERNEL]);
	fflush(out);
}

static enum who who_is_at(uint64_t vaddr)
{
	return vaddr >> 63 ? KERNEL : vaddr >> 32 ? OTHERS : STATIC;
}

static struct block *block_at(uint64_t vaddr)
{
	size_t i = vaddr * 0x9e3779b97f4a7c15u >> 44;

	for (size_t n = 0; n < MAX_BLOCKS; n++, i++) {
		struct block *b = &blocks[i & (MAX_BLOCKS - 1)];

		if (!b->vaddr)
			b->vaddr = vaddr;
		if (b->vaddr == vaddr)
			return b;
	}
	fatal("more blocks than it has room for");
	return NULL;
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct block *b = NULL;

	(void)id;
	if (blocks && n)
		b = block_at(qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0)));
	/* By instruction: one in the middle may fault and leave its block. */
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const uint8_t *p = qemu_plugin_insn_data(insn);

		qemu_plugin_register_vcpu_insn_exec_inline(
			insn, QEMU_PLUGIN_INLINE_ADD_U64,
			&executed[who_is_at(qemu_plugin_insn_vaddr(insn))], 1);
		if (b)
			qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
								   &b->count, 1);
		if (is_marker(p, qemu_plugin_insn_size(insn)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker,
							       QEMU_PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)marker_number(p));
	}
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
				      char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (!strcmp(argv[i], "profile=on"))
			blocks = calloc(MAX_BLOCKS, sizeof(*blocks));
		else
			fatal("an argument that it does not know");
	}
	if (!out)
		fatal("out= is missing, or cannot be written");
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
	return 0;
}
