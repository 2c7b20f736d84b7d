/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of /proc/vmallocinfo as kernels print them, what areas hold, and gaps between them. */
#include "test.h"
#include "kernel/vmaps.h"

struct line {
	const char *text;
	struct vmap_row want;
};

/* From 5.10, 6.1, 6.18 and 7.2 (mm/vmalloc.c, s_show()). */
static const struct line lines[] = {
	{ "0xffffc90000000000-0xffffc90000005000   20480 irq_init_percpu_irqstack+0xca/0x100 vmap\n",
	  { .start = 0xffffc90000000000, .bytes = 20480, .type = KVAS_AREA_VMAP,
	    .caller = "irq_init_percpu_irqstack" } },
	{ "0xffffc90000005000-0xffffc90000007000    8192 acpi_os_map_iomem+0x1bc/0x1e0 "
	  "phys=0x00000000000a0000 ioremap\n",
	  { .start = 0xffffc90000005000, .bytes = 8192, .phys = 0xa0000, .type = KVAS_AREA_IOREMAP,
	    .caller = "acpi_os_map_iomem" } },
	{ "0xffffc90000010000-0xffffc90000015000   20480 dup_task_struct+0x5f/0x1b0 pages=4 vmalloc N0=4\n",
	  { .start = 0xffffc90000010000, .bytes = 20480, .pages = 4, .type = KVAS_AREA_STACK,
	    .caller = "dup_task_struct" } },
	{ "0xffffc90000020000-0xffffc90000421000 4198400 bpf_map_area_alloc+0x3b/0xa0 pages=1024 vmalloc user "
	  "vpages N0=1024\n",
	  { .start = 0xffffc90000020000, .bytes = 4198400, .pages = 1024, .type = KVAS_AREA_BPF,
	    .caller = "bpf_map_area_alloc" } },
	{ "0xffffe8ffffc00000-0xffffe8ffffe00000 2097152 pcpu_get_vm_areas+0x0/0x1050 vmalloc\n",
	  { .start = 0xffffe8ffffc00000, .bytes = 2097152, .type = KVAS_AREA_PERCPU,
	    .caller = "pcpu_get_vm_areas" } },
	{ "0xffffffffc0201000-0xffffffffc0203000    8192 move_module+0x2a/0x180 pages=1 vmalloc N0=1\n",
	  { .start = 0xffffffffc0201000, .bytes = 8192, .pages = 1, .type = KVAS_AREA_MODULE,
	    .caller = "move_module" } },
	{ "0xffffc90000500000-0xffffc90000580000  524288 vm_map_ram\n",
	  { .start = 0xffffc90000500000, .bytes = 524288, .type = KVAS_AREA_RAM } },
	{ "0xffffc90000600000-0xffffc90000605000   20480 unpurged vm_area\n",
	  { .start = 0xffffc90000600000, .bytes = 20480, .type = KVAS_AREA_FREED } },
	/* Hidden: hashes. */
	{ "0x000000000f2cbb0e-0x0000000037aa5313   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4\n",
	  { .bytes = 20480, .pages = 4, .type = KVAS_AREA_STACK, .caller = "kernel_clone" } },
	{ "0x0000000000000000-0x0000000000000000   12288 n_tty_open+0x14/0xa0 pages=2 vmalloc N0=2\n",
	  { .bytes = 12288, .pages = 2, .type = KVAS_AREA_VMALLOC, .caller = "n_tty_open" } },
};

TEST(lines_of_kernels)
{
	struct vmap_row got;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_true(vmaps_parse(lines[i].text, &got));
		assert_string_equal(got.caller, lines[i].want.caller);
		assert_memory_equal(&got, &lines[i].want, sizeof(got));
	}
}

TEST(what_is_no_line)
{
	struct vmap_row got;

	assert_false(vmaps_parse("", &got));
	assert_false(vmaps_parse("0xffffc90000000000-0xffffc90000005000", &got));
	assert_false(vmaps_parse("ffffc90000000000-ffffc90000005000 20480 x+0x1/0x2 vmalloc", &got));
	/* A name of any length and any bytes is cut, not followed. */
	assert_true(vmaps_parse("0xffffc90000000000-0xffffc90000005000 20480 "
				"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+0x1/0x2 vmalloc",
				&got));
	assert_int_equal(strlen(got.caller), KVAS_FUNCTION_LEN - 1);
}

TEST(gaps_are_between_areas_in_use)
{
	struct vmap_row row[] = {
		{ .start = 0x1000, .bytes = 0x1000, .type = KVAS_AREA_VMALLOC }, /* before the range */
		{ .start = 0x10000, .bytes = 0x2000, .type = KVAS_AREA_VMALLOC },
		{ .start = 0x14000, .bytes = 0x8000, .type = KVAS_AREA_FREED },
		{ .start = 0x20000, .bytes = 0x1000, .type = KVAS_AREA_STACK },
		{ .start = 0x20800, .bytes = 0x100, .type = KVAS_AREA_STACK }, /* within another */
	};
	struct vmaps v = { .row = row, .nr = 5, .addresses = true };
	__u64 at;

	assert_int_equal(vmaps_gap(&v, 0x10000, 0x24000, &at), 0xe000);
	assert_int_equal(at, 0x12000);
	assert_int_equal(vmaps_gap(&v, 0x10000, 0x100000, &at), 0x100000 - 0x21000);
	assert_int_equal(at, 0x21000);
	assert_int_equal(vmaps_gap(&v, 0x8000, 0x10000, &at), 0x8000);
	v.addresses = false;
	assert_int_equal(vmaps_gap(&v, 0x10000, 0x24000, &at), 0);
}

TESTS_RUN(NULL, NULL)
