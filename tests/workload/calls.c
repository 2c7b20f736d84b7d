/* SPDX-License-Identifier: GPL-2.0 */
/* Makes N system calls and as few others as a program can: two runs with
 * different N differ by exactly that. Usage: calls N [32]
 * With 32 they are a 32-bit program's, by int 0x80; a kernel without them kills it. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GETPPID_32 64 /* arch/x86/entry/syscalls/syscall_32.tbl */

static void call_32(void)
{
	long nr = GETPPID_32;

	__asm__ volatile("int $0x80" : "+a"(nr)::"r8", "r9", "r10", "r11", "memory");
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 0;

	while (n-- > 0)
		if (argc > 2)
			call_32();
		else
			syscall(SYS_getppid);
	return 0;
}
