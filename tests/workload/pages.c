/* SPDX-License-Identifier: GPL-2.0 */
/* Maps and touches pages of every kind a process has, prints "page ADDRESS" for each 4K
 * of them and "hole ADDRESS" for some that are not there, then waits until its input
 * ends. /proc/PID/pagemap is the other witness. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096L
#define PAGES 1009L
#define HUGE (2L << 20)

static char *map(long bytes, int protection)
{
	char *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	return p;
}

int main(void)
{
	char *small = map(PAGES * PAGE, PROT_READ | PROT_WRITE), *huge, c;

	madvise(small, PAGES * PAGE, MADV_NOHUGEPAGE);
	for (long i = 0; i < PAGES; i++) {
		small[i * PAGE] = 1;
		printf("page %lx\n", (unsigned long)(small + i * PAGE));
	}
	/* Some read-only, some given back again. */
	mprotect(small, 10 * PAGE, PROT_READ);
	madvise(small + 20 * PAGE, 10 * PAGE, MADV_DONTNEED);
	for (long i = 20; i < 30; i++)
		printf("hole %lx\n", (unsigned long)(small + i * PAGE));
	huge = map(3 * HUGE, PROT_READ | PROT_WRITE);
	huge = (char *)(((unsigned long)huge + HUGE - 1) & ~(HUGE - 1));
	madvise(huge, 2 * HUGE, MADV_HUGEPAGE);
	memset(huge, 1, 2 * HUGE);
	for (long i = 0; i < 2 * HUGE; i += 64 * PAGE)
		printf("huge %lx\n", (unsigned long)(huge + i));
	printf("ready %d\n", getpid());
	fflush(stdout);
	return read(0, &c, 1) != 0;
}
