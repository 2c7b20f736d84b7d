/* SPDX-License-Identifier: GPL-2.0 */
/* Makes N system calls and as few others as a program can: two runs with
 * different N differ by exactly that. Usage: calls N */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 0;

	while (n-- > 0)
		syscall(SYS_getppid);
	return 0;
}
