/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/interrupts, made up as the kernel writes it, and as it does not. */
#include <fcntl.h>
#include <unistd.h>

#include "test.h"
#include "kernel/interrupts.h"

static char file[] = "/tmp/kvas-test-interrupts-XXXXXX";
static struct interrupt_row row[INTERRUPTS_MAX], before[INTERRUPTS_MAX];

static int make_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static void write_file(const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static const char two_cpus[] = "           CPU0       CPU1\n"
			       "  0:         12          0   IO-APIC   2-edge      timer\n"
			       " 24:          3         40   PCI-MSI 65537-edge      virtio0-input.0\n"
			       "NMI:          0          0   Non-maskable interrupts\n"
			       "LOC:       1000       2000   Local timer interrupts\n"
			       "HVS:          0          7   Hyper-V stimer0 interrupts\n"
			       "PIN:          0          0   Posted-interrupt notification event\n"
			       "HYP:          5          0   Hypervisor callback interrupts\n"
			       "ERR:          1\n"
			       "MIS:          0\n";

TEST(rows_of_two_cpus)
{
	write_file(two_cpus);
	assert_int_equal(interrupts_read(file, row), 9);
	assert_string_equal(row[0].name, "0");
	assert_int_equal(row[0].count, 12);
	assert_string_equal(row[1].what, "PCI-MSI 65537-edge      virtio0-input.0");
	assert_int_equal(row[1].count, 43);
	assert_int_equal(row[3].count, 3000);
	assert_int_equal(row[7].count, 1);
	assert_string_equal(row[7].what, "");
	assert_int_equal(interrupts_read("/nowhere", row), -1);
}

TEST(the_most_since)
{
	int nr = interrupts_read(file, before), now;

	write_file(" 24:          3         41   PCI-MSI 65537-edge      virtio0-input.0\n"
		   "LOC:       1100       2300   Local timer interrupts\n"
		   "NEW:          9          1   new here\n"
		   "ERR:          0\n");
	now = interrupts_read(file, row);
	assert_int_equal(now, 4);
	interrupts_since(row, now, before, nr);
	assert_string_equal(row[0].name, "LOC");
	assert_int_equal(row[0].count, 400);
	assert_int_equal(row[1].count, 10);
	assert_int_equal(row[2].count, 1);
	assert_int_equal(row[3].count, 0); /* less than before is no interrupt */
}

TEST(vectors_without_a_tracepoint)
{
	char why[80];

	write_file(two_cpus);
	interrupts_untraced(file, why, sizeof(why));
	assert_string_equal(why, "HVS, HYP of /proc/interrupts have no tracepoint");
	write_file("LOC: 1 2 Local timer interrupts\nPIW: 0 0 Posted\n");
	interrupts_untraced(file, why, sizeof(why));
	assert_string_equal(why, "");
	interrupts_untraced("/nowhere", why, sizeof(why));
	assert_string_equal(why, "");
}

TEST(what_is_no_row)
{
	write_file(":\nname of more than fifteen bytes: 1\nA: b\n\nB 1 2\nC: 99999999999999999999999 1\nD:1");
	assert_int_equal(interrupts_read(file, row), 1);
	assert_string_equal(row[0].name, "C");
}

TESTS_RUN(make_file, remove_file)
